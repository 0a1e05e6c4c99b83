import type { CommittedLog, Database, DataTree, DataTreeOptions, LoggedTxn } from '@vivarium/core'
import type { DiskError, Timer } from '@vivarium/env'
import { counterOf, epochOf } from '@vivarium/protocol'
import type { ServerConfig } from '../config/server-config.ts'
import { StartError } from '../start-error.ts'
import {
  type DataDirectory,
  estimateSnapshotBytes,
  listSnapshots,
  Purger,
  type Recovery,
  readHistory,
  recover,
  removeOtherHistory,
  SnapshotSchedule,
  SnapshotStore,
  TransactionLog,
  truncateHistory,
} from '../storage/index.ts'
import type { ClientFront } from './client-front.ts'
import { FlushSchedule } from './flush-schedule.ts'
import type { ServerEnv } from './server-env.ts'

/** After a long replay, a snapshot is taken so long after the start. */
const REPLAYED_SNAPSHOT_MS = 60_000

/** How often it is looked whether there is a pause, for a snapshot. */
const PAUSE_MS = 1000

/** So much of the log is sent to a learner rather than a snapshot, however small that is. */
const LEAST_HISTORY_BYTES = 1 << 20

/** What a snapshot has that comes before any log waits for none. */
const REPLACES_LOG = async (): Promise<boolean> => true

export interface ServerDataEvents {
  /** All transactions up to this zxid are on the disk. */
  synced(zxid: number): void
  /** The disk is full, or has room again. */
  full(full: boolean): void
  /** The log cannot be written any more: the server has to stop. */
  failed(error: StartError): void
}

export interface ServerDataOptions {
  readonly config: ServerConfig
  readonly directory: DataDirectory
  readonly env: ServerEnv
  readonly front: ClientFront
  /** Whether ephemeral znodes without a session are removed when the data is loaded. */
  readonly removeDeadSessions: boolean
  /** Is given what the log has last; null: nobody asks for it. */
  readonly committed: CommittedLog | null
  readonly events: ServerDataEvents
}

/** What a server has in memory and on its disk: the database, the transaction log, the snapshots. */
export class ServerData {
  readonly directory: DataDirectory
  readonly #options: ServerDataOptions
  readonly #flushes: FlushSchedule
  readonly #schedule: SnapshotSchedule
  readonly #timers: Timer[] = []
  #database: Database | null = null
  #log: TransactionLog | null = null
  #snapshots: SnapshotStore | null = null
  #lastAppended = 0
  #lastSynced = 0
  #countedBytes = 0
  /** How long the log has spent writing, when that was last looked at. */
  #writeMs = 0
  #full = false
  /** Everything is being replaced: there is nothing to take a snapshot of. */
  #replacing = false

