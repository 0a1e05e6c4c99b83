import type { LeaseCall } from '../journal.ts'
import type { RecipeChecker } from './checker.ts'

/**
 * Nobody gets a timed lease before another's has run out by the clock of the one who gets it, unless that other has given it
 * up. The clocks of machines need not agree for that. Of two who had it, nothing is said if a third may have had it, or given it
 * up, between them.
 */
export const timedLeases: RecipeChecker = {
  name: 'timed leases',
  check({ leaseCalls }) {
    const effective = leaseCalls.filter(({ outcome }) => outcome !== 'not done')
    const grants = effective.filter(({ untilMs }) => untilMs !== null)
    return grants.flatMap((one, at) =>
      grants
        .slice(at + 1)
        .filter((other) => isRival(one, other) && !mayFollow(one, other) && !mayFollow(other, one))
        .filter((other) => !effective.some((third) => third !== one && third !== other && isBetween(third, one, other)))
        .map(
          (other) =>
            `${other.who} got ${other.lease} at ${other.toldMs} ms, by its clock ${other.wallMs}; ${one.who} had it until ${one.untilMs}`,
        ),
    )
  },
}

function isRival(one: LeaseCall, other: LeaseCall): boolean {
  return one.lease === other.lease && one.who !== other.who
}

/** Whether the second may have come after the first, and rightly. */
function mayFollow(first: LeaseCall, second: LeaseCall): boolean {
  return first.askedMs < toldMs(second) && second.wallMs >= (first.untilMs as number)
}

function isBetween(third: LeaseCall, one: LeaseCall, other: LeaseCall): boolean {
  if (third.lease !== one.lease) return false
  return third.askedMs < Math.max(toldMs(one), toldMs(other)) && toldMs(third) > Math.min(one.askedMs, other.askedMs)
}

/** What is in doubt may be done at any time after it was asked for. */
function toldMs({ toldMs }: LeaseCall): number {
  return toldMs ?? Number.POSITIVE_INFINITY
}
