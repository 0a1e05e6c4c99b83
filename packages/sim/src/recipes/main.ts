import { runRecipeMutants } from './mutants/run-recipe-mutants.ts'
import { type RecipeResult, runRecipeSeed } from './run-recipes.ts'

export interface RecipeArguments {
  readonly seed?: number | undefined
  readonly seeds?: number | undefined
  readonly from: number
  readonly verbose: boolean
  readonly mutants: boolean
}

/** `npm run sim -- --recipes …`: the client and its recipes. Returns the exit code. */
export async function simulateRecipes({ seed, seeds, from, verbose, mutants }: RecipeArguments): Promise<number> {
  if (mutants) return (await runRecipeMutants(seeds ?? 200, console.log)) ? 0 : 1
  if (seeds !== undefined) return await many(from, seeds)
  const result = await runRecipeSeed(seed ?? from, { keepTrace: true })
  for (const { ms, kind, text } of result.lines) {
    if (verbose || kind === 'fault' || kind === 'client' || kind === 'verdict' || kind === 'server')
      console.log(`${ms.toFixed(2).padStart(10)} ms  ${kind.padEnd(7)}  ${text}`)
  }
  tell(result)
  console.log(`trace ${result.trace}`)
  return result.violations.length === 0 ? 0 : 1
}

async function many(from: number, count: number): Promise<number> {
  const startedMs = performance.now()
  const failed: number[] = []
  let holds = 0
  let events = 0
  for (let seed = from; seed < from + count; seed++) {
    const result = await runRecipeSeed(seed)
    holds += result.journal.holds.length
    events += result.events
    if (result.violations.length === 0) continue
    failed.push(seed)
    tell(result)
  }
  const minutes = (performance.now() - startedMs) / 60_000
  console.log(
    `${count} seeds, ${holds} holdings, ${events} events: ${Math.round(count / minutes)} seeds a minute. ` +
      (failed.length === 0 ? 'No promise was broken.' : `Broken by seeds ${failed.join(', ')}.`),
  )
  return failed.length === 0 ? 0 : 1
}

function tell({ seed, title, violations, journal, events, ms }: RecipeResult): void {
  console.log(`Seed ${seed} (${title}): ${journal.holds.length} holdings, ${events} events, ${Math.round(ms / 1000)} s`)
  for (const { checker, text } of violations) console.log(`  ${checker}: ${text.slice(0, 600)}`)
  if (violations.length > 0) console.log(`  To see it: npm run sim -- --recipes --seed ${seed}`)
}
