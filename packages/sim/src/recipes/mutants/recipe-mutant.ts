/** A change of the client's compiled text. */
export interface Edit {
  /** Below the client's `dist`. */
  readonly file: string
  /** What is there, once. */
  readonly find: string
  readonly replace: string
}

/**
 * A known bug of a client library, put into ours: the text of a module is changed as it is loaded, so that no seam in the
 * client is there for it.
 */
export interface RecipeMutant {
  readonly name: string
  /** Where it was found. */
  readonly was: string
  readonly flaw: string
  readonly edits: readonly Edit[]
  /** What brings it to light; by default the seed decides. */
  readonly workloads: readonly string[]
  readonly faults?: readonly string[]
  readonly isPatient?: boolean
}
