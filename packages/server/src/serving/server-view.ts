import {
  type AuthProvider,
  type Database,
  DIGEST_VERSION,
  type Identity,
  type Sessions,
  toHostAddress,
  type WatchSet,
  watchesByPath,
  watchesBySession,
  watchSummary,
} from '@vivarium/core'
import type { Metrics } from '../admin/metrics.ts'
import { ProcessFigures } from '../admin/process-figures.ts'
import type { ServerStats } from '../admin/server-stats.ts'
import {
  type AdminView,
  type Asker,
  type ConnectionView,
  DEFAULT_TRACE_MASK,
  type ExpiryBucket,
  type MemberView,
  type RestoreOutcome,
  type ServerMode,
  type SnapshotView,
} from '../admin/view.ts'
import { Whitelist } from '../admin/whitelist.ts'
import type { Connection } from '../clients/connection.ts'
import type { ServerConfig } from '../config/server-config.ts'
import { type DataDirectory, listSnapshots } from '../storage/index.ts'
import { x509Subject } from '../tls/x509-subject.ts'
import { fourLetterReplies } from './four-letter-replies.ts'
import type { Server } from './server.ts'
import type { ServerEnv } from './server-env.ts'

/** What `interestOps` of Java's selection keys are. */
const OP_READ = 1
const OP_WRITE = 4

/** Read, write, create, delete, admin: Java asks for each by itself. */
const PERMISSIONS = [1, 2, 4, 8, 16]

/** A server as its administrators see it. */
export class ServerView implements AdminView {
  readonly config: ServerConfig
  readonly whitelist: Whitelist
  readonly stats: ServerStats
  readonly metrics: Metrics
  readonly figures: ProcessFigures
  clientPort: number
  secureClientPort: number
  traceMask = DEFAULT_TRACE_MASK
  readonly digestVersion = DIGEST_VERSION
  readonly #server: Server
  readonly #env: ServerEnv
  readonly #directory: DataDirectory
  /** From the monotonic to the wall clock, in milliseconds. */
  readonly #toWallMs: () => number

  constructor(server: Server, env: ServerEnv, directory: DataDirectory) {
    const { clock, disk } = env
    const { snapshotDirectory, logDirectory } = directory
    this.#server = server
    this.#env = env
    this.#directory = directory
    this.#toWallMs = () => clock.wallMs() - clock.monotonicMs()
    this.config = server.config
    this.whitelist = new Whitelist(server.config.fourLetterWords, server.config.readOnlyModeEnabled)
    this.stats = server.stats
    this.metrics = server.metrics
    this.figures = new ProcessFigures(disk, snapshotDirectory, logDirectory, server.metrics)
    this.clientPort = server.config.clientPort ?? -1
    this.secureClientPort = server.config.secureClientPort ?? -1
    server.clients.fourLetterWords = fourLetterReplies(this, (run) => clock.soon(run))
  }

  get mode(): ServerMode {
    return this.#server.mode
  }

  get member(): MemberView | null {
    return this.#server.member
  }

  get serverId(): number {
    return this.#server.serverId
  }

  get serving(): boolean {
    return this.#server.serving
  }

  get connectionCount(): number {
    return this.#server.clients.register.all.size
  }

  get outstandingRequests(): number {
    return this.#server.pipeline?.inProcess ?? 0
  }

  get treeBytes(): { readonly used: number; readonly reserved: number } {
    const { usedBytes: used, reservedBytes: reserved } = this.#server.database.tree
    return { used, reserved }
  }

  get nodeCount(): number {
    return this.#server.database.tree.nodeCount
  }

  /** May be asked for before the data has been loaded. */
  get lastZxid(): number {
    const database = this.#server.database as Database | null
    return database?.tree.lastProcessedZxid ?? 0
  }

  get ephemeralOwnerCount(): number {
    return this.#server.database.tree.sessionsWithEphemerals().length
  }

  *connections(): Iterable<ConnectionView> {
    for (const connection of this.#server.clients.register.all.values()) {
      if (connection.open) yield connectionView(connection)
    }
  }

  sessionBuckets(): readonly ExpiryBucket<bigint>[] {
    return this.#bucketsOf(this.#server.pipeline?.sessions ?? null)
  }

  localSessionBuckets(): readonly ExpiryBucket<bigint>[] | null {
    const locals = this.#server.pipeline?.locals ?? null
    return locals === null ? null : this.#bucketsOf(locals)
  }

