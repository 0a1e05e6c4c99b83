import { join } from 'node:path'
import type { Clock, Disk, DiskError, Log } from '@vivarium/env'
import { hexZxid } from './log-format.ts'
import { type Compression, isUnfinished, parseSnapshotName, type SnapshotFile } from './snapshot-format.ts'
import { estimateSnapshotBytes, type SnapshotRunner, type SnapshotSource } from './snapshot-runner.ts'
import { publishSnapshot, type WrittenSnapshot } from './snapshot-writer.ts'

const PIECE_BYTES = 1024 * 1024
/** A snapshot leaves at least this for the transaction log, without which nothing can be written any more. */
const RESERVED_BYTES = 16 * 1024 * 1024

export interface SnapshotStoreOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Log
  /** The directory of the files, `<dataDir>/version-2`. */
  readonly directory: string
  readonly compression: Compression
  readonly withLastZxid: boolean
  readonly runner: SnapshotRunner
  readonly pieceBytes?: number
}

export type SnapshotOutcome =
  | { readonly ok: true; readonly snapshot: WrittenSnapshot; readonly ms: number }
  /** Nothing is lost by it: the log has everything. */
  | { readonly ok: false; readonly error: DiskError }

/** The snapshots in a directory, newest first. */
export async function listSnapshots(disk: Disk, directory: string): Promise<SnapshotFile[]> {
  const snapshots: SnapshotFile[] = []
  for (const name of await disk.list(directory)) {
    const snapshot = parseSnapshotName(directory, name)
    if (snapshot !== null) snapshots.push(snapshot)
  }
  return snapshots.sort((a, b) => b.zxid - a.zxid)
}

/** Removes what crashes have left of snapshots: unfinished files, and empty ones. Returns their names. */
export async function removeUnfinishedSnapshots(disk: Disk, directory: string): Promise<string[]> {
  const removed: string[] = []
  for (const name of await disk.list(directory)) {
    const path = join(directory, name)
    const empty = parseSnapshotName(directory, name) !== null && (await disk.stat(path))?.size === 0
    if (!empty && !isUnfinished(name)) continue
    await disk.remove(path)
    removed.push(name)
  }
  return removed
}

/** Takes snapshots, one at a time. */
export class SnapshotStore {
  /** Snapshots written since the start. */
  written = 0
  /** Those that could not be written. */
  failed = 0
  /** The newest one. */
  last: WrittenSnapshot | null = null
  #busy = false
  #givenUp = false
  readonly #whenIdle: (() => void)[] = []
  readonly #options: SnapshotStoreOptions

  constructor(options: SnapshotStoreOptions) {
    this.#options = options
  }

  /** Whether a snapshot is being written. */
  get busy(): boolean {
    return this.#busy
  }

  /**
   * The tree is about to get what may never be committed: the snapshot that is being written would have some of it, under
   * the name of an earlier state, and so survive a truncation.
   */
  giveUp(): void {
    this.#givenUp = true
  }

  /** Waits until no snapshot is being written. */
  async idle(): Promise<void> {
    while (this.#busy) {
      await new Promise<void>((resolve) => {
        this.#whenIdle.push(resolve)
      })
    }
  }

  /**
   * Writes a snapshot of everything that has been applied, while more is. A failure is logged and is none of the
   * server's: the transaction log has all that the snapshot would have had. (Java ends the process.)
   *
   * @param logged is asked once the snapshot has all that it will have, and resolves when the log on the disk has that too:
   *   a member applies what others have on theirs, and a snapshot ahead of the log would leave a hole in it after a power
   *   failure. False if that will never be; then there is no snapshot.
   */
  async take(source: SnapshotSource, logged: () => Promise<boolean>): Promise<SnapshotOutcome> {
    const { clock, log, directory } = this.#options
    const started = clock.monotonicMs()
    const zxid = hexZxid(source.tree.lastProcessedZxid)
    this.#busy = true
    this.#givenUp = false
    try {
      const snapshot = await this.#write(source)
      await this.#publish(snapshot, logged)
      const ms = Math.round(clock.monotonicMs() - started)
      this.written++
      this.last = snapshot
      log.info('snapshot written', { path: snapshot.path, bytes: snapshot.bytes, ms })
      return { ok: true, snapshot, ms }
    } catch (error) {
      if (this.#givenUp) {
        log.info('a snapshot was given up; the transaction log has everything', { zxid })
        return { ok: false, error: error as DiskError }
      }
      this.failed++
      log.error('a snapshot could not be written; the transaction log has everything', { directory, zxid, error })
      return { ok: false, error: error as DiskError }
    } finally {
      this.#busy = false
      for (const tell of this.#whenIdle.splice(0)) tell()
    }
  }

  async #write(source: SnapshotSource): Promise<WrittenSnapshot> {
    const { disk, directory, compression, withLastZxid, runner } = this.#options
    const { tree } = source
    const free = await disk.freeBytes(directory)
    const needed = estimateSnapshotBytes(tree)
    if (compression === 'none' && free < needed + RESERVED_BYTES) {
      const message = `ENOSPC: about ${needed} bytes are needed, and ${free} are left, some of them for the log`
      throw Object.assign(new Error(message), { code: 'ENOSPC' })
    }
    const pieceBytes = this.#options.pieceBytes ?? PIECE_BYTES
    return runner.run({ directory, zxid: tree.lastProcessedZxid, compression, withLastZxid, pieceBytes }, source)
  }

  async #publish(snapshot: WrittenSnapshot, logged: () => Promise<boolean>): Promise<void> {
    const { disk } = this.#options
    const isLogged = await logged()
    if (isLogged && !this.#givenUp) return publishSnapshot(disk, snapshot)
    await disk.remove(snapshot.unfinished).catch(() => {})
    throw new Error('what is in it may never be in the log, or not for good')
  }
}
