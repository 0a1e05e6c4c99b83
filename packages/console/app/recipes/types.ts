/** A znode that takes part in a recipe. */
export interface Participant {
  readonly node: string
  readonly owner?: string | null
  readonly data?: string | null
}

/** What the children of a znode look like. */
export interface Recipe {
  readonly kind: string
  readonly path: string
  readonly holder?: Participant | string | null
  readonly fencingToken?: string | number | null
  readonly queue?: readonly Participant[]
}
