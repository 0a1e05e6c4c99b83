import type { Id, QuorumPacket } from '@vivarium/protocol'
import type { QuorumConfig } from '../quorum/index.ts'
import type { PeerHistory } from './leader-messages.ts'
import type { LoggedTxn } from './logged-txn.ts'
import type { ForwardedRequest, SessionTouch } from './packet-bodies.ts'

export interface LearnerOptions {
  readonly sid: number
  /** Of the leader to connect to. */
  readonly leader: number
  /** Whether it takes part in proposals, or is only told what was committed. */
  readonly role: 'follower' | 'observer'
  readonly history: PeerHistory
  /** The configuration that is in force. */
  readonly config: QuorumConfig
  /** In ticks: how long connecting and synchronizing may take, and how long the leader may be silent afterwards. */
  readonly initLimit: number
  readonly syncLimit: number
  readonly reconfigEnabled: boolean
  /** The last time, `ended` said so: the history on disk cannot be cut back to what the leader has. */
  readonly wantsSnapshot: boolean
}

/** `T` is whatever the shell knows a waiting request by. */
export type LearnerEvent<T> =
  /** The connection to the leader is there. */
  | { readonly type: 'connected' }
  | { readonly type: 'packet'; readonly packet: QuorumPacket }
  | { readonly type: 'closed'; readonly reason: string }
  /** Part of a snapshot has arrived: the leader is alive. */
  | { readonly type: 'received' }
  /** A tick is over by half. */
  | { readonly type: 'halfTick' }
  /** The effect of the name has come to the disk. */
  | { readonly type: 'acceptedEpochPersisted' }
  | { readonly type: 'currentEpochPersisted' }
  /** Answers `receiveSnapshot`: the snapshot is on disk, and the tree is what it says. */
  | { readonly type: 'installed' }
  /**
   * Answers `truncate`. `zxid` is the last transaction that there is now; null if no snapshot and log reach back far enough,
   * so that all was left as it is.
   */
  | { readonly type: 'truncated'; readonly zxid: number | null }
  /** Every transaction up to `zxid` that was to be appended is on disk. */
  | { readonly type: 'synced'; readonly zxid: number }
  /** A client asks for what only the leader can do. A sync is answered by `syncAnswered`, others with their commit. */
  | {
      readonly type: 'forward'
      readonly request: ForwardedRequest
      readonly authinfo: readonly Id[] | null
      readonly token: T
    }
  /** A client of an observer of this server does: nobody here waits for the commit. */
  | { readonly type: 'relay'; readonly request: ForwardedRequest; readonly authinfo: readonly Id[] | null }
  /** A client wants to go on with its session here. */
  | { readonly type: 'revalidate'; readonly session: SessionTouch }

/** Effects are carried out in order; those that go to the disk, too. */
export type LearnerEffect<T> =
  | { readonly type: 'send'; readonly packet: QuorumPacket }
  | { readonly type: 'persistAcceptedEpoch'; readonly epoch: number }
  | { readonly type: 'persistCurrentEpoch'; readonly epoch: number }
  /**
   * What follows on the link is a raw snapshot and "BenWasHere". It is to replace tree, sessions, snapshots and log, of
   * which nothing may be read any more once it is on disk: what the log has may belong to another history, or end before
   * it (ZOOKEEPER-2846). Then comes `installed`.
   */
  | { readonly type: 'receiveSnapshot'; readonly zxid: number }
  /**
   * Every transaction beyond `zxid` is to go, whether there is one at `zxid` or not, and every snapshot of a state beyond
   * it (ZOOKEEPER-4837); the tree is to be read again. Once that is on disk comes `truncated`.
   */
  | { readonly type: 'truncate'; readonly zxid: number }
  | { readonly type: 'append'; readonly txn: LoggedTxn }
  /** The transaction is to be applied to the tree. `token`: of the client's request that it answers, if it is ours. */
  | { readonly type: 'commit'; readonly txn: LoggedTxn; readonly token: T | null }
  /** The tree is the leader's: requests are served from now on, and votes name this epoch. */
  | { readonly type: 'serve'; readonly epoch: number }
  /** A PING packet with this zxid and the sessions heard of since the last one is due (see `encodeTouches`). */
  | { readonly type: 'answerPing'; readonly zxid: number }
  | { readonly type: 'syncAnswered'; readonly token: T }
  | { readonly type: 'revalidated'; readonly sessionId: bigint; readonly valid: boolean }
  /** A configuration was heard of, and has to be remembered over a restart. */
  | { readonly type: 'lastSeenConfig'; readonly config: QuorumConfig }
  /** A configuration is in force. `zxid` is that of the reconfiguration; null when an epoch begins with it. */
  | { readonly type: 'reconfigured'; readonly config: QuorumConfig; readonly zxid: number | null }
  | { readonly type: 'warn'; readonly text: string }
  /**
   * This server follows no more; the link is to be closed. `tail` is in its log and was not committed: it has to be
   * applied to the tree, once it is on disk, before this server votes again (ZOOKEEPER-2845). `reload`: the tree was about
   * to be replaced, and is to be read again from what is on disk (ZOOKEEPER-3642).
   *
   * `next`: who leads without an election, because a reconfiguration says so; null if there has to be one.
   * `wantsSnapshot`: the next learner has to be told; a restart finds it out anew.
   */
  | {
      readonly type: 'ended'
      readonly reason: string
      readonly tail: readonly LoggedTxn[]
      readonly reload: boolean
      readonly next: number | null
      readonly wantsSnapshot: boolean
    }
