import type { ACL, Stat } from '@vivarium/protocol'

/** What create brings. */
export interface Created {
  /** The path of the znode: with its number, if it is sequential. */
  readonly path: string
  readonly stat: Stat
}

export interface Data {
  /** A copy of its own. Empty if the znode's data is null: see `isNull`. */
  readonly data: Buffer
  readonly stat: Stat
  /** The znode has no data at all, which is not the same as empty data. */
  readonly isNull: boolean
}

export interface Children {
  /** Names, in no particular order. */
  readonly children: string[]
  readonly stat: Stat
}

export interface AccessControl {
  readonly acl: ACL[]
  readonly stat: Stat
}

/** One identity that the connection speaks for. */
export interface Identity {
  readonly scheme: string
  /** The user, without a password; empty for schemes that have none. */
  readonly user: string
}
