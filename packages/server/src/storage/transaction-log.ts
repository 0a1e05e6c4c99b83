import type { Clock, Disk, DiskError, Log, Timer } from '@vivarium/env'
import { isDiskFull, LogFile } from './log-file.ts'
import { LOG_HEADER_BYTES, logPath } from './log-format.ts'
import { WriteBatch } from './write-batch.ts'

/** How often a full disk is looked at. */
const FULL_DISK_POLL_MS = 1000

export interface TransactionLogOptions {
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Log
  /** The directory of the files, `<dataLogDir>/version-2`. */
  readonly directory: string
  /** Whether what is acknowledged has reached the disk itself (`forceSync`). */
  readonly forceSync: boolean
  /** How much a file's size grows at a time (`preAllocSize`). */
  readonly preAllocBytes: number
  /** A file that is longer is followed by a new one (`txnLogSizeLimitInKb`); 0 or less: only `roll` does that. */
  readonly sizeLimitBytes: number
  /** A write that takes longer is warned about (`fsync.warningthresholdms`). */
  readonly slowWriteMs: number
}

export interface TransactionLogEvents {
  /** All transactions up to this zxid are on the disk. */
  synced(zxid: number): void
  /**
   * The log has come to its end: what was not reported as synced may or may not be on the disk. Called once; the
   * process must start again from the disk, as memory may be ahead of it (ZOOKEEPER-4882).
   */
  failed(error: DiskError): void
  /** The disk is full: nothing is acknowledged until `recovered`. */
  full(error: DiskError): void
  /** There was room again, and what had waited is on the disk. */
  recovered(): void
}

/**
 * The transaction log: records are appended to a batch, and one write at a time takes a batch to the disk. While it is
 * under way the next batch fills, so that the more there is to do the more shares a write.
 *
 * A file is never appended to after a restart (as in Java): the first batch after the start, or after `roll`, goes to a
 * new file that is named by its first zxid.
 */
export class TransactionLog {
  /** Bytes of records written, since the start. */
  bytesWritten = 0
  /** Completed writes: with `forceSync`, as many syncs. */
  writes = 0
  /** The time they took together. */
  writeMs = 0
  /** The longest of them. */
  longestWriteMs = 0
  /** Writes that took longer than `slowWriteMs`. */
  slowWrites = 0

  readonly #options: TransactionLogOptions
  readonly #events: TransactionLogEvents
  #file: LogFile | null = null
  #rolling = false
  #filling = new WriteBatch()
  #writing = new WriteBatch()
  /** Whether `#writing` holds a batch that is not on the disk yet. */
  #busy = false
  /** Whether the disk has been asked for something: not so while it is full. */
  #underWay = false
  #state: 'open' | 'full' | 'failed' | 'closed' = 'open'
  #lastZxid = -1
  /** The last one that is on the disk. */
  #durableZxid = -1
  #started = 0
  #retry: Timer | null = null
  /** A file that this log created and could not complete, so that it may be created again. */
  #abandoned: string | null = null
  #whenIdle: (() => void) | null = null
  /** Called at the end of the next write, however it ends. */
  #whenWritten: (() => void)[] = []
  readonly #written = (error: DiskError | null): void => this.#onWritten(error)

  constructor(options: TransactionLogOptions, events: TransactionLogEvents) {
    this.#options = options
    this.#events = events
  }

  get state(): 'open' | 'full' | 'failed' | 'closed' {
    return this.#state
  }

  /** How much of the current file is used, in bytes; 0 before the first write. */
  get fileBytes(): number {
    return this.#file === null ? 0 : this.#file.position
  }

  /** Bytes that have been appended and are not on the disk yet. */
  get pendingBytes(): number {
    return this.#filling.length + (this.#busy ? this.#writing.length : 0)
  }

