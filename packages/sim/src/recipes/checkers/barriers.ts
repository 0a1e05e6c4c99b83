import type { Journal, Stay } from '../journal.ts'
import type { RecipeChecker } from './checker.ts'
import { dazed } from './exclusion.ts'

/** Nobody gets past a barrier that was closed all the time. */
export const barriers: RecipeChecker = {
  name: 'barriers',
  check: ({ passages, closures }) =>
    passages.flatMap(({ barrier, who, fromMs, toMs }) => {
      if (toMs === null) return []
      const closed = closures.find(
        (closure) =>
          closure.barrier === barrier && closure.fromMs < fromMs && toMs < (closure.toMs ?? Number.POSITIVE_INFINITY),
      )
      return closed === undefined ? [] : [`${who} got past ${barrier} at ${toMs} ms, closed since ${closed.fromMs} ms`]
    }),
}

/** Nobody has entered before as many have come as it takes, or has left before all have who were in, as far as they live. */
export const doubleBarriers: RecipeChecker = {
  name: 'double barriers',
  check: (journal) => journal.stays.flatMap((stay) => [...tooEarlyIn(stay, journal), ...tooEarlyOut(stay, journal)]),
}

function tooEarlyIn({ barrier, members, who, enteredMs }: Stay, { stays }: Journal): string[] {
  if (enteredMs === null) return []
  const come = stays.filter((other) => other.barrier === barrier && other.calledMs <= enteredMs).length
  if (come >= members) return []
  return [`${who} entered ${barrier} at ${enteredMs} ms, when ${come} of ${members} had come`]
}

function tooEarlyOut({ barrier, who, leavingMs, leftMs }: Stay, journal: Journal): string[] {
  if (leavingMs === null || leftMs === null) return []
  const until = (ms: number | null): number => ms ?? Number.POSITIVE_INFINITY
  return journal.stays
    .filter((other) => other.barrier === barrier && other.who !== who && until(other.enteredMs) < leavingMs)
    .filter((other) => until(other.leavingMs) > leftMs && until(other.endedMs) > leftMs)
    .filter((other) => !dazed(journal, other.who, leftMs))
    .map((other) => `${who} left ${barrier} at ${leftMs} ms, with ${other.who} still in`)
}
