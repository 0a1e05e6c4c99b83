import type { History } from '../workloads/history.ts'

/** A promise that was broken. */
export interface Violation {
  readonly checker: string
  readonly text: string
}

/** Judges a run; an empty list is an acquittal. */
export interface Checker {
  readonly name: string
  check(history: History): string[]
}

/** What more than so many violations of one kind say, the first ones say already. */
const MOST_OF_A_KIND = 5

export function checkAll(checkers: readonly Checker[], history: History): Violation[] {
  return checkers.flatMap(({ name, check }) =>
    check(history)
      .slice(0, MOST_OF_A_KIND)
      .map((text) => ({ checker: name, text })),
  )
}
