import { runSeed, type SeedResult } from '../run/run-seed.ts'
import type { Mutant } from './mutant.ts'
import { MUTANTS } from './mutants.ts'

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
      const { mutation, ensemble } = mutant
      const result = await runSeed(seed, mutation === undefined ? { ensemble } : { mutation, ensemble })
      if (result.violations.length > 0) return { mutant, seeds: seed, noticed: result }
    }
    return { mutant, seeds: null, noticed: null }
  } finally {
    restore?.()
  }
}

/** Runs all mutants, and says how many seeds each took. True if all were noticed. */
export async function runMutants(mostSeeds: number, print: (line: string) => void): Promise<boolean> {
  let missed = 0
  for (const mutant of MUTANTS) {
    const { seeds, noticed } = await runMutant(mutant, mostSeeds)
    if (seeds === null) missed++
    const by = [...new Set(noticed?.violations.map(({ checker }) => checker))].join(', ')
    const outcome = seeds === null ? `not noticed in ${mostSeeds} seeds` : `noticed by seed ${seeds} (${by})`
    print(`${mutant.name}: ${mutant.flaw}: ${outcome}`)
  }
  print(missed === 0 ? `All ${MUTANTS.length} mutants were noticed.` : `${missed} of ${MUTANTS.length} were not.`)
  return missed === 0
}
