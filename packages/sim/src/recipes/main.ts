import type { SeedReport } from '../run/run-many.ts'
import { type RecipeResult, runRecipeSeed } from './run-recipes.ts'

const TOLD = ['fault', 'client', 'verdict', 'server']

/** Tells the story of one run. True if no promise was broken. */
export async function tellRecipeSeed(seed: number, verbose: boolean, print: (line: string) => void): Promise<boolean> {
  const result = await runRecipeSeed(seed, { keepTrace: true })
  for (const { ms, kind, text } of result.lines) {
    if (verbose || TOLD.includes(kind)) print(`${ms.toFixed(2).padStart(10)} ms  ${kind.padEnd(7)}  ${text}`)
  }
  print(tell(result))
  print(`trace ${result.trace}`)
  return result.violations.length === 0
}

export async function reportRecipeSeed(seed: number): Promise<SeedReport> {
  const result = await runRecipeSeed(seed)
  const { trace, journal, events, violations } = result
  const requests = journal.holds.length
  return { seed, trace, requests, events, violations: violations.length === 0 ? null : tell(result) }
}

function tell({ seed, title, violations, journal, events, ms }: RecipeResult): string {
  const lines = [
    `Seed ${seed} (${title}): ${journal.holds.length} holdings, ${events} events, ${Math.round(ms / 1000)} s`,
  ]
  for (const { checker, text } of violations) lines.push(`  ${checker}: ${text.slice(0, 600)}`)
  if (violations.length > 0) lines.push(`  To see it: npm run sim -- --recipes --seed ${seed}`)
  return lines.join('\n')
}
