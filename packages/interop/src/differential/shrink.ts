import { type Contest, compareServers, type Difference } from './compare.ts'
import type { Step } from './script.ts'

/** A script that still shows a difference, and the difference it shows. */
export interface Shrunk {
  steps: Step[]
  difference: Difference
  attempts: number
}

/**
 * Takes away parts of a script for as long as the servers still differ, larger parts first; each attempt starts both
 * servers afresh. Ends with what it has after `limit` attempts.
 */
export async function shrink(contest: Contest, steps: Step[], difference: Difference, limit: number): Promise<Shrunk> {
  const last = difference.step
  const state: Shrunk = { steps: last === null ? steps : steps.slice(0, last + 1), difference, attempts: 0 }
  await removeParts(
    contest,
    state,
    limit,
    (current) => current.steps,
    (_current, kept) => kept,
  )
  for (let at = 0; at < state.steps.length; at++) {
    const step = state.steps[at]!
    if (step.kind !== 'requests' || step.requests.length < 2) continue
    await removeParts(
      contest,
      state,
      limit,
      (current) => (current.steps[at] as typeof step).requests,
      (current, requests) => current.steps.with(at, { ...step, requests }),
    )
  }
  return state
}

/** Removes runs of items, halving their length each time nothing more can go. */
async function removeParts<T>(
  contest: Contest,
  state: Shrunk,
  limit: number,
  items: (state: Shrunk) => readonly T[],
  rebuilt: (state: Shrunk, kept: T[]) => Step[],
): Promise<void> {
  for (let size = Math.ceil(items(state).length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    // From the front: what comes last is what shows the difference.
    for (let at = 0; at < items(state).length && items(state).length > 1; ) {
      if (state.attempts >= limit) return
      const kept = [...items(state).slice(0, at), ...items(state).slice(at + size)]
      const candidate = rebuilt(state, kept)
      state.attempts++
      const result = kept.length === 0 ? null : await compareServers(contest, candidate)
      if (result === null || result.difference === null) {
        at += size
        continue
      }
      const end = result.difference.step
      state.steps = end === null ? candidate : candidate.slice(0, end + 1)
      state.difference = result.difference
    }
  }
}