  /** Adds a transaction, `record[start, end)`, which is copied. Zxids must rise. */
  append(zxid: number, record: Uint8Array, start: number, end: number): void {
    if (zxid <= this.#lastZxid)
      throw new Error(`${zxid.toString(16)} follows ${this.#lastZxid.toString(16)} in the log`)
    this.#lastZxid = zxid
    if (this.#state === 'open' || this.#state === 'full') this.#filling.append(zxid, record, start, end)
  }

  /** Starts to write what was appended; if a write is under way, that follows it anyway. */
  flush(): void {
    if (!this.#busy && this.#state === 'open' && this.#filling.length > 0) this.#start()
  }

  /** The next write goes to a new file. */
  roll(): void {
    this.#rolling = true
  }

  /**
   * Resolves once all that had been appended when it was called is on the disk: true. False if that will never be, as the
   * log has failed or was closed.
   */
  async settled(): Promise<boolean> {
    const zxid = this.#lastZxid
    while (this.#durableZxid < zxid && (this.#state === 'open' || this.#state === 'full')) {
      this.flush()
      await new Promise<void>((resolve) => {
        this.#whenWritten.push(resolve)
      })
    }
    return this.#durableZxid >= zxid
  }

  /** Writes what was appended, unless the disk is full or broken, and lets go of the file. */
  async close(): Promise<void> {
    this.flush()
    this.#retry?.cancel()
    if (this.#underWay) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve
      })
    }
    this.#retry?.cancel()
    if (this.#state !== 'failed') this.#state = 'closed'
    this.#tellWritten()
    const file = this.#file
    this.#file = null
    await file?.close().catch(() => {})
  }

  #start(): void {
    const batch = this.#filling
    this.#filling = this.#writing
    this.#writing = batch
    this.#busy = true
    this.#write()
  }

  #write(): void {
    this.#underWay = true
    const { sizeLimitBytes } = this.#options
    const file = this.#file
    // A file without a record, whose first write met a full disk, is as good as a new one, and has its name.
    if (file?.position === LOG_HEADER_BYTES) this.#rolling = false
    if (file === null || this.#rolling || (sizeLimitBytes > 0 && file.position > sizeLimitBytes)) {
      this.#openNext().then(
        () => this.#write(),
        (error: DiskError) => this.#onError(error),
      )
      return
    }
    this.#started = this.#options.clock.monotonicMs()
    file.write(this.#writing.bytes, this.#writing.length, this.#written)
  }

  /** Everything in the file before is on the disk already, so that it can be let go of. */
  async #openNext(): Promise<void> {
    const { disk, directory, forceSync, preAllocBytes } = this.#options
    const { firstZxid } = this.#writing
    const path = logPath(directory, firstZxid)
    // Java would empty a file of that name (`FileTxnLog.append`). Recovery leaves none that matters; should it fail to,
    // acknowledged transactions would be lost here.
    if (path !== this.#abandoned && (await disk.stat(path)) !== null) {
      throw Object.assign(new Error(`EEXIST: ${path} is already there`), { code: 'EEXIST' })
    }
    this.#abandoned = path
    const next = await LogFile.create(directory, firstZxid, { disk, durable: forceSync, preAllocBytes })
    this.#abandoned = null
    this.#rolling = false
    const last = this.#file
    this.#file = next
    last
      ?.close()
      .catch((error: unknown) => this.#options.log.warn('cannot close a log file', { path: last.path, error }))
  }

  #onWritten(error: DiskError | null): void {
    if (error !== null) {
      this.#onError(error)
      return
    }
    const zxid = this.#writing.lastZxid
    this.#measure(this.#options.clock.monotonicMs() - this.#started)
    this.#durableZxid = zxid
    this.#writing.clear()
    this.#busy = false
    this.#underWay = false
    const recovered = this.#state === 'full'
    if (recovered) this.#state = 'open'
    // The disk starts on the next batch first, and works while this one is applied.
    if (this.#filling.length > 0) this.#start()
    else this.#whenIdle?.()
    if (recovered) this.#events.recovered()
    this.#events.synced(zxid)
    this.#tellWritten()
  }

  #measure(ms: number): void {
    this.writes++
    this.writeMs += ms
    this.bytesWritten += this.#writing.length
    if (ms > this.longestWriteMs) this.longestWriteMs = ms
    if (ms <= this.#options.slowWriteMs) return
    this.slowWrites++
    this.#options.log.warn('writing the transaction log took long, which delays every write', {
      ms: Math.round(ms),
      bytes: this.#writing.length,
      file: this.#file?.path,
      fileBytes: this.fileBytes,
    })
  }

  #onError(error: DiskError): void {
    this.#underWay = false
    if (isDiskFull(error)) {
      const first = this.#state === 'open'
      this.#state = 'full'
      this.#retry = this.#options.clock.after(FULL_DISK_POLL_MS, () => this.#retryWhenRoom())
      this.#whenIdle?.()
      if (first) this.#events.full(error)
      return
    }
    // After an error the system may have dropped what it could not write, and report success next time: nothing more
    // can be learned from this file until it is read again.
    this.#state = 'failed'
    this.#options.log.error('the transaction log cannot be written', { file: this.#file?.path, error })
    this.#whenIdle?.()
    this.#events.failed(error)
    this.#tellWritten()
  }

  #tellWritten(): void {
    for (const tell of this.#whenWritten.splice(0)) tell()
  }

  #retryWhenRoom(): void {
    const needed = this.#writing.length + LOG_HEADER_BYTES
    this.#options.disk.freeBytes(this.#options.directory).then(
      (free) => {
        if (this.#state !== 'full') return
        if (free >= needed) this.#write()
        else this.#retry = this.#options.clock.after(FULL_DISK_POLL_MS, () => this.#retryWhenRoom())
      },
      (error: DiskError) => {
        if (this.#state === 'full') this.#onError(error)
      },
    )
  }
}
