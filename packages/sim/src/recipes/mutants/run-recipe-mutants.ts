import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Noticed } from './mutant-process.ts'
import type { RecipeMutant } from './recipe-mutant.ts'
import { RECIPE_MUTANTS } from './recipe-mutants.ts'

const SCRIPT = fileURLToPath(new URL('./mutant-process.js', import.meta.url))

/** Runs seeds from `from` on with a mutant until one notices. */
export async function runRecipeMutant({ name }: RecipeMutant, mostSeeds: number, from = 1): Promise<Noticed> {
  const child = fork(SCRIPT, [name, String(mostSeeds), String(from)])
  let noticed: Noticed | null = null
  child.on('message', (message) => {
    noticed = message as Noticed
  })
  const [code] = await once(child, 'exit')
  if (noticed === null) throw new Error(`the process of the mutant "${name}" ended with ${code}`)
  return noticed
}

/** Runs all, and says which seed has noticed each. True if all were noticed. */
export async function runRecipeMutants(mostSeeds: number, print: (line: string) => void): Promise<boolean> {
  let missed = 0
  for (const mutant of RECIPE_MUTANTS) {
    const { seed, checkers } = await runRecipeMutant(mutant, mostSeeds)
    if (seed === null) missed++
    const outcome =
      seed === null ? `not noticed in ${mostSeeds} seeds` : `noticed by seed ${seed} (${checkers.join(', ')})`
    print(`${mutant.name} (${mutant.was}): ${mutant.flaw}: ${outcome}`)
  }
  print(missed === 0 ? `All ${RECIPE_MUTANTS.length} were noticed.` : `${missed} of ${RECIPE_MUTANTS.length} were not.`)
  return missed === 0
}
