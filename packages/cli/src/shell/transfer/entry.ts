import type { ACL } from '@vivarium/client'

/** How a copied znode is created. Ephemerals belong to sessions, and are never copied. */
export type EntryMode = 'PERSISTENT' | 'CONTAINER' | 'PERSISTENT_WITH_TTL'

/** A znode on its way from somewhere to somewhere else. */
export interface Entry {
  /** Below the root of what is copied: empty for the root, `/a/b` for others. */
  readonly path: string
  readonly data: Uint8Array | null
  readonly acl: readonly ACL[]
  readonly mode: EntryMode
  /** Of a znode with TTL, in milliseconds; otherwise null. */
  readonly ttlMs: number | null
  /** Of the data, where a server said it. */
  readonly version?: number
}

/** A tree that can be read once. */
export interface TreeSource {
  /** Parents come before their children; otherwise in any order. */
  batches(signal: AbortSignal): AsyncIterable<readonly Entry[]>
  /** How many ephemerals were left out so far. */
  readonly ephemerals: number
  /** Whether modes are known: servers do not tell their clients of containers and TTLs. */
  readonly knowsModes: boolean
  /** About how many znodes there are; null if that is not known before. */
  size(): Promise<number | null>
}