  #bucketsOf(sessions: Sessions | null): readonly ExpiryBucket<bigint>[] {
    const offset = this.#toWallMs()
    return (sessions?.buckets() ?? []).map(({ expiresAtMs, elements }) => ({
      expiresAtMs: expiresAtMs + offset,
      elements: elements.map((session) => session.id),
    }))
  }

  /** Connections end with their sessions, at the same time. */
  connectionBuckets(): readonly ExpiryBucket<ConnectionView>[] {
    const offset = this.#toWallMs()
    const buckets = new Map<number, ConnectionView[]>()
    for (const connection of this.#server.clients.register.all.values()) {
      const expiresAtMs = connection.hasSession ? connection.session.expiresAtMs : connection.greetingEndsMs
      const bucket = buckets.get(expiresAtMs)
      if (bucket === undefined) buckets.set(expiresAtMs, [connectionView(connection)])
      else bucket.push(connectionView(connection))
    }
    return [...buckets]
      .sort(([a], [b]) => a - b)
      .map(([expiresAtMs, elements]) => ({ expiresAtMs: expiresAtMs + offset, elements }))
  }

  *ephemerals(): Iterable<readonly [sessionId: bigint, paths: Iterable<string>]> {
    const { tree } = this.#server.database
    for (const sessionId of tree.sessionsWithEphemerals()) yield [sessionId, tree.ephemeralsOf(sessionId)]
  }

  watchSummary(): { readonly connections: number; readonly paths: number; readonly watches: number } {
    return watchSummary(this.#server.database.watches.data)
  }

  watchesByPath(): Iterable<readonly [path: string, sessionIds: readonly bigint[]]> {
    return watchesByPath(this.#server.database.watches.data)
  }

  watchesBySession(): Iterable<readonly [sessionId: bigint, paths: readonly string[]]> {
    return watchesBySession(this.#server.database.watches.data, this.#watchSets())
  }

  *#watchSets(): Iterable<WatchSet> {
    for (const { watchSet } of this.#server.clients.register.all.values()) if (watchSet !== null) yield watchSet
  }

  get diskFull(): boolean {
    return this.#server.diskFull
  }

  freeDiskBytes(): Promise<number> {
    return this.#env.disk.freeBytes(this.#directory.logDirectory)
  }

  monotonicMs(): number {
    return this.#env.clock.monotonicMs()
  }

  authorize(scheme: string, credentials: string | null, asker: Asker): 'granted' | 'unauthenticated' | 'unauthorized' {
    const { database, clients } = this.#server
    const identities = identitiesOf(clients.access.providers.get(scheme), credentials, asker)
    if (identities.length === 0) return 'unauthenticated'
    const acl = database.aclOf(database.tree.find('/'))
    return PERMISSIONS.every((perm) => clients.access.allows(acl, perm, identities)) ? 'granted' : 'unauthorized'
  }

  takeSnapshot(): Promise<boolean> {
    return this.#server.takeSnapshot()
  }

  restore(snapshot: AsyncIterable<Uint8Array>): Promise<RestoreOutcome> {
    return this.#server.restore(snapshot)
  }

  async newestSnapshot(): Promise<SnapshotView | null> {
    const { disk } = this.#env
    const [newest] = await listSnapshots(disk, this.#directory.snapshotDirectory)
    const found = newest === undefined ? null : await disk.stat(newest.path)
    if (newest === undefined || found === null) return null
    return { path: newest.path, zxid: newest.zxid, bytes: found.size, modifiedMs: found.modifiedMs }
  }

  *digests(): Iterable<{ readonly zxid: number; readonly digest: bigint }> {
    for (const { zxid, high, low } of [...this.#server.database.digests.entries]) {
      yield { zxid, digest: (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0) }
    }
  }
}

function interestOps(connection: Connection): number {
  return (connection.reading ? OP_READ : 0) | (connection.queuedBytes > 0 ? OP_WRITE : 0)
}

/** One connection as administrators see it. */
export function connectionView(connection: Connection): ConnectionView {
  return {
    remoteAddress: connection.socket.remoteAddress,
    remotePort: connection.socket.remotePort,
    secure: connection.tls !== null,
    interestOps: interestOps(connection),
    outstandingRequests: connection.waiting.length,
    sessionId: connection.sessionId,
    sessionTimeoutMs: connection.hasSession ? connection.session.timeoutMs : 0,
    stats: connection.stats,
  }
}

/** Whom credentials stand for; nobody if they are none of the scheme's. */
export function identitiesOf(
  provider: AuthProvider | undefined,
  credentials: string | null,
  { address, certificate }: Asker,
): readonly Identity[] {
  if (provider?.scheme === 'x509') {
    return certificate === null ? [] : (provider.established?.(x509Subject(certificate)) ?? [])
  }
  const given = credentials === null ? null : new TextEncoder().encode(credentials)
  const identities = provider?.authenticate(given, toHostAddress(address))
  return typeof identities === 'object' ? identities : []
}
