import type { Hold, Journal } from '../journal.ts'
import type { RecipeChecker } from './checker.ts'

/**
 * In one moment after a pause a participant does not know yet what it has missed: its timers and its connection speak up
 * one after the other. That is what fencing tokens are for.
 */
const DAZE_MS = 5

/**
 * Nobody holds what another one holds, as far as both can know: one who stands still cannot. And whoever comes to hold
 * something has a greater token than those before, so that a store can tell them apart.
 */
export const exclusion: RecipeChecker = {
  name: 'exclusion',
  check(journal) {
    return [...byThing(journal.holds)].flatMap(([thing, holds]) => judge(thing, holds, journal))
  },
}

function judge(thing: string, holds: readonly Hold[], journal: Journal): string[] {
  const wrong: string[] = []
  const most = journal.leases.get(thing) ?? 1
  for (const [at, hold] of holds.entries()) {
    const isDazed = dazed(journal, hold.who, hold.fromMs)
    const before = holds.slice(0, at)
    const others = before.filter(
      (other) => (other.untilMs ?? Number.POSITIVE_INFINITY) > hold.fromMs && !dazed(journal, other.who, hold.fromMs),
    )
    const rivals = others.filter((other) => excludes(other, hold))
    const tooMany = hold.kind === 'lease' ? others.length >= most : rivals.length > 0
    if (tooMany && !isDazed) {
      const names = others.map(({ who, token }) => `${who} (token ${token})`)
      wrong.push(`${hold.who} (token ${hold.token}) holds ${thing} at ${hold.fromMs} ms with ${names.join(', ')}`)
    }
    const older = before.find((other) => excludes(other, hold) && other.token > hold.token)
    if (older !== undefined && !isDazed) {
      wrong.push(`${hold.who} has token ${hold.token} for ${thing} after ${older.who} had ${older.token}`)
    }
  }
  return wrong
}

function excludes(a: Hold, b: Hold): boolean {
  return a.kind !== 'lease' && !(a.kind === 'read' && b.kind === 'read')
}

/** Whether it stood still then, or had only just come to. */
export function dazed({ pauses }: Journal, name: string, ms: number): boolean {
  return pauses.some(({ who, fromMs, toMs }) => who === name && fromMs <= ms && ms <= toMs + DAZE_MS)
}

export function byThing(holds: readonly Hold[]): Map<string, Hold[]> {
  const things = new Map<string, Hold[]>()
  for (const hold of holds) {
    const present = things.get(hold.thing)
    if (present === undefined) things.set(hold.thing, [hold])
    else present.push(hold)
  }
  return things
}
