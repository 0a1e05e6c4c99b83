import type { Member, QuorumConfig } from '@vivarium/core'
import type { ServerConfig } from '../config/server-config.ts'
import type { Metrics } from './metrics.ts'
import type { ProcessFigures } from './process-figures.ts'
import type { ServerStats } from './server-stats.ts'
import type { Whitelist } from './whitelist.ts'

/** `looking` is none that a server which serves is in. */
export type ServerMode = 'standalone' | 'leader' | 'follower' | 'observer' | 'read-only' | 'looking'

/** What there is to tell of a member of an ensemble only. */
export interface MemberView {
  /** What it does and how far it has come with that: `following - broadcast`. */
  readonly peerState: string
  readonly self: Member
  /** The configuration as text. */
  readonly membership: string
  readonly quorum: QuorumConfig
  /** Null while none is known. */
  readonly leader: Member | null
  /** All sessions and their timeouts in milliseconds, where the leader decides which of them expire; null on the leader. */
  readonly globalSessions: ReadonlyMap<bigint, number> | null
  /** Those that it serves as their leader, or in its place. */
  readonly observers: readonly ObserverView[]
}

/** An observer, as whom it is connected to sees it. */
export interface ObserverView {
  readonly sid: number
  readonly remoteAddress: string
  readonly remotePort: number
  /** What waits to be sent to it. */
  readonly queuedPackets: number
  readonly queuedBytes: number
  readonly figures: ObserverFigures
}

/** The counts of the connection of an observer. */
export interface ObserverFigures {
  readonly establishedMs: number
  readonly packetsReceived: number
  readonly packetsSent: number
  readonly requests: number
  readonly lastZxid: number
  reset(): void
}

/** Things that expire together. Times are milliseconds of the wall clock. */
export interface ExpiryBucket<Element> {
  readonly expiresAtMs: number
  readonly elements: readonly Element[]
}

/** What is told of one connection. */
export interface ConnectionView {
  readonly remoteAddress: string
  readonly remotePort: number
  /** Whether it came to the port for encrypted connections. */
  readonly secure: boolean
  /** 1: requests are read; 4: replies wait for room; the sum of what holds. */
  readonly interestOps: number
  /** Requests without a reply yet. */
  readonly outstandingRequests: number
  /** 0 before there is a session. */
  readonly sessionId: bigint
  readonly sessionTimeoutMs: number
  readonly stats: ConnectionFigures
}

/** The counts of one connection; times are milliseconds. */
export interface ConnectionFigures {
  readonly packetsReceived: number
  readonly packetsSent: number
  readonly establishedMs: number
  readonly lastOpcode: number
  readonly lastXid: number
  readonly lastZxid: number
  readonly lastResponseMs: number
  readonly lastLatencyMs: number
  readonly minLatencyMs: number
  readonly maxLatencyMs: number
  readonly latencyCount: number
  readonly totalLatencyMs: number
  reset(): void
}

/** What became of a snapshot that was to be restored. */
export type RestoreOutcome =
  /** @property zxid the last transaction that the snapshot has */
  | { readonly ok: true; readonly zxid: number }
  /** @property possible false: this server never restores */
  | { readonly ok: false; readonly possible: boolean; readonly reason: string }

/** The newest snapshot on the disk. */
export interface SnapshotView {
  readonly path: string
  readonly zxid: number
  readonly bytes: number
  readonly modifiedMs: number
}

/** What the connection itself says of who asks. */
export interface Asker {
  /** Without a port. */
  readonly address: string
  /** That it has shown, and that was verified (DER); null without one. */
  readonly certificate: Uint8Array | null
}

/**
 * A server as its administrators see it. Iterables may be walked over several turns of the event loop, during which the
 * server goes on: each must bear that.
 */
export interface AdminView {
  readonly config: ServerConfig
  readonly whitelist: Whitelist
  readonly stats: ServerStats
  readonly metrics: Metrics
  readonly figures: ProcessFigures
  /** Whether requests are answered. */
  readonly serving: boolean
  readonly mode: ServerMode
  /** The port that is listened on; -1 without one. */
  readonly clientPort: number
  /** The same for clients that encrypt their connections. */
  readonly secureClientPort: number
  readonly serverId: number
  /** Null on a server that stands alone. */
  readonly member: MemberView | null
  readonly connectionCount: number
  readonly outstandingRequests: number
  readonly nodeCount: number
  /** Memory of the tree: what znodes take, and what is set aside for them. */
  readonly treeBytes: { readonly used: number; readonly reserved: number }
  readonly lastZxid: number
  /** Bits that say what is traced (ZooTrace); only kept, so that it can be asked for. */
  traceMask: bigint
  connections(): Iterable<ConnectionView>
  sessionBuckets(): readonly ExpiryBucket<bigint>[]
  /** Of the sessions that this server keeps to itself; null where there are none of these. */
  localSessionBuckets(): readonly ExpiryBucket<bigint>[] | null
  connectionBuckets(): readonly ExpiryBucket<ConnectionView>[]
  readonly ephemeralOwnerCount: number
  ephemerals(): Iterable<readonly [sessionId: bigint, paths: Iterable<string>]>
  /** Of data watches only, as Java shows them; so are the next two. */
  watchSummary(): { readonly connections: number; readonly paths: number; readonly watches: number }
  /** In portions: one path may come several times in a row. */
  watchesByPath(): Iterable<readonly [path: string, sessionIds: readonly bigint[]]>
  /** In portions: one session may come several times in a row, sometimes without a path. */
  watchesBySession(): Iterable<readonly [sessionId: bigint, paths: readonly string[]]>
  /** The version of the way that digests are computed. */
  readonly digestVersion: number
  /** Writes are refused until there is room on the disk. */
  readonly diskFull: boolean
  /** Of the disk that has the transaction log. Rejects where it cannot be told. */
  freeDiskBytes(): Promise<number>
  /** Milliseconds of a clock that only goes forward. */
  monotonicMs(): number
  /** Whether who shows these credentials is granted everything on the znode `/`. */
  authorize(scheme: string, credentials: string | null, asker: Asker): 'granted' | 'unauthenticated' | 'unauthorized'
  /** Writes a snapshot while serving goes on. False if one was being written already, or it failed. */
  takeSnapshot(): Promise<boolean>
  newestSnapshot(): Promise<SnapshotView | null>
  /**
   * Replaces everything by the snapshot whose bytes these are, unless it is damaged. Clients are disconnected; those whose
   * session the snapshot does not have learn that it has expired.
   */
  restore(snapshot: AsyncIterable<Uint8Array>): Promise<RestoreOutcome>
  /** The digests of the tree that were kept, oldest first. */
  digests(): Iterable<{ readonly zxid: number; readonly digest: bigint }>
}

/** The trace mask of a server that was told none. */
export const DEFAULT_TRACE_MASK = 306n
