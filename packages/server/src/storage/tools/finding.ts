/** One step of a repair. What it changes or takes away is kept in a folder of its own first. */
export type RepairStep =
  /** Takes a file out of the directory. */
  | { readonly type: 'set-aside'; readonly path: string }
  /** Cuts a file off. */
  | { readonly type: 'truncate'; readonly path: string; readonly size: number }
  /** Writes a log anew, with the header that logs have, and the checksums that the bytes of its records have. */
  | { readonly type: 'seal'; readonly path: string }
  /** Writes a small file anew. */
  | { readonly type: 'write'; readonly path: string; readonly text: string }

export interface Repair {
  /** What to call it by. */
  readonly name: 'leftovers' | 'torn' | 'snapshots' | 'checksums' | 'cut' | 'epochs'
  /** What it does, in a sentence without a subject: `cuts … off`. */
  readonly does: string
  /** What is lost by it. */
  readonly loses: string
  readonly steps: readonly RepairStep[]
}

/** Something about a data directory that somebody should know. */
export interface Finding {
  /** `note`: no harm; `warning`: a server starts all the same; `error`: it does not, or not with all the data. */
  readonly severity: 'note' | 'warning' | 'error'
  readonly path: string | null
  readonly text: string
}
