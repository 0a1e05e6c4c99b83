import type { CommittedLog, LoggedTxn, Pipeline, QuorumConfig } from '@vivarium/core'
import type { ObserverView, ServerMode } from '../admin/view.ts'
import type { ServerConfig } from '../config/server-config.ts'
import type { ClientFront } from '../serving/client-front.ts'
import type { ServerData } from '../serving/server-data.ts'
import type { ServerEnv } from '../serving/server-env.ts'
import type { StartError } from '../start-error.ts'
import type { EpochFiles } from './epoch-files.ts'
import type { Membership } from './membership.ts'

/** How a server has come out of a role: see `ended` of the leader and the learner. */
export interface RoleEnd {
  readonly reason: string
  readonly tail: readonly LoggedTxn[]
  readonly reload: boolean
  readonly wantsSnapshot: boolean
  /** Who leads from now on, without an election; null: there has to be one. */
  readonly next: number | null
}

/** What a role is given of the member that it is a role of. */
export interface RoleContext {
  readonly sid: number
  readonly membership: Membership
  readonly config: ServerConfig
  readonly env: ServerEnv
  readonly front: ClientFront
  readonly data: ServerData
  readonly epochs: EpochFiles
  readonly committed: CommittedLog
  /** The last transaction that the member has; −1 if it has nothing, and nobody vouches for that. */
  readonly lastZxid: number
  /** A configuration is in force. */
  reconfigured(config: QuorumConfig): void
  /** Requests are taken from here on; votes name this epoch. */
  serving(epoch: number): void
  ended(end: RoleEnd): void
  /** The role ends because the disk has no room for what it had to write down: the member waits before it votes again. */
  lackedRoom(): void
  /** The server cannot go on. */
  fail(error: StartError): void
}

/** What a member of an ensemble does between two elections. */
export interface Role {
  readonly mode: ServerMode
  /** Null until requests are taken. */
  readonly pipeline: Pipeline | null
  start(): void
  /** Everything up to this zxid is on the disk. */
  synced(zxid: number): void
  /** Some turns have ended: what they had to say to other members leaves. */
  flush(): void
  /** The disk is full, or has room again. */
  full(full: boolean): void
  /** A voter looks for a leader. */
  lookingVoter(sid: number): void
  /** The observers that it serves. */
  observers(): ObserverView[]
  /** Leaves the role for good: nothing is told any more. Resolves once it has let go of the disk. */
  close(): Promise<void>
}
