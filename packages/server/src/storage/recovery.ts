import {
  ApplyResult,
  applyTxn,
  type CommittedLog,
  CreateReplay,
  type Database,
  DataTree,
  type DataTreeOptions,
  DIGEST_VERSION,
  LoggedTxn,
} from '@vivarium/core'
import type { Disk, Log } from '@vivarium/env'
import { copyBytes, formatZxid, Reader, readTxn } from '@vivarium/protocol'
import type { LogDamage } from './corrupt-log-error.ts'
import {
  type EpochTurn,
  hasHole,
  type LogRecord,
  type LogScan,
  listLogs,
  readLogs,
  removeUnfinishedLogs,
  repairLogs,
} from './log-reader.ts'
import { RecoveryError } from './recovery-error.ts'
import type { SnapshotFile, SnapshotTrailer } from './snapshot-format.ts'
import { type LoadedSnapshot, loadSnapshot, looksValid, type SnapshotDamage } from './snapshot-reader.ts'
import { estimateSnapshotBytes } from './snapshot-runner.ts'
import { listSnapshots, removeUnfinishedSnapshots } from './snapshot-store.ts'

/** How many snapshots are tried (FileSnap.deserialize). */
const MOST_CANDIDATES = 100

export interface RecoveryOptions {
  readonly disk: Disk
  readonly log: Log
  readonly snapshotDirectory: string
  readonly logDirectory: string
  readonly tree: DataTreeOptions
  /** Makes the database that the log is replayed into, of a tree as a snapshot has it. */
  readonly createDatabase: (tree: DataTree, sessions: Map<bigint, number>) => Database
  /** Replays a log that has no snapshot to start from (`snapshot.trust.empty`). */
  readonly trustEmptySnapshot: boolean
  /** Whether an empty database is taken for what it seems to be (`db.autocreate`, or the `initialize` marker). */
  readonly trustEmptyDatabase: boolean
  /** Whether ephemeral znodes without a session are removed. A member of an ensemble must not do so alone. */
  readonly removeDeadSessions: boolean
  /** Is given the last transactions of the log, for learners that are a little behind; null: nobody asks for them. */
  readonly committed: CommittedLog | null
  /** Called when the snapshot has been read, and the log is next. */
  readonly onSnapshotLoaded?: () => void
}

export interface Recovery {
  readonly database: Database
  /** The last transaction; 0 if there is none; −1 if the database is empty and nobody vouches for that. */
  readonly lastZxid: number
  /** The snapshot that the log was replayed over; null if there was none. */
  readonly snapshot: SnapshotFile | null
  /** About how many bytes it would have uncompressed. */
  readonly snapshotBytes: number
  /** Transactions replayed from the log. */
  readonly transactions: number
  /** How many bytes they are in the log. */
  readonly replayedBytes: number
  /** Newer snapshots that could not be used. Everything in them was in the log as well. */
  readonly damagedSnapshots: readonly SnapshotDamage[]
  /** The end of the log that a crash had cut off. It has been removed; nothing in it had been acknowledged. */
  readonly torn: LogDamage | null
  /** Files that crashes have left, which have been removed. */
  readonly removed: readonly string[]
  /**
   * Whether the tree had the digest that the snapshot says, once the log had been replayed as far as the snapshot
   * reaches; null if that cannot be told.
   */
  readonly snapshotDigestMatches: boolean | null
  /** Transactions after which the digest was another than the log says. */
  readonly digestMismatches: number
  /** Sessions that had ephemeral znodes, but were not in the session table. */
  readonly deadSessions: readonly bigint[]
}

/**
 * Brings back what a server had when it stopped, however it stopped: the newest snapshot that is whole, and the log
 * from there on (FileTxnSnapLog.restore, ZooKeeperServer.loadData). What a crash leaves half done is put right on the
 * disk; a crash in the middle of that does no harm.
 *
 * @throws {RecoveryError} if something is missing or damaged that cannot be done without
 * @throws {CorruptLogError} if the log is
 * @throws {DiskError} if the disk fails
 */