  constructor(options: ServerDataOptions) {
    this.#options = options
    this.directory = options.directory
    const { config, env } = options
    this.#flushes = new FlushSchedule({
      clock: env.clock,
      delayMs: config.flushDelayMs,
      idleMs: config.maxWriteQueuePollTimeMs,
      maxTransactions: config.maxBatchSize,
      flush: () => this.#log?.flush(),
    })
    this.#schedule = new SnapshotSchedule({
      snapCount: config.snapCount,
      snapBytes: config.snapSizeLimitBytes,
      ...(config.snapCountGiven ? {} : { snapshotBytes: () => estimateSnapshotBytes(this.database.tree) }),
      random: env.random,
    })
  }

  get database(): Database {
    return this.#database as Database
  }

  get isFull(): boolean {
    return this.#full
  }

  /**
   * Loads what is on the disk, and opens the log behind it.
   *
   * @param trustEmpty whether an empty database is taken for what it seems to be
   */
  async load(trustEmpty: boolean): Promise<Recovery> {
    const { env, front, config } = this.#options
    const startedMs = env.clock.monotonicMs()
    const recovery = await this.#recover(trustEmpty)
    front.metrics.dbinittime.observe(Math.round(env.clock.monotonicMs() - startedMs))
    this.#snapshots = this.#snapshotStore()
    this.#take(recovery.database, recovery.lastZxid)
    // Java takes a log without a snapshot for a sign of loss: there is one before the first transaction.
    if (recovery.snapshot === null && recovery.lastZxid !== -1) await this.#firstSnapshot()
    // Or what is logged from here on would follow a tree that neither a snapshot nor the log has.
    if (this.#options.removeDeadSessions && recovery.deadSessions.length > 0) void this.takeSnapshot()
    // What had to be replayed counts too: a server that crashes again and again would replay more each time.
    const { transactions, replayedBytes, snapshotBytes } = recovery
    if (this.#schedule.replayed(transactions, replayedBytes, snapshotBytes)) {
      // Not at once: now clients come back, and want the processors for themselves.
      this.#timers.push(env.clock.after(REPLAYED_SNAPSHOT_MS, () => void this.takeSnapshot()))
    }
    if (!config.snapCountGiven) {
      this.#timers.push(env.clock.every(PAUSE_MS, () => void (this.#schedule.paused() && this.takeSnapshot())))
    }
    if (config.purgeIntervalHours > 0) this.#startPurging()
    return recovery
  }

  /** Adds a transaction to the log; `record[start, end)` is copied. */
  append(zxid: number, record: Uint8Array, start: number, end: number): void {
    this.#lastAppended = zxid
    this.#log?.append(zxid, record, start, end)
  }

  /** A turn of the event loop has ended: what it appended goes on its way to the disk. */
  turnEnded(): void {
    const log = this.#log
    if (log === null || log.pendingBytes === 0) return
    this.#flushes.turnEnded(distance(this.#lastSynced, this.#lastAppended))
  }

  /** A transaction has been applied; takes a snapshot when enough have been. */
  applied(): void {
    const log = this.#log as TransactionLog
    const bytes = log.bytesWritten - this.#countedBytes
    this.#countedBytes += bytes
    if (!this.#schedule.logged(bytes)) return
    void this.takeSnapshot()
  }

  /** Writes a snapshot while serving goes on; the log goes on in a new file either way. False if one was being written already, or it failed. */
  async takeSnapshot(): Promise<boolean> {
    this.#log?.roll()
    const store = this.#snapshots
    if (store === null || store.busy || this.#replacing) return false
    const { metrics } = this.#options.front
    const { tree, sessions } = this.database
    const outcome = await store.take({ tree, sessions }, () => this.settled())
    if (outcome.ok) metrics.snapshottime.observe(outcome.ms)
    else metrics.snapshot_error_count.add(1)
    return outcome.ok
  }

  /** What was logged and not committed is about to be applied, and may be truncated again. */
  beforeTail(): void {
    this.#snapshots?.giveUp()
  }

  /** Waits until all that has been appended is on the disk. False if that will never be. */
  async settled(): Promise<boolean> {
    return (await this.#log?.settled()) ?? true
  }

  /** Reads everything again from the disk, where all of it is. */
  async reload(): Promise<Recovery> {
    await this.#log?.close()
    const recovery = await this.#recover(true)
    this.#take(recovery.database, recovery.lastZxid)
    this.#replacing = false
    return recovery
  }

  /**
   * Cuts log and snapshots back to `zxid`, and reads them again. @returns the last transaction that there is now; null if
   * they do not reach back that far, and all is as it was
   */
  async truncate(zxid: number): Promise<number | null> {
    const { env, directory } = this.#options
    this.#replacing = true
    await this.#log?.close()
    // One that is being written now may be of a state beyond it.
    await this.#snapshots?.idle()
    const last = await truncateHistory(env.disk, directory, zxid)
    await this.reload()
    return last
  }

  /** Serves what another server has sent, from here on; nothing of what was there before is read any more. */
  async install(tree: DataTree, sessions: Map<bigint, number>): Promise<void> {
    const { env, directory, front } = this.#options
    const zxid = tree.lastProcessedZxid
    this.#replacing = true
    await this.#log?.close()
    await this.#snapshots?.idle()
    // Else what is beyond it would be replayed over it, should the server crash before the logs are gone.
    await truncateHistory(env.disk, directory, zxid)
    tree.addConfigNode()
    const outcome = await this.#snapshotStore().take({ tree, sessions }, REPLACES_LOG)
    if (!outcome.ok) throw outcome.error
    await removeOtherHistory(env.disk, directory, outcome.snapshot.path)
    const database = front.createDatabase(tree, sessions)
    // The snapshot was taken while transactions went on: until one agrees, there is nothing to compare.
    database.comparesDigests = false
    database.awaitsDigest = true
    this.#take(database, zxid)
    this.#replacing = false
  }

  /** What the log has for a learner at `zxid`, up to `until`; null if it is not enough, or more than is worth sending. */
  async readHistory(zxid: number, until: number): Promise<LoggedTxn[] | null> {
    const { config, env, directory } = this.#options
    const factor = config.snapshotSizeFactor
    if (factor < 0) return null
    const snapshots = await listSnapshots(env.disk, directory.snapshotDirectory)
    const newest = snapshots[0]
    const snapshotBytes = newest === undefined ? 0 : ((await env.disk.stat(newest.path))?.size ?? 0)
    const maxBytes = Math.max(LEAST_HISTORY_BYTES, snapshotBytes * factor)
    return readHistory(env.disk, directory.logDirectory, { zxid, until, maxBytes, snapshots })
  }

  /** What has been appended becomes durable; then lets go of the files. */
  async close(): Promise<void> {
    for (const timer of this.#timers) timer.cancel()
    this.#flushes.close()
    await this.#log?.close()
  }

  /** Of trees that are to be served here. */
  treeOptions(): DataTreeOptions {
    const { config, env } = this.#options
    return {
      hashSeed: env.random.uint32() * 2 ** 21 + (env.random.uint32() >>> 11),
      digestEnabled: config.digestEnabled,
      extendedTypes: config.extendedTypesEnabled,
      emulate353: config.emulate353TtlNodes,
    }
  }

  /** Serves this database from here on, and opens the log behind it. */
  #take(database: Database, lastZxid: number): void {
    database.tree.acls.purgeUnused()
    database.quotas.reload()
    this.#database = database
    this.#log = this.#openLog()
    this.#lastAppended = lastZxid
    this.#lastSynced = lastZxid
    this.#countedBytes = 0
    this.#writeMs = 0
  }

  async #recover(trustEmptyDatabase: boolean): Promise<Recovery> {
    const { config, env, directory, front, committed, removeDeadSessions } = this.#options
    const { disk, log } = env
    const { startup_snap_load_time, startup_txns_load_time } = front.metrics
    const startedMs = env.clock.monotonicMs()
    let loadedMs = startedMs
    const recovery = await recover({
      disk,
      log,
      snapshotDirectory: directory.snapshotDirectory,
      logDirectory: directory.logDirectory,
      tree: this.treeOptions(),
      createDatabase: (tree, sessions) => front.createDatabase(tree, sessions),
      trustEmptySnapshot: config.snapshotTrustEmpty,
      trustEmptyDatabase,
      removeDeadSessions,
      committed,
      onSnapshotLoaded: () => {
        loadedMs = env.clock.monotonicMs()
      },
    })
    startup_snap_load_time.observe(Math.round(loadedMs - startedMs))
    // As in Java, where an empty database is not said to have loaded any.
    if (recovery.snapshot !== null) {
      startup_txns_load_time.observe(Math.round(env.clock.monotonicMs() - loadedMs))
      front.metrics.startup_txns_loaded.observe(recovery.transactions)
    }
    return recovery
  }

  async #firstSnapshot(): Promise<void> {
    const { tree, sessions } = this.database
    const outcome = await (this.#snapshots as SnapshotStore).take({ tree, sessions }, REPLACES_LOG)
    if (outcome.ok) {
      this.#options.front.metrics.snapshottime.observe(outcome.ms)
      return
    }
    throw new StartError('DATA', `The first snapshot could not be written: ${outcome.error.message}`, {
      cause: outcome.error,
    })
  }

  #snapshotStore(): SnapshotStore {
    const { env, directory, config } = this.#options
    const { snapshotCompression, serializeLastProcessedZxid } = config
    return new SnapshotStore({
      disk: env.disk,
      clock: env.clock,
      log: env.log,
      directory: directory.snapshotDirectory,
      compression: snapshotCompression === '' ? 'none' : snapshotCompression,
      withLastZxid: serializeLastProcessedZxid,
      runner: env.snapshots,
    })
  }

  #openLog(): TransactionLog {
    const { config, env, directory, events } = this.#options
    return new TransactionLog(
      {
        disk: env.disk,
        clock: env.clock,
        log: env.log,
        directory: directory.logDirectory,
        forceSync: config.forceSync,
        preAllocBytes: config.preAllocSizeBytes,
        sizeLimitBytes: config.txnLogSizeLimitBytes,
        slowWriteMs: config.fsyncWarningThresholdMs,
      },
      {
        synced: (zxid) => this.#synced(zxid),
        failed: (error) => this.#logFailed(error),
        full: (error) => {
          this.#full = true
          env.log.error(
            `The disk of ${directory.logDirectory} is full. Writes are refused until there is room again; reads go on.`,
            { error: error.message },
          )
          events.full(true)
        },
        recovered: () => {
          this.#full = false
          env.log.info(`There is room in ${directory.logDirectory} again: writes are taken.`)
          events.full(false)
        },
      },
    )
  }

  #synced(zxid: number): void {
    const transactions = distance(this.#lastSynced, zxid)
    this.#lastSynced = zxid
    this.#options.events.synced(zxid)
    const log = this.#log as TransactionLog
    const { metrics, stats } = this.#options.front
    metrics.sync_processor_batch_size.observe(transactions)
    const writeMs = Math.round(log.writeMs - this.#writeMs)
    metrics.fsynctime.observe(writeMs)
    metrics.sync_processor_queue_flush_time_ms.observe(writeMs)
    this.#writeMs = log.writeMs
    stats.fsyncThresholdExceeded = log.slowWrites
  }

  /** Nothing may be acknowledged any more: which of the last transactions are on the disk only a restart can tell. */
  #logFailed(error: DiskError): void {
    const { directory, front, events } = this.#options
    const message =
      `The transaction log in ${directory.logDirectory} cannot be written (${error.message}). The server stops, ` +
      'so that it acknowledges nothing that may be lost. Check the disk, then start it again: it goes on from what is there.'
    front.metrics.unrecoverable_error_count.add(1)
    events.failed(new StartError('LOG', message, { cause: error }))
  }

  #startPurging(): void {
    const { config, env, directory } = this.#options
    const { snapshotDirectory, logDirectory } = directory
    const purger = new Purger({ disk: env.disk, snapshotDirectory, logDirectory, retain: config.snapRetainCount })
    void this.#purge(purger)
    this.#timers.push(env.clock.every(config.purgeIntervalHours * 3_600_000, () => void this.#purge(purger)))
  }

  async #purge(purger: Purger): Promise<void> {
    const { log } = this.#options.env
    try {
      const { removed, damaged } = await purger.purge()
      if (removed.length > 0) log.info('Removed old snapshots and logs.', { files: removed })
      for (const path of damaged) log.warn('A snapshot is damaged; it does not count as one to keep.', { path })
    } catch (error) {
      log.error('Old snapshots and logs could not be removed.', { error })
    }
  }
}

/** How many transactions lie between two zxids, the earlier one left out: an epoch begins with 1. */
function distance(earlier: number, later: number): number {
  return epochOf(earlier) === epochOf(later) ? later - earlier : counterOf(later)
}
