import type { TraceKind } from '../world/trace.ts'
import type { SeedResult } from './run-seed.ts'

const CLOSE_UP: ReadonlySet<TraceKind> = new Set(['network', 'disk', 'log'])
const MOST_WIDTH = 400

/** A run for people: what happened, what each client saw, and the verdict. */
export function tellStory({ seed, lines, violations, history, trace, events }: SeedResult, verbose: boolean): string {
  const told = lines
    .filter(({ kind }) => verbose || !CLOSE_UP.has(kind))
    .map(({ ms, kind, text }) => `${ms.toFixed(2).padStart(10)} ms  ${kind.padEnd(7)}  ${shorten(text, verbose)}`)
  const answered = history.operations.filter(({ answer }) => answer !== null).length
  return [
    `Seed ${seed}: ${history.faults.join(', ') || 'no fault'}`,
    ...told,
    '',
    `${history.operations.length} requests, ${answered} answered; ${history.transactions.length} transactions; ` +
      `${history.sessions.length} sessions; ${events} events in ${(history.endMs / 1000).toFixed(1)} s of virtual time`,
    `trace ${trace}`,
    violations.length === 0 ? 'Verdict: good.' : `Verdict: ${violations.length} violations (seed ${seed}).`,
  ].join('\n')
}

function shorten(text: string, verbose: boolean): string {
  return verbose || text.length <= MOST_WIDTH ? text : `${text.slice(0, MOST_WIDTH)} …`
}

/**
 * What is printed of a run that broke a promise, among many.
 *
 * @param flags that the run was asked for with: the seed is another run without them
 */
export function tellViolations({ seed, violations, history }: SeedResult, flags: readonly string[]): string {
  return [
    `Seed ${seed} (${history.faults.join(', ') || 'no fault'}):`,
    ...violations.map(({ checker, text }) => `  ${checker}: ${shorten(text, false)}`),
    `  To see it: npm run sim -- ${[...flags, '--seed', seed].join(' ')}`,
  ].join('\n')
}
