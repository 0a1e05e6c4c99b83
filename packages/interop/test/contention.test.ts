import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contendUnderFaults } from '../dist/recipes/contention.js'
import { disorder, turns } from '../dist/recipes/contention-log.js'
import { VIVARIUM } from '../dist/server-process.js'
import { SEED, Suite } from '../dist/suite.js'

const suite = new Suite('contention')
/** For how long connections are cut, and processes are killed and stand still: with each layout. */
const SECONDS = Number(process.env.VIVARIUM_INTEROP_CONTENTION_SECONDS ?? 15)

for (const layout of ['curator', 'kazoo'] as const) {
  test(`ours and those of ${layout} contend while processes are killed and stand still`, (context) =>
    suite.withPeers(context, async () => {
      const checks = await contendUnderFaults(VIVARIUM, layout, SECONDS, SEED)
      for (const line of checks.passed) context.diagnostic(line)
      suite.report(checks.passed.length, checks.failed)
    }))
}

test('an entry by an older token than one that it excludes is noticed', () => {
  const [old, young] = [
    { who: 'a', kind: 'write', token: 1, atMs: 0 },
    { who: 'b', kind: 'write', token: 2, atMs: 0 },
  ] as const
  assert.equal(disorder([old, old, young]), null)
  assert.notEqual(disorder([old, young, old]), null)
  assert.notEqual(disorder([young, { ...young, token: 3 }, { ...old, kind: 'read' }]), null)
  const read = { ...young, kind: 'read' } as const
  assert.notEqual(disorder([read, old]), null)
  assert.equal(disorder([read, { ...read, token: 1 }]), null)
})

test('turns are counted, with the longest time without one', () => {
  const turn = (who: string, atMs: number) => ({ who, kind: 'write', token: 1, atMs }) as const
  const log = [turn('b', 100), turn('a', 1000), turn('a', 3500), turn('a', 4000)]
  assert.equal(turns(log), 'a 3 (2.5 s), b 1 (0.0 s); nobody for 2.5 s')
})
