import { register } from 'node:module'
import { RECIPE_MUTANTS } from './recipe-mutants.ts'

/** What the process says of the seeds that it has run. */
export interface Noticed {
  /** Null if none of them has noticed. */
  readonly seed: number | null
  readonly checkers: readonly string[]
}

/** A process of its own for one mutant (its name, how many seeds, and the first of them): the client is loaded once, and changed then. */
const mutant = RECIPE_MUTANTS.find(({ name }) => name === process.argv[2])
if (mutant === undefined) throw new Error(`there is no mutant ${process.argv[2]}`)
register('./mutation-hooks.js', import.meta.url, { data: mutant.edits })
const { runRecipeSeed } = await import('../run-recipes.ts')
const { workloads, faults, isPatient } = mutant
const [count, from] = process.argv.slice(3).map(Number) as [number, number]
let noticed: Noticed = { seed: null, checkers: [] }
for (let seed = from; seed < from + count && noticed.seed === null; seed++) {
  const { violations } = await runRecipeSeed(seed, { workloads, faults, isPatient })
  if (violations.length > 0) noticed = { seed, checkers: [...new Set(violations.map(({ checker }) => checker))] }
}
process.send?.(noticed)
process.disconnect?.()
