import { ALL_FAULTS } from '../faults/index.ts'
import type { Kind } from '../run/run-many.ts'
import { runSeed, type SeedResult } from '../run/run-seed.ts'
import { ENSEMBLE_MUTANTS } from './ensemble-mutants.ts'
import { HISTORY_MUTANTS } from './history-mutants.ts'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'
import { SURROUNDINGS_MUTANTS } from './surroundings-mutants.ts'

export interface MutantResult {
  readonly mutant: Mutant
  /** How many seeds it took; null if none of those tried has noticed. */
  readonly seeds: number | null
  readonly noticed: SeedResult | null
}

/** Runs seeds from 1 on with a mutant until one notices. */
export async function runMutant(mutant: Mutant, mostSeeds: number): Promise<MutantResult> {
  const restore = mutant.patch?.()
  try {
    for (let seed = 1; seed <= mostSeeds; seed++) {
      const { mutation, ensemble, faults, size } = mutant
      const result = await runSeed(seed, {
        ensemble,
        ...(size === undefined ? {} : { size }),
        ...(mutation === undefined ? {} : { mutation }),
        ...(faults === undefined ? {} : { faults: ALL_FAULTS.filter(({ name }) => faults.includes(name)) }),
      })
      if (result.violations.length > 0) return { mutant, seeds: seed, noticed: result }
    }
    return { mutant, seeds: null, noticed: null }
  } finally {
    restore?.()
  }
}

export const ALL_MUTANTS: readonly Mutant[] = [
  ...MUTANTS,
  ...SURROUNDINGS_MUTANTS,
  ...ENSEMBLE_MUTANTS,
  ...HISTORY_MUTANTS,
]

/**
 * Runs mutants, and says how many seeds each took. True if all were noticed.
 *
 * @param kind of ensembles, of servers that stand alone, or all
 */
export async function runMutants(mostSeeds: number, kind: Kind, print: (line: string) => void): Promise<boolean> {
  const mutants = ALL_MUTANTS.filter(({ ensemble }) => kind.ensemble === undefined || ensemble === kind.ensemble)
  let missed = 0
  for (const mutant of mutants) {
    const { seeds, noticed } = await runMutant(mutant, mostSeeds)
    if (seeds === null) missed++
    const by = [...new Set(noticed?.violations.map(({ checker }) => checker))].join(', ')
    const outcome = seeds === null ? `not noticed in ${mostSeeds} seeds` : `noticed by seed ${seeds} (${by})`
    print(`${mutant.name}: ${mutant.flaw}: ${outcome}`)
  }
  print(missed === 0 ? `All ${mutants.length} mutants were noticed.` : `${missed} of ${mutants.length} were not.`)
  return missed === 0
}
