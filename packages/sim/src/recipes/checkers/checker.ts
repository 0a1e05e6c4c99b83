import type { Journal } from '../journal.ts'

/** Judges what a run of recipes has done; an empty list is an acquittal. */
export interface RecipeChecker {
  readonly name: string
  check(journal: Journal): string[]
}
