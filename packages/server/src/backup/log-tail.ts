import type { Disk, File } from '@vivarium/env'
import { listLogs } from '../storage/index.ts'
import { LOG_HEADER_BYTES } from '../storage/log-format.ts'
import { comesNext, isLogHeader, type RawRecord, recordBytes, wholeRecords } from './records.ts'

/** How much is read at a time; a record that is longer is read by itself. */
const CHUNK_BYTES = 4 * 1024 * 1024
/** Longer than any transaction is. */
const LONGEST_RECORD_BYTES = 2 ** 30

/** Some of a log: a header, and records one behind the other. */
export interface LogPart {
  readonly bytes: Uint8Array
  readonly first: number
  readonly last: number
  readonly lastMs: number
}

/** Where in which file a record stands, to find out later whether it still does. */
interface Place {
  readonly path: string
  readonly position: number
  readonly end: number
  readonly checksum: number
}

/** The log is no longer the one that was followed: it was cut back, replaced, or removed too early. */
export class HistoryChanged extends Error {}

/**
 * Follows the log that a server is writing, from one transaction to the next. It only reads; what is not whole yet is read
 * next time.
 */
export class LogTail {
  readonly #disk: Disk
  readonly #directory: string
  #last: number
  #place: Place | null = null

  /** @param after the transaction to begin behind, which need not be in the log */
  constructor(disk: Disk, directory: string, after: number) {
    this.#disk = disk
    this.#directory = directory
    this.#last = after
  }

  /** The last transaction that was read. */
  get last(): number {
    return this.#last
  }

  /**
   * Some of what is there by now, of one file; null if there is nothing more.
   *
   * @throws {HistoryChanged} if what was read before is not there any more, or something is missing behind it
   * @throws {DiskError}
   */
  async next(): Promise<LogPart | null> {
    await this.#checkPlace()
    // What has a successor is not written to any more: that is to be known before it is read.
    const logs = await listLogs(this.#disk, this.#directory)
    let index = this.#place === null ? 0 : logs.findIndex(({ path }) => path === this.#place?.path)
    if (this.#place === null) while (index + 1 < logs.length && logs[index + 1]!.zxid <= this.#last + 1) index++
    for (; index < logs.length; index++) {
      const { path } = logs[index]!
      const part = await this.#read(path, this.#place?.path === path ? this.#place.end : LOG_HEADER_BYTES)
      if (part !== null) return part
    }
    return null
  }

  async #checkPlace(): Promise<void> {
    if (this.#place === null) return
    const { path, position, checksum } = this.#place
    const file = await this.#disk.open(path, 'read').catch(() => null)
    if (file === null) {
      // A log that was purged has a successor, which goes on where it ended.
      this.#place = null
      const logs = await listLogs(this.#disk, this.#directory)
      if (!logs.some(({ zxid }) => comesNext(this.#last, zxid))) throw new HistoryChanged(`${path} is gone`)
      return
    }
    try {
      const prefix = await file.read(position, 8)
      const there = prefix.length === 8 && new DataView(prefix.buffer, prefix.byteOffset).getUint32(4) === checksum
      if (!there) throw new HistoryChanged(`${path} does not have what was read from it before`)
    } finally {
      await file.close()
    }
  }

  async #read(path: string, from: number): Promise<LogPart | null> {
    const file = await this.#disk.open(path, 'read')
    try {
      const header = await file.read(0, LOG_HEADER_BYTES)
      if (!isLogHeader(header)) return null
      let position = from
      for (;;) {
        const bytes = await readRecords(file, position)
        const records = [...wholeRecords(bytes, 0)]
        if (records.length === 0) return null
        const wanted = records.filter(({ zxid }) => zxid > this.#last)
        this.#check(path, wanted)
        const [end] = records.slice(-1)
        if (wanted.length > 0) return this.#take(path, position, header, bytes, wanted)
        position += end!.end
      }
    } finally {
      await file.close()
    }
  }

  #check(path: string, records: readonly RawRecord[]): void {
    let last = this.#last
    for (const { zxid } of records) {
      if (!comesNext(last, zxid))
        throw new HistoryChanged(`transactions before ${zxid.toString(16)} are missing in ${path}`)
      last = zxid
    }
  }

  #take(path: string, position: number, header: Uint8Array, bytes: Uint8Array, records: readonly RawRecord[]): LogPart {
    const first = records[0]!
    const last = records.at(-1)!
    this.#last = last.zxid
    this.#place = { path, position: position + last.at, end: position + last.end, checksum: last.checksum }
    const part = Buffer.concat([header, bytes.subarray(first.at, last.end)])
    return { bytes: part, first: first.zxid, last: last.zxid, lastMs: last.timeMs }
  }
}

/** A chunk of a file, or one record if that is longer. */
async function readRecords(file: File, position: number): Promise<Uint8Array> {
  const chunk = await file.read(position, CHUNK_BYTES)
  const needed = recordBytes(chunk, 0)
  return needed <= chunk.length || needed > LONGEST_RECORD_BYTES ? chunk : file.read(position, needed)
}
