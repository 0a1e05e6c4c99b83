import type { Encoding } from '../api/types.ts'

/** A znode that takes part in a recipe. */
export interface Participant {
  /** Its path. */
  readonly node: string
  /** The session that it ends with; `0x0`: none. */
  readonly owner: string
  readonly czxid: string
  readonly data: string | null
  readonly encoding: Encoding
  /** Its ACL keeps all but its name from who asks. */
  readonly unreadable?: true
}

/** What the children of a znode look like. */
export interface Recipe {
  readonly kind: string
  /** Whose recipe it is: `curator`, `kazoo` … */
  readonly layout: string
  readonly path: string
  /** How many of the queue hold it: those in front. */
  readonly holding: number
  readonly fencingToken?: string
  /** The first of them. */
  readonly queue: readonly Participant[]
  readonly total: number
}
