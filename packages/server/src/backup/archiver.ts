import { join } from 'node:path'
import type { Clock, Disk, Log } from '@vivarium/env'
import { formatZxid } from '@vivarium/protocol'
import { isIntact, listSnapshots, type SnapshotFile } from '../storage/index.ts'
import { LOG_HEADER_BYTES } from '../storage/log-format.ts'
import { piecesOf } from '../storage/pieces-of.ts'
import type { BackupStore } from './backup-store.ts'
import { baseName, endOf, readCatalogue, type Stream, segmentName, streamId } from './catalogue.ts'
import { HistoryChanged, LogTail } from './log-tail.ts'
import { wholeRecords } from './records.ts'
import { BackupError } from './replay.ts'

export interface ArchiverOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Log
  /** `<dataDir>/version-2`. */
  readonly snapshotDirectory: string
  /** `<dataLogDir>/version-2`. */
  readonly logDirectory: string
  readonly store: BackupStore
  /** A snapshot of the server's is added when the last one in the backup is so old. */
  readonly snapshotEveryMs: number
}

/** What is in a backup by now. */
export interface Archived {
  readonly stream: string
  /** The last transaction. */
  readonly zxid: number
  /** What a run has added. */
  readonly transactions: number
  readonly bytes: number
}

/** There is nothing that a backup could begin with. */
export class NothingToArchive extends BackupError {}

/**
 * Keeps a backup in step with the files of a server that runs, or does not: the server's own snapshots, and its log as it
 * grows. It asks nothing of the server. Where the log turns out not to be the one that was followed (a member was cut back to
 * what its ensemble has, a snapshot was restored), a new stream begins.
 */
export class Archiver {
  readonly #options: ArchiverOptions
  #stream = ''
  #tail: LogTail | null = null
  #baseZxid = -1
  #baseMs = 0

  constructor(options: ArchiverOptions) {
    this.#options = options
  }

  /**
   * Adds everything that there is by now.
   *
   * @throws {NothingToArchive} if the server has never written a snapshot
   * @throws {Error} what the disk or the store says
   */
  async run(): Promise<Archived> {
    let transactions = 0
    let bytes = 0
    let begun = false
    this.#tail ??= await this.#resume()
    for (;;) {
      const tail = this.#tail ?? (await this.#begin())
      this.#tail = tail
      try {
        const part = await tail.next()
        if (part === null) break
        await this.#put(segmentName(this.#stream, part.first, part.last, part.lastMs), one(part.bytes))
        transactions += part.last - part.first + 1
        bytes += part.bytes.length
      } catch (error) {
        this.#tail = null
        if (!(error instanceof HistoryChanged) || begun) throw error
        begun = true
        this.#options.log.warn('The log is another one than before: the backup begins anew.', { reason: error.message })
      }
    }
    await this.#addBase()
    return { stream: this.#stream, zxid: this.#tail?.last ?? -1, transactions, bytes }
  }

  /** Goes on with the newest stream, if the log has what is last in it. */
  async #resume(): Promise<LogTail | null> {
    const { disk, logDirectory, store } = this.#options
    const [stream] = await readCatalogue(store)
    const base = stream?.bases.at(-1)
    if (stream === undefined || base === undefined) return null
    const tail = new LogTail(disk, logDirectory, endOf(stream) - 1)
    const again = stream.segments.length === 0 ? null : await tail.next().catch(() => null)
    if (stream.segments.length > 0) {
      const expected = await lastRecord(store, stream)
      const found = again === null ? undefined : [...wholeRecords(again.bytes, LOG_HEADER_BYTES)][0]
      if (expected === undefined || found?.zxid !== endOf(stream) || found.checksum !== expected.checksum) return null
    } else if (!(await this.#hasSnapshot(base.zxid, base.bytes))) return null
    this.#stream = stream.id
    this.#baseZxid = base.zxid
    this.#baseMs = base.archivedMs
    return new LogTail(disk, logDirectory, endOf(stream))
  }

  async #hasSnapshot(zxid: number, bytes: number): Promise<boolean> {
    const { disk, snapshotDirectory } = this.#options
    const snapshot = (await listSnapshots(disk, snapshotDirectory)).find((found) => found.zxid === zxid)
    return snapshot !== undefined && (await disk.stat(snapshot.path))?.size === bytes
  }

  /** Begins a stream with the newest snapshot that is whole. */
  async #begin(): Promise<LogTail> {
    const { disk, clock, logDirectory } = this.#options
    const snapshot = await this.#newestSnapshot()
    if (snapshot === null) throw new NothingToArchive('there is no snapshot yet: has a server ever been started there?')
    this.#stream = streamId(clock.wallMs())
    await this.#putBase(snapshot)
    return new LogTail(disk, logDirectory, snapshot.zxid)
  }

  async #addBase(): Promise<void> {
    const { clock, snapshotEveryMs } = this.#options
    if (clock.wallMs() - this.#baseMs < snapshotEveryMs) return
    const snapshot = await this.#newestSnapshot()
    if (snapshot !== null && snapshot.zxid > this.#baseZxid && snapshot.zxid <= (this.#tail?.last ?? -1)) {
      await this.#putBase(snapshot)
    }
  }

  async #newestSnapshot(): Promise<SnapshotFile | null> {
    const { disk, snapshotDirectory } = this.#options
    // Apache's servers write theirs under the name that they keep.
    for (const snapshot of await listSnapshots(disk, snapshotDirectory)) {
      if (await isIntact(disk, snapshot)) return snapshot
    }
    return null
  }

  async #putBase({ path, zxid, compression }: SnapshotFile): Promise<void> {
    const nowMs = this.#options.clock.wallMs()
    await this.#put(baseName(this.#stream, zxid, nowMs, compression), piecesOf(this.#options.disk, path))
    this.#baseZxid = zxid
    this.#baseMs = nowMs
    this.#options.log.info('A snapshot is in the backup.', { stream: this.#stream, zxid: formatZxid(zxid) })
  }

  #put(name: string, contents: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#options.store.put(name, contents)
  }
}

async function lastRecord(store: BackupStore, { segments }: Stream): Promise<{ checksum: number } | undefined> {
  const pieces: Uint8Array[] = []
  for await (const piece of store.get(segments.at(-1)?.name ?? '')) pieces.push(piece)
  return [...wholeRecords(Buffer.concat(pieces), LOG_HEADER_BYTES)].at(-1)
}

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}

/** The directories of a server with these settings. */
export const archivedDirectories = (
  dataDir: string,
  dataLogDir: string,
): Pick<ArchiverOptions, 'snapshotDirectory' | 'logDirectory'> => ({
  snapshotDirectory: join(dataDir, 'version-2'),
  logDirectory: join(dataLogDir, 'version-2'),
})
