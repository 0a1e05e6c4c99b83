import {
  BlueThrottle,
  Database,
  LargeRequests,
  Preparer,
  Processor,
  Quotas,
  SessionTracker,
  sweepCandidates,
} from '@vivarium/core'
import type { Clock, Disk, DiskError, Listener, Log, Network, Random, Timer } from '@vivarium/env'
import { errno, formatZxid, type Txn } from '@vivarium/protocol'
import { createMetrics } from '../admin/metrics.ts'
import { ProcessFigures } from '../admin/process-figures.ts'
import { ServerStats } from '../admin/server-stats.ts'
import { Clients } from '../clients/clients.ts'
import { ThrottledRequests } from '../clients/throttled-requests.ts'
import type { ServerConfig } from '../config/server-config.ts'
import { StartError } from '../start-error.ts'
import {
  type DataDirectory,
  estimateSnapshotBytes,
  InlineSnapshotRunner,
  Purger,
  type Recovery,
  recover,
  type SnapshotRunner,
  SnapshotSchedule,
  SnapshotStore,
  TransactionLog,
} from '../storage/index.ts'
import { createAccess } from './access.ts'
import { clientLimits, gateOptions, throttleOptions } from './client-limits.ts'
import { FlushSchedule } from './flush-schedule.ts'
import { fourLetterReplies } from './four-letter-replies.ts'
import { feedGauges } from './gauges.ts'
import { ServerMetrics } from './server-metrics.ts'
import { ServerView } from './server-view.ts'

/** Sessions of a standalone server have this in the top byte of their ids. */
const SERVER_ID = 1

/** How often due deletions of containers are handed on, so that they do not all come at once. */
const SWEEP_STEP_MS = 100

/** After a long replay, a snapshot is taken so long after the start. */
const REPLAYED_SNAPSHOT_MS = 60_000

/** Everything that a server takes from the world. */
export interface ServerEnv {
  readonly clock: Clock
  readonly network: Network
  readonly disk: Disk
  readonly random: Random
  readonly log: Log
  readonly snapshots: SnapshotRunner
}

/**
 * A standalone server: wires storage, pipeline and clients together, and does what is to be done from time to time. What
 * it takes from the world it is given, so that it runs in a simulator as well.
 */
export class StandaloneServer {
  readonly config: ServerConfig
  readonly metrics = createMetrics()
  readonly stats: ServerStats
  readonly clients: Clients
  /** What administrators can ask for. */
  readonly view: ServerView
  /** Resolves when the server has stopped by itself, with the reason; `close` does not resolve it. */
  readonly failed: Promise<StartError>
  readonly #env: ServerEnv
  readonly #directory: DataDirectory
  readonly #serverMetrics: ServerMetrics
  readonly #timers: Timer[] = []
  #fail: (error: StartError) => void = () => {}
  #log: TransactionLog | null = null
  #processor: Processor | null = null
  #snapshots: SnapshotStore | null = null
  readonly #flushes: FlushSchedule
  /** Transactions that have been applied since the last sync was taken note of. */
  #applied = 0
  /** How long the log has spent writing, when that was last looked at. */
  #writeMs = 0
  #expiry: Timer | null = null
  #sweepQueue: string[] = []
  #closing = false

