import { test } from 'node:test'
import { checkDurability } from '../dist/durability/durability.js'
import { VIVARIUM } from '../dist/server-process.js'
import { SEED, Suite } from '../dist/suite.js'

const suite = new Suite('durability')

for (const [name, config] of [
  ['log only', {}],
  ['with snapshots', { snapCount: '1000' }],
] as const) {
  test(`what was acknowledged outlives kill -9, ${name}`, async () => {
    const report = await checkDurability(VIVARIUM, { seed: SEED, kills: 8, writers: 4, config })
    suite.report(report.acknowledged + report.refused, report.complaints)
  })
}