export async function recover(options: RecoveryOptions): Promise<Recovery> {
  const { disk, snapshotDirectory, logDirectory, log } = options
  const removed = [
    ...(await removeUnfinishedSnapshots(disk, snapshotDirectory)),
    ...(await removeUnfinishedLogs(disk, logDirectory)),
  ]
  const found = await findSnapshot(options)
  options.onSnapshotLoaded?.()
  const start = found.loaded ?? (await startEmpty(options))
  start.tree.lastProcessedZxid = found.file?.zxid ?? 0
  start.tree.addConfigNode()
  const database = options.createDatabase(start.tree, start.sessions)
  const snapshotBytes = estimateSnapshotBytes(start.tree)
  const replay = new Replay(database, start, options.committed)
  const scan = await readLogs(disk, logDirectory, database.tree.lastProcessedZxid, (record) => replay.apply(record))
  checkReached(found.damaged, scan)
  await repairLogs(disk, logDirectory, scan)
  // A member of an ensemble applies what others have on disk, and its own log may not: a snapshot can be ahead of the log
  // then, with parts of transactions that the next leader sends once more.
  database.comparesDigests = options.committed === null || database.comparesDigests
  database.awaitsDigest = !database.comparesDigests
  const empty = found.file === null && scan.transactions === 0
  const recovery: Recovery = {
    database,
    lastZxid: empty && !options.trustEmptyDatabase ? -1 : scan.lastZxid,
    snapshot: found.file,
    snapshotBytes,
    transactions: scan.transactions,
    replayedBytes: replay.bytes,
    damagedSnapshots: found.damaged,
    torn: scan.torn,
    removed: [...removed, ...scan.empty],
    snapshotDigestMatches: replay.snapshotDigestMatches,
    digestMismatches: database.digestMismatches,
    deadSessions: deadSessions(database),
  }
  if (options.removeDeadSessions) removeSessions(database, recovery.deadSessions)
  report(log, recovery, scan, options.removeDeadSessions)
  return recovery
}

interface Found {
  readonly file: SnapshotFile | null
  readonly loaded: LoadedSnapshot | null
  readonly damaged: SnapshotDamage[]
}

async function findSnapshot({ disk, snapshotDirectory, tree, log }: RecoveryOptions): Promise<Found> {
  const damaged: SnapshotDamage[] = []
  let candidates = 0
  for (const file of await listSnapshots(disk, snapshotDirectory)) {
    if (candidates === MOST_CANDIDATES) break
    if (!(await looksValid(disk, file))) {
      damaged.push({ path: file.path, zxid: file.zxid, damage: 'it is cut off' })
      continue
    }
    candidates++
    const loaded = await loadSnapshot(disk, file, tree)
    if ('tree' in loaded) return { file, loaded, damaged }
    log.warn('a snapshot is damaged; the next older one is tried', { ...loaded })
    damaged.push(loaded)
  }
  // Starting empty over a snapshot that cannot be read would lose everything. One that was begun before the first
  // transaction had nothing in it.
  if (damaged.some(({ zxid }) => zxid > 0)) {
    throw new RecoveryError(
      `none of the snapshots in ${snapshotDirectory} can be used: ` +
        damaged.map(({ path, damage }) => `${path}: ${damage}`).join('; ') +
        '. If this server is a member of an ensemble, move its version-2 directories away and start it: it copies the ' +
        'data from the others. If it stands alone, restore a backup.',
    )
  }
  return { file: null, loaded: null, damaged }
}

/** There is no snapshot. That is fine for a new server, and with a log a sign of loss (ZOOKEEPER-2325). */
async function startEmpty(options: RecoveryOptions): Promise<LoadedSnapshot> {
  const { disk, logDirectory, snapshotDirectory, trustEmptySnapshot } = options
  if (!trustEmptySnapshot && (await hasTransactions(disk, logDirectory))) {
    throw new RecoveryError(
      `there are transactions in ${logDirectory}, but no snapshot in ${snapshotDirectory} that they could continue: ` +
        'check that dataDir is right and its disk is mounted. To replay the log over an empty database, as when ' +
        'upgrading from ZooKeeper 3.4, set snapshot.trust.empty for one start.',
    )
  }
  return { tree: new DataTree(options.tree), sessions: new Map(), digest: null, lastZxid: null }
}

async function hasTransactions(disk: Disk, logDirectory: string): Promise<boolean> {
  const logs = await listLogs(disk, logDirectory)
  if (logs.length === 0) return false
  const first = (logs[0]?.zxid ?? 1) - 1
  const scan = await readLogs(disk, logDirectory, first, () => {}).catch(() => null)
  // A log that cannot be read may have had some.
  return scan === null || scan.transactions > 0
}

/** Replays the log, and compares digests where both sides are known to be at the same transaction. */
class Replay {
  bytes = 0
  snapshotDigestMatches: boolean | null = null
  readonly #database: Database
  readonly #committed: CommittedLog | null
  readonly #creations: CreateReplay
  readonly #result = new ApplyResult()
  readonly #reader = new Reader(new Uint8Array(0), 0, 0, 2 ** 31 - 1)
  /** The digest when the snapshot was complete, to which the log has not come yet. */
  #awaited: SnapshotTrailer['digest'] = null
  /** Up to here a snapshot may have parts of transactions, and no digest can be right. */
  #fuzzyUntil: number