  constructor(config: ServerConfig, directory: DataDirectory, env: ServerEnv) {
    this.config = config
    this.#env = env
    this.#directory = directory
    this.failed = new Promise((resolve) => {
      this.#fail = resolve
    })
    const { clock, log } = env
    this.stats = new ServerStats(this.metrics, () => clock.monotonicMs())
    this.#serverMetrics = new ServerMetrics(this.metrics, this.stats, log, () => clock.monotonicMs())
    this.clients = new Clients({
      clock,
      log,
      access: createAccess(config, this.#serverMetrics.ensembleAuth),
      throttle: new BlueThrottle(throttleOptions(config), () => env.random.uint32() / 2 ** 32, clock.monotonicMs()),
      largeRequests: new LargeRequests(config.largeRequestThreshold, config.largeRequestMaxBytes),
      limits: clientLimits(config),
      metrics: this.#serverMetrics,
    })
    this.clients.onTurnEnd = () => this.#flushSoon()
    if (config.requestThrottleMaxRequests > 0 || config.throttledOpWaitTimeMs > 0) {
      this.clients.gate = new ThrottledRequests(this.clients, gateOptions(config), this.metrics)
    }
    this.#flushes = new FlushSchedule({
      clock,
      delayMs: config.flushDelayMs,
      idleMs: config.maxWriteQueuePollTimeMs,
      maxTransactions: config.maxBatchSize,
      flush: () => this.log.flush(),
    })
    const { snapshotDirectory, logDirectory } = directory
    this.view = new ServerView(
      this,
      new ProcessFigures(env.disk, snapshotDirectory, logDirectory, this.metrics),
      () => clock.wallMs() - clock.monotonicMs(),
    )
    this.clients.fourLetterWords = fourLetterReplies(this.view, (run) => clock.soon(run))
  }

  get processor(): Processor {
    return this.#processor as Processor
  }

  get serving(): boolean {
    return this.#processor !== null && !this.#closing
  }

  get log(): TransactionLog {
    return this.#log as TransactionLog
  }

  /** Begins to listen. Until {@link serve} has been called, connections are accepted and closed. */
  listen(port: number): Promise<Listener> {
    const { clientPortAddress, clientPortListenBacklog, clientTcpKeepAlive } = this.config
    return this.#env.network.listen(
      {
        port,
        host: clientPortAddress ?? undefined,
        backlog: clientPortListenBacklog > 0 ? clientPortListenBacklog : undefined,
        keepAlive: clientTcpKeepAlive,
      },
      (socket) => this.clients.accept(socket),
    )
  }

  /** Loads what is on the disk, and serves it. */
  async serve(): Promise<Recovery> {
    const { clock, random } = this.#env
    const { config } = this
    const startedMs = clock.monotonicMs()
    const recovery = await this.#recover()
    // It vouches for an empty database once, and a server that stands alone needs nobody to do so.
    await this.#directory.takeInitializeMarker()
    this.metrics.dbinittime.observe(Math.round(clock.monotonicMs() - startedMs))
    // As in Java, where an empty database is not said to have loaded any.
    if (recovery.snapshot !== null) this.metrics.startup_txns_loaded.observe(recovery.transactions)
    const { database } = recovery
    database.tree.acls.purgeUnused()
    database.quotas.reload()

    this.#snapshots = this.#snapshotStore(this.#env.snapshots)
    // Java takes a log without a snapshot for a sign of loss: there is one before the first transaction.
    if (recovery.snapshot === null) await this.#firstSnapshot(database)

    this.#log = this.#openLog()
    const sessions = this.#trackSessions(database)
    const preparer = new Preparer(database, {
      extendedTypes: config.extendedTypesEnabled,
      closeSessionPaths: config.closeSessionTxnEnabled,
      reconfigEnabled: config.reconfigEnabled,
    })
    const schedule = new SnapshotSchedule({
      snapCount: config.snapCount,
      snapBytes: config.snapSizeLimitBytes,
      ...(config.snapCountGiven ? {} : { snapshotBytes: () => estimateSnapshotBytes(database.tree) }),
      random,
    })
    const processor = new Processor({ database, preparer, sessions, sink: this.#log, clock })
    let loggedBytes = this.#log.bytesWritten
    processor.onApplied = (txn: Txn) => {
      this.#applied++
      this.metrics.propagation_latency.observe(Math.max(0, this.clients.wallMs - txn.time))
      const bytes = this.log.bytesWritten - loggedBytes
      loggedBytes += bytes
      if (schedule.logged(bytes)) this.#snapshotSoon()
    }
    processor.onSessionEnded = (session) => this.clients.sessionEnded(session)
    this.#processor = processor
    feedGauges(this.metrics, this, this.#serverMetrics.ensembleAuth)
    this.clients.serve(processor)
    this.#startTimers()
    // Or what is logged from here on would follow a tree that neither a snapshot nor the log has.
    if (recovery.deadSessions.length > 0) void this.takeSnapshot()
    // What had to be replayed counts too: a server that crashes again and again would replay more each time.
    if (schedule.replayed(recovery.transactions, recovery.replayedBytes)) {
      // Not at once: now clients come back, and want the processors for themselves.
      this.#timers.push(clock.after(REPLAYED_SNAPSHOT_MS, () => void this.takeSnapshot()))
    }
    return recovery
  }

  /** Stops taking requests, finishes those under way, and lets go of the disk. */
  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#expiry?.cancel()
    for (const timer of this.#timers) timer.cancel()
    await this.clients.gate?.drain(this.config.requestThrottlerShutdownTimeoutMs)
    this.#flushes.close()
    // What has been appended becomes durable and is answered; sessions stay, for the next start.
    await this.#log?.close()
    this.clients.close()
    await this.#env.snapshots.close()
    await this.#directory.close()
  }

  #recover(): Promise<Recovery> {
    const { config } = this
    const { disk, log, random } = this.#env
    return recover({
      disk,
      log,
      snapshotDirectory: this.#directory.snapshotDirectory,
      logDirectory: this.#directory.logDirectory,
      tree: {
        hashSeed: random.uint32() * 2 ** 21 + (random.uint32() >>> 11),
        digestEnabled: config.digestEnabled,
        extendedTypes: config.extendedTypesEnabled,
        emulate353: config.emulate353TtlNodes,
      },
      createDatabase: (tree, sessions) =>
        new Database({
          tree,
          sessions,
          access: this.clients.access,
          quotas: new Quotas(tree, config.enforceQuota, this.#serverMetrics),
          watchObserver: this.#serverMetrics,
        }),
      trustEmptySnapshot: config.snapshotTrustEmpty,
      trustEmptyDatabase: true,
    })
  }

  /** On this thread: it is small, and starting another one would take longer. */
  async #firstSnapshot(database: Database): Promise<void> {
    const { clock, disk } = this.#env
    const outcome = await this.#snapshotStore(new InlineSnapshotRunner(disk, clock)).take({
      tree: database.tree,
      sessions: database.sessions,
    })
    if (outcome.ok) {
      this.metrics.snapshottime.observe(outcome.ms)
      return
    }
    throw new StartError('DATA', `The first snapshot could not be written: ${outcome.error.message}`, {
      cause: outcome.error,
    })
  }

  #snapshotStore(runner: SnapshotRunner): SnapshotStore {
    const { clock, disk, log } = this.#env
    const { snapshotCompression, serializeLastProcessedZxid } = this.config
    return new SnapshotStore({
      disk,
      clock,
      log,
      directory: this.#directory.snapshotDirectory,
      compression: snapshotCompression === '' ? 'none' : snapshotCompression,
      withLastZxid: serializeLastProcessedZxid,
      runner,
    })
  }

  #openLog(): TransactionLog {
    const { config } = this
    const { clock, disk, log } = this.#env
    return new TransactionLog(
      {
        disk,
        clock,
        log,
        directory: this.#directory.logDirectory,
        forceSync: config.forceSync,
        preAllocBytes: config.preAllocSizeBytes,
        sizeLimitBytes: config.txnLogSizeLimitBytes,
        slowWriteMs: config.fsyncWarningThresholdMs,
      },
      {
        synced: (zxid) => this.#synced(zxid),
        failed: (error) => this.#logFailed(error),
        full: (error) => {
          log.error(
            `The disk of ${this.#directory.logDirectory} is full. Writes are refused until there is room again; reads go on.`,
            { error: error.message },
          )
          this.processor.refuseWrites = errno('SYSTEMERROR')
        },
        recovered: () => {
          log.info(`There is room in ${this.#directory.logDirectory} again: writes are taken.`)
          this.processor.refuseWrites = 0
        },
      },
    )
  }

  #synced(zxid: number): void {
    this.clients.readClocks()
    this.processor.synced(zxid)
    this.clients.resumePaused()
    this.clients.endTurn()
    const { log } = this
    this.metrics.sync_processor_batch_size.observe(this.#applied)
    this.#applied = 0
    const writeMs = Math.round(log.writeMs - this.#writeMs)
    this.metrics.fsynctime.observe(writeMs)
    this.metrics.sync_processor_queue_flush_time_ms.observe(writeMs)
    this.#writeMs = log.writeMs
    this.stats.fsyncThresholdExceeded = log.slowWrites
  }

  /** Nothing may be acknowledged any more: which of the last transactions are on the disk only a restart can tell. */
  #logFailed(error: DiskError): void {
    const message =
      `The transaction log in ${this.#directory.logDirectory} cannot be written (${error.message}). The server stops, ` +
      'so that it acknowledges nothing that may be lost. Check the disk, then start it again: it goes on from what is there.'
    this.metrics.unrecoverable_error_count.add(1)
    this.#fail(new StartError('LOG', message, { cause: error }))
  }

  #flushSoon(): void {
    const log = this.#log
    if (log === null || log.pendingBytes === 0) return
    const { preparer, lastProcessedZxid } = this.processor
    this.#flushes.turnEnded(preparer.lastZxid - lastProcessedZxid)
  }

  /** Every session has its full timeout from the start on (SessionTrackerImpl). */
  #trackSessions(database: Database): SessionTracker {
    const { config } = this
    const { clock, random } = this.#env
    const nowMs = clock.monotonicMs()
    const sessions = new SessionTracker({
      serverId: SERVER_ID,
      tickMs: config.tickTimeMs,
      minTimeoutMs: config.minSessionTimeoutMs,
      maxTimeoutMs: config.maxSessionTimeoutMs,
      nowMs,
      idTimeMs: clock.wallMs(),
      idOffset: random.uint32() >>> 16,
    })
    for (const [id, timeoutMs] of database.sessions) {
      sessions.track(id, timeoutMs, nowMs)
      sessions.commit(id, timeoutMs, nowMs)
    }
    return sessions
  }

  #startTimers(): void {
    const { config } = this
    const { clock } = this.#env
    this.#expireLater()
    this.#timers.push(clock.every(config.containerCheckIntervalMs, () => this.#findContainers()))
    this.#timers.push(clock.every(SWEEP_STEP_MS, () => this.#sweepContainers()))
    if (config.purgeIntervalHours > 0) {
      const purger = new Purger({
        disk: this.#env.disk,
        snapshotDirectory: this.#directory.snapshotDirectory,
        logDirectory: this.#directory.logDirectory,
        retain: config.snapRetainCount,
      })
      void this.#purge(purger)
      this.#timers.push(clock.every(config.purgeIntervalHours * 3_600_000, () => void this.#purge(purger)))
    }
  }

  #expireLater(): void {
    const { clock } = this.#env
    const waitMs = Math.max(1, this.processor.sessions.waitMs(clock.monotonicMs()))
    this.#expiry = clock.after(waitMs, () => {
      const nowMs = clock.monotonicMs()
      for (const session of this.processor.sessions.expire(nowMs)) {
        this.#env.log.info('Session expired.', { session: session.id, timeoutMs: session.timeoutMs })
        this.metrics.stale_sessions_expired.add(1)
        this.processor.closeSession(session, nowMs)
      }
      this.#flushSoon()
      this.#expireLater()
    })
  }

  #findContainers(): void {
    const { tree } = this.processor.database
    const maxNeverUsedMs = this.config.containerMaxNeverUsedIntervalMs
    this.#sweepQueue = sweepCandidates(tree, this.#env.clock.wallMs(), maxNeverUsedMs)
  }

  /** At most `znode.container.maxPerMinute` deletions, spread over the minute. */
  #sweepContainers(): void {
    if (this.#sweepQueue.length === 0) return
    const nowMs = this.#env.clock.monotonicMs()
    const share = Math.max(1, Math.ceil((this.config.containerMaxPerMinute * SWEEP_STEP_MS) / 60_000))
    for (const path of this.#sweepQueue.splice(0, share)) this.processor.deleteContainer(path, nowMs)
    this.#flushSoon()
  }

  /** Begins a snapshot, unless one is being written; what comes from now on goes to a new log file either way. */
  #snapshotSoon(): void {
    this.log.roll()
    void this.takeSnapshot()
  }

  /** Writes a snapshot while serving goes on. False if one was being written already, or it failed. */
  async takeSnapshot(): Promise<boolean> {
    const store = this.#snapshots
    if (store === null || store.busy) return false
    const { tree, sessions } = this.processor.database
    const outcome = await store.take({ tree, sessions })
    if (outcome.ok) this.metrics.snapshottime.observe(outcome.ms)
    else this.metrics.snapshot_error_count.add(1)
    return outcome.ok
  }

  async #purge(purger: Purger): Promise<void> {
    try {
      const { removed, damaged } = await purger.purge()
      if (removed.length > 0) this.#env.log.info('Removed old snapshots and logs.', { files: removed })
      for (const path of damaged)
        this.#env.log.warn('A snapshot is damaged; it does not count as one to keep.', { path })
    } catch (error) {
      this.#env.log.error('Old snapshots and logs could not be removed.', { error })
    }
  }
}

/** For messages: where a recovered server stands. */
export function describeRecovery({ transactions, snapshot, lastZxid }: Recovery): string {
  const from = snapshot === null ? 'an empty database' : snapshot.path
  return `${transactions} transactions replayed over ${from}; at zxid ${formatZxid(lastZxid)}`
}
