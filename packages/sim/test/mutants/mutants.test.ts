import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALL_FAULTS } from '../../dist/faults/index.js'
import { MUTANTS } from '../../dist/mutants/mutants.js'
import { ALL_MUTANTS, runMutant } from '../../dist/mutants/run-mutants.js'

/** Those that many seeds notice, besides the plain ones of a server that stands alone; `npm run sim -- --mutants` runs all. */
const QUICK = [
  'full disk ignored',
  'sessions by the wall clock',
  'sessions end with a stop',
  'events lost where they meet resistance',
  'snapshots of another kind not seen',
  'follower acknowledges early',
  'no quorum for commits',
  'no truncation',
  'largest id leads',
  'commits out of order',
  'touches not passed on',
  'sessions revived',
  'syncs answered at once',
  'oracle not asked',
  'farewells taken from anybody',
  'ends of sessions without their znodes',
  'first address only',
  'writes taken while cut off',
  'clients ahead welcomed',
  'tail forgotten',
  'one transaction too many',
]

for (const mutant of [...MUTANTS, ...ALL_MUTANTS.filter(({ name }) => QUICK.includes(name))]) {
  test(`noticed: ${mutant.flaw}`, async () => {
    const { noticed } = await runMutant(mutant, 40)
    assert.ok(noticed !== null)
  })
}

test('each kind of fault is there to bring some mutant to light', () => {
  const used = new Set(ALL_MUTANTS.flatMap(({ faults }) => faults ?? []))
  assert.deepEqual(
    ALL_FAULTS.map(({ name }) => name).filter((name) => !used.has(name)),
    [],
  )
  const names = ALL_MUTANTS.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
})
