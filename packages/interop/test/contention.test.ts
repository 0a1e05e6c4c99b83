import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contendUnderFaults, disorder } from '../dist/recipes/contention.js'
import { VIVARIUM } from '../dist/server-process.js'
import { SEED, Suite } from '../dist/suite.js'

const suite = new Suite('contention')
/** For how long connections are cut, and processes are killed and stand still: with each layout. */
const SECONDS = Number(process.env.VIVARIUM_INTEROP_CONTENTION_SECONDS ?? 15)

for (const layout of ['curator', 'kazoo'] as const) {
  test(`ours and those of ${layout} contend while processes are killed and stand still`, (context) =>
    suite.withPeers(context, async () => {
      const checks = await contendUnderFaults(VIVARIUM, layout, SECONDS, SEED)
      suite.report(checks.passed.length, checks.failed)
    }))
}

test('an entry by an older token than one that it excludes is noticed', () => {
  const [old, young] = [
    { who: 'a', kind: 'write', token: 1 },
    { who: 'b', kind: 'write', token: 2 },
  ] as const
  assert.equal(disorder([old, old, young]), null)
  assert.notEqual(disorder([old, young, old]), null)
  const read = { who: 'b', kind: 'read', token: 2 } as const
  assert.notEqual(disorder([read, old]), null)
  assert.equal(disorder([read, { ...read, token: 1 }]), null)
})