  constructor(database: Database, { digest, lastZxid }: SnapshotTrailer, committed: CommittedLog | null) {
    this.#database = database
    this.#committed = committed
    this.#creations = new CreateReplay(database)
    committed?.clear()
    const { tree } = database
    // Before its first transaction Java writes no digest, but a section with zeros.
    const isDigest = digest !== null && digest.zxid > 0 && digest.version === DIGEST_VERSION
    if (isDigest && tree.digestEnabled) this.#awaited = digest
    this.#fuzzyUntil = Math.max(digest?.zxid ?? 0, lastZxid ?? 0)
    this.#compare(tree.lastProcessedZxid)
  }

  apply(record: LogRecord): void {
    this.bytes += record.end - record.start
    try {
      if (!this.#creations.apply(record.bytes, record.start, record.end, record.zxid)) {
        this.#reader.reset(record.bytes, record.start, record.end)
        applyTxn(this.#database, readTxn(this.#reader), this.#result)
      }
    } catch (error) {
      throw record.unreadable(`the transaction cannot be applied: ${(error as Error).message}`, error)
    }
    const logged = this.#committed === null ? null : LoggedTxn.from(copyBytes(record.bytes, record.start, record.end))
    if (logged !== null) this.#committed?.add(logged)
    if (!this.#database.comparesDigests) this.#compare(record.zxid)
  }

  #compare(zxid: number): void {
    const { tree } = this.#database
    if (this.#awaited !== null && zxid === this.#awaited.zxid) {
      const { high, low } = this.#awaited
      this.snapshotDigestMatches = ((tree.digestHigh ^ high) | (tree.digestLow ^ low)) === 0
    }
    this.#database.comparesDigests = zxid >= this.#fuzzyUntil
  }
}

/** An older snapshot will do in place of a damaged one only if the log goes on to where that was taken, and beyond. */
function checkReached(damaged: readonly SnapshotDamage[], { lastZxid, turns }: LogScan): void {
  const end: EpochTurn = { before: lastZxid, after: Number.POSITIVE_INFINITY }
  for (const { path, zxid, damage } of damaged) {
    const hole = [...turns, end].find((turn) => hasHole([turn], [zxid]))
    if (hole === undefined) continue
    const goesOn = hole === end ? '' : ` and goes on with ${formatZxid(hole.after)}`
    throw new RecoveryError(
      `${path} is damaged (${damage}), and the log ends at ${formatZxid(hole.before)}${goesOn}, without what was in it: ` +
        'that is lost here. If this server is a member of an ensemble, move its version-2 directories away and ' +
        'start it: it copies the data from the others. If it stands alone, restore a backup, or accept the loss by ' +
        'moving this snapshot away.',
    )
  }
}

/** ZooKeeperServer.loadData: nobody could ever end these sessions. */
function deadSessions({ tree, sessions }: Database): bigint[] {
  return tree.sessionsWithEphemerals().filter((sessionId) => !sessions.has(sessionId))
}

function removeSessions({ tree }: Database, dead: readonly bigint[]): void {
  for (const sessionId of dead) {
    for (const path of tree.ephemeralsOf(sessionId)) tree.deleteNode(path, tree.lastProcessedZxid)
  }
}

function report(log: Log, recovery: Recovery, scan: LogScan, removed: boolean): void {
  const { torn, lastZxid, snapshot, transactions, deadSessions, digestMismatches, snapshotDigestMatches } = recovery
  if (torn !== null) log.warn('the last write to the log was cut off, and has been removed', { ...torn })
  for (const damage of scan.ignored) log.warn('the end of a log file is unreadable; nothing is missing', { ...damage })
  if (recovery.removed.length > 0)
    log.warn('files that a crash had left have been removed', { files: recovery.removed })
  if (deadSessions.length > 0)
    log.warn(`ephemeral znodes without a session ${removed ? 'have been' : 'are to be'} removed`, { deadSessions })
  if (digestMismatches > 0 || snapshotDigestMatches === false) {
    log.error('the tree differs from what the server that logged it had', { digestMismatches, snapshotDigestMatches })
  }
  log.info('data recovered', { snapshot: snapshot?.path, transactions, lastZxid: formatZxid(lastZxid) })
}
