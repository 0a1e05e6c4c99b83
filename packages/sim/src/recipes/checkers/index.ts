import type { Journal } from '../journal.ts'
import { barriers, doubleBarriers } from './barriers.ts'
import type { RecipeChecker } from './checker.ts'
import { counters } from './counters.ts'
import { exclusion } from './exclusion.ts'
import { herd } from './herd.ts'
import { orphans } from './orphans.ts'
import { copies, manners, thefts, turns } from './others.ts'
import { delays, queues } from './queues.ts'
import { revocations } from './revocations.ts'
import { timedLeases } from './timed-leases.ts'
import { ttlNodes } from './ttl-nodes.ts'

/** Everything that recipes promise. */
export const RECIPE_CHECKERS: readonly RecipeChecker[] = [
  exclusion,
  thefts,
  timedLeases,
  revocations,
  orphans,
  herd,
  counters,
  queues,
  delays,
  barriers,
  doubleBarriers,
  ttlNodes,
  copies,
  turns,
  manners,
]

/** A promise that was broken. */
export interface RecipeViolation {
  readonly checker: string
  readonly text: string
}

export function judge(journal: Journal): RecipeViolation[] {
  return RECIPE_CHECKERS.flatMap(({ name, check }) =>
    check(journal)
      .slice(0, 5)
      .map((text) => ({ checker: name, text })),
  )
}
