import type { Id, QuorumPacket } from '@vivarium/protocol'
import type { QuorumConfig } from '../quorum/index.ts'
import type { CommittedLog } from './committed-log.ts'
import type { LoggedTxn } from './logged-txn.ts'
import type { ForwardedRequest } from './packet-bodies.ts'

/** What a server brings along when it begins to lead or to follow. All of it is on disk. */
export interface PeerHistory {
  readonly acceptedEpoch: number
  readonly currentEpoch: number
  /** The last transaction in the log, all of which is in the tree, or `epoch << 32` if the tree was brought there. */
  readonly lastZxid: number
  /** The end of what is in the tree; the machine goes on adding to it. */
  readonly committed: CommittedLog
}

/** How many observers may be synchronized at once (`leader.maxConcurrentSnapSyncs`, `…DiffSyncs`). */
export interface SyncLimits {
  readonly maxSnapSyncs: number
  readonly maxDiffSyncs: number
}

export interface LeaderOptions extends SyncLimits {
  readonly sid: number
  readonly history: PeerHistory
  /** The configuration that is in force, and the latest one heard of, which may be the same. */
  readonly config: QuorumConfig
  readonly lastSeen: QuorumConfig
  /** In ticks: how long learners may take to connect and synchronize, and how far they may lag behind afterwards. */
  readonly initLimit: number
  readonly syncLimit: number
  /** `reconfigEnabled`: whether configurations may change at all. */
  readonly reconfigEnabled: boolean
  /** `zookeeper.forceSnapshotSync`. */
  readonly forceSnapshot: boolean
  /** Where the counter begins, which is 0 but in tests of what happens at its end (`zookeeper.testingonly.initialZxid`). */
  readonly initialCounter: number
  /** The counter at which {@link LeaderEffect} `nearRollOver` tells that the epoch comes to its end; null: never. */
  readonly rollOverNotice: number | null
  /**
   * For how many half ticks a leader waits for a quorum although a voter has turned away; null: until the initLimit
   * (`leader.maxTimeToWaitForEpoch`, ZOOKEEPER-3109).
   */
  readonly disloyaltyLimit: number | null
  /** Whether it makes transactions of ClickHouse Keeper's operations. */
  readonly keeper: boolean
  /** Whether there is an oracle to ask if this is one of two voters and the other is away (`oraclePath`). */
  readonly oracle: boolean
}

export const DEFAULT_LEADER_OPTIONS = {
  reconfigEnabled: false,
  forceSnapshot: false,
  maxSnapSyncs: 10,
  maxDiffSyncs: 100,
  initialCounter: 0,
  rollOverNotice: 0xffff_0000,
  disloyaltyLimit: null,
  keeper: false,
  oracle: false,
} as const

/** `link` is a number that stands for one connection of one learner, and is not used again. */
export type LeaderEvent =
  | { readonly type: 'start' }
  /** A learner has connected. */
  | { readonly type: 'accepted'; readonly link: number }
  | { readonly type: 'packet'; readonly link: number; readonly packet: QuorumPacket }
  /** The connection is gone. Not told for links that the leader has dropped itself. */
  | { readonly type: 'closed'; readonly link: number }
  /** A tick is over by half. */
  | { readonly type: 'halfTick' }
  /** The effect of the name has come to the disk. */
  | { readonly type: 'acceptedEpochPersisted' }
  | { readonly type: 'currentEpochPersisted' }
  /** Every transaction up to `zxid` that was to be appended is on disk. */
  | { readonly type: 'synced'; readonly zxid: number }
  /** Answers `readLog`. See SyncInput.logged. */
  | { readonly type: 'logRead'; readonly link: number; readonly txns: readonly LoggedTxn[] | null }
  /** The last byte of a snapshot has left. */
  | { readonly type: 'snapshotSent'; readonly link: number }
  /** A request was prepared: its zxid is the one after `lastProposed`. `config` is what a reconfiguration brings. */
  | { readonly type: 'propose'; readonly txn: LoggedTxn; readonly config: QuorumConfig | null }
  /** A learner's sync has come to the place in the pipeline where a write would be proposed. */
  | { readonly type: 'sync'; readonly link: number }
  /** Answers `revalidate`. */
  | { readonly type: 'revalidated'; readonly link: number; readonly sessionId: bigint; readonly valid: boolean }
  /** A voter that elected this leader looks for one again. */
  | { readonly type: 'lookingVoter'; readonly sid: number }
  /** Answers `askOracle`: whether this server may go on by itself. */
  | { readonly type: 'oracle'; readonly authorizes: boolean }
  /** Steps down on purpose: nothing new is proposed, and what is outstanding is committed first. */
  | { readonly type: 'handOver'; readonly reason: string }
  /** Steps down at once: this server cannot go on. */
  | { readonly type: 'resign'; readonly reason: string }

