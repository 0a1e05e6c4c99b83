import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RECIPE_MUTANTS } from '../../dist/recipes/mutants/recipe-mutants.js'
import { runRecipeMutant } from '../../dist/recipes/mutants/run-recipe-mutants.js'
import { runRecipeSeed } from '../../dist/recipes/run-recipes.js'

const SEEDS = 10

test(`recipes keep their promises in seeds 1 to ${SEEDS}, and do not idle`, async () => {
  let holds = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violations, journal } = await runRecipeSeed(seed)
    assert.deepEqual(violations, [], `seed ${seed}`)
    holds += journal.holds.length
  }
  assert.ok(holds > 30 * SEEDS, `${holds} holdings`)
})

test('the same seed is the same run', async () => {
  const { trace } = await runRecipeSeed(3)
  assert.equal((await runRecipeSeed(3)).trace, trace)
  assert.notEqual((await runRecipeSeed(4)).trace, trace)
})

/** Those that a seed or two notice; `npm run sim -- --recipes --mutants` runs all. */
const QUICK = ['held until told otherwise', 'herd', 'lost update', 'readers pass writers', 'xids without end']

for (const mutant of RECIPE_MUTANTS.filter(({ name }) => QUICK.includes(name))) {
  test(`noticed: ${mutant.flaw}`, async () => {
    assert.notEqual((await runRecipeMutant(mutant, 20)).seed, null)
  })
}

test('servers die with their last words: who holds something does not go by them', async () => {
  const mutant = RECIPE_MUTANTS.find(({ name }) => name === 'sure by the last answer')
  assert.ok(mutant)
  const { workloads, faults } = mutant
  const found = await runRecipeMutant(mutant, 100)
  assert.deepEqual(found.checkers, ['exclusion'], 'who does is noticed')
  assert.deepEqual((await runRecipeSeed(found.seed ?? 0, { workloads, faults })).violations, [])
})
