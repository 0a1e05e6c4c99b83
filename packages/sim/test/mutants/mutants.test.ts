import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ENSEMBLE_MUTANTS } from '../../dist/mutants/ensemble-mutants.js'
import { MUTANTS } from '../../dist/mutants/mutants.js'
import { runMutant } from '../../dist/mutants/run-mutants.js'

/** Those of ensembles that few seeds notice; `npm run sim -- --mutants --ensembles` runs all. */
const QUICK = [
  'follower acknowledges early',
  'no quorum for commits',
  'no truncation',
  'largest id leads',
  'commits out of order',
  'touches not passed on',
  'sessions revived',
  'syncs answered at once',
]

for (const mutant of [...MUTANTS, ...ENSEMBLE_MUTANTS.filter(({ name }) => QUICK.includes(name))]) {
  test(`noticed: ${mutant.flaw}`, async () => {
    const { noticed } = await runMutant(mutant, 40)
    assert.ok(noticed !== null)
  })
}