/** Effects are carried out in order; those that go to the disk, too. */
export type LeaderEffect =
  | { readonly type: 'send'; readonly link: number; readonly packet: QuorumPacket }
  /** Sends the tree as it is now, raw, and "BenWasHere"; what is sent to this link later waits behind it (ZOOKEEPER-3104). */
  | { readonly type: 'sendSnapshot'; readonly link: number }
  /** Closes the connection. */
  | { readonly type: 'drop'; readonly link: number; readonly reason: string }
  | { readonly type: 'persistAcceptedEpoch'; readonly epoch: number }
  | { readonly type: 'persistCurrentEpoch'; readonly epoch: number }
  | { readonly type: 'readLog'; readonly link: number; readonly zxid: number }
  /** A quorum has the leader's history: requests are served from now on, and votes name this epoch. */
  | { readonly type: 'lead'; readonly epoch: number }
  | { readonly type: 'append'; readonly txn: LoggedTxn }
  /** The transaction is to be applied to the tree. */
  | { readonly type: 'commit'; readonly txn: LoggedTxn }
  /** A learner's client asks for something. */
  | {
      readonly type: 'request'
      readonly link: number
      readonly request: ForwardedRequest
      readonly authinfo: readonly Id[] | null
    }
  /** A client of a learner is there, or wants to go on with its session. */
  | { readonly type: 'touch'; readonly sessionId: bigint; readonly timeoutMs: number }
  | { readonly type: 'revalidate'; readonly link: number; readonly sessionId: bigint; readonly timeoutMs: number }
  /** A configuration was heard of, and has to be remembered over a restart. */
  | { readonly type: 'lastSeenConfig'; readonly config: QuorumConfig }
  /** A configuration is in force. Another server may be the one to lead it; then this one does not commit any more. */
  | {
      readonly type: 'reconfigured'
      readonly config: QuorumConfig
      readonly designatedLeader: number
      /** Of the reconfiguration; null when an epoch begins with a new configuration. */
      readonly zxid: number | null
    }
  | { readonly type: 'nearRollOver'; readonly zxid: number }
  | { readonly type: 'askOracle' }
  | { readonly type: 'warn'; readonly text: string }
  /**
   * This server leads no more; all links are to be closed. `tail` is in its log and was not committed: it has to be
   * applied to the tree, once it is on disk, before this server votes again (ZOOKEEPER-2845). `next`: who leads without an
   * election, because a reconfiguration says so; null if there has to be one.
   */
  | {
      readonly type: 'ended'
      readonly reason: string
      readonly tail: readonly LoggedTxn[]
      readonly next: number | null
    }

/** What becomes of the connections of learners, whoever it is that they connect to. */
export type LinkEvent = Extract<
  LeaderEvent,
  { readonly type: 'accepted' | 'packet' | 'closed' | 'logRead' | 'snapshotSent' }
>

/** What learners say for their clients. */
export type ClientEffect = Extract<LeaderEffect, { readonly type: 'request' | 'touch' | 'revalidate' }>

export type LinkEffect = Extract<LeaderEffect, { readonly type: 'send' | 'sendSnapshot' | 'readLog' | 'drop' | 'warn' }>
