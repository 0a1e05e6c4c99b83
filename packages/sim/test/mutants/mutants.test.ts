import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MUTANTS } from '../../dist/mutants/mutants.js'
import { runMutant } from '../../dist/mutants/run-mutants.js'

for (const mutant of MUTANTS) {
  test(`noticed: ${mutant.flaw}`, async () => {
    const { noticed } = await runMutant(mutant, 40)
    assert.ok(noticed !== null)
  })
}
