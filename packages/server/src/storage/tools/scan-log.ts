import type { Disk, File } from '@vivarium/env'
import { ADLER32_EMPTY, adler32 } from '../adler32.ts'
import {
  allZero,
  BEGINS_WRITE,
  LOG_HEADER_BYTES,
  LOG_MAGIC,
  MARKED_DBID_HIGH,
  MARKED_DBID_LOW,
  RECORD_END,
  RECORD_PREFIX_BYTES,
  readUint32,
  readZxid,
  SHARES_WRITE,
  SHORTEST_TXN_BYTES,
  ZXID_OFFSET,
} from '../log-format.ts'
import { classifyEnd, neededBytes, whyNoRecord } from '../log-reader.ts'
import { LogWindow } from '../log-window.ts'

/** A record of a log, damaged or not. Its bytes are valid until the next batch is asked for. */
export interface ScannedRecord {
  /** Where in the file it starts. */
  readonly position: number
  /** As its bytes say: of a record whose checksum does not match it may be any number. */
  readonly zxid: number
  readonly checksumMatches: boolean
  /** The transaction is `bytes[start, end)`, as `readTxn` expects it. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** Where in `bytes` the whole record ends. */
  readonly recordEnd: number
}

export interface LogHeader {
  /** As in the file; ours marks the files that have write marks with it. */
  readonly dbid: bigint
  readonly version: number
  /** Whether the dbid is one that servers write; ours take no other. */
  readonly isKnown: boolean
}

/** How a file ends after its last record. */
export interface LogFileEnd {
  /** Null if the file has none, or has another kind's. */
  readonly header: LogHeader | null
  readonly size: number
  /** Where what follows the last record begins. */
  readonly position: number
  /** `torn`: a write that a crash cut off; `damaged`: what is there was something else. `clean`: nothing, or zeros. */
  readonly kind: 'clean' | 'torn' | 'damaged'
  /** What is wrong there; null if `clean`. */
  readonly reason: string | null
}

/**
 * Reads a log file record by record, in batches, whatever is wrong with it: a record whose checksum does not match is
 * handed out like the others as long as it can be told where it ends. Memory is for a few megabytes, or the longest record.
 *
 * @throws {DiskError}
 * @example
 * for await (const batch of scan.batches()) for (const record of batch) …
 * scan.end.kind
 */
export class LogScanner {
  readonly #disk: Disk
  readonly #path: string
  #marked = false
  #header: LogHeader | null = null
  #end: LogFileEnd | null = null

  constructor(disk: Disk, path: string) {
    this.#disk = disk
    this.#path = path
  }

  /** The file's header; known once the first batch is there. */
  get header(): LogHeader | null {
    return this.#header
  }

  /** How the file ends; known once all batches have been read. */
  get end(): LogFileEnd {
    if (this.#end === null) throw new Error('the log has not been read to its end')
    return this.#end
  }

  async *batches(): AsyncGenerator<readonly ScannedRecord[], void, undefined> {
    const file = await this.#disk.open(this.#path, 'read')
    try {
      const size = await file.size()
      const header = await file.read(0, LOG_HEADER_BYTES)
      if (header.length < LOG_HEADER_BYTES || readUint32(header, 0) !== LOG_MAGIC) {
        const none = header.length < LOG_HEADER_BYTES || allZero(header, 0, LOG_HEADER_BYTES)
        const reason = none ? 'the file has no header' : 'the header is not that of a transaction log'
        await this.#finish(file, size, 0, reason, !none)
        return
      }
      const [high, low] = [readUint32(header, 8), readUint32(header, 12)]
      this.#marked = high === MARKED_DBID_HIGH && low === MARKED_DBID_LOW
      this.#header = {
        dbid: BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)),
        version: readUint32(header, 4),
        isKnown: this.#marked || (high === 0 && low === 0),
      }
      yield* this.#records(file, size)
    } finally {
      await file.close()
    }
  }

  async *#records(file: File, size: number): AsyncGenerator<readonly ScannedRecord[], void, undefined> {
    const window = new LogWindow(file, LOG_HEADER_BYTES, size)
    try {
      for (;;) {
        const added = await window.next()
        const batch = this.#parse(window)
        if (batch.length > 0) yield batch
        const { bytes, at, end, position } = window
        const needed = neededBytes(bytes, at, end)
        const isHere = needed > 0 && needed <= end - at
        if (isHere) return await this.#finish(file, size, position, 'a record does not end as records do', true)
        if (needed === 0 || position + needed > size || position + end - at >= size || added === 0) {
          const prefix = bytes.subarray(at, Math.min(end, at + RECORD_PREFIX_BYTES))
          return await this.#finish(file, size, position, await whyNoRecord(file, size, position, prefix), false)
        }
        window.wanted = needed
      }
    } finally {
      await window.settle()
    }
  }

  #parse(window: LogWindow): ScannedRecord[] {
    const batch: ScannedRecord[] = []
    const { bytes, end } = window
    for (;;) {
      const { at } = window
      const length = end - at < RECORD_PREFIX_BYTES ? 0 : readUint32(bytes, at + 8)
      const start = at + RECORD_PREFIX_BYTES
      if (length < SHORTEST_TXN_BYTES || length >= end - start || bytes[start + length] !== RECORD_END) return batch
      const checksum = adler32(ADLER32_EMPTY, bytes, start, start + length)
      const mark = bytes[start + length - 1]
      const hasMark = this.#marked && (mark === BEGINS_WRITE || mark === SHARES_WRITE)
      batch.push({
        position: window.position,
        zxid: readZxid(bytes, start + ZXID_OFFSET),
        checksumMatches: readUint32(bytes, at) === 0 && readUint32(bytes, at + 4) === checksum,
        bytes,
        start,
        end: start + length - (hasMark ? 1 : 0),
        recordEnd: start + length + 1,
      })
      window.at = start + length + 1
    }
  }

  async #finish(file: File, size: number, position: number, reason: string | null, isDamage: boolean): Promise<void> {
    const found = reason === null ? null : isDamage ? 'damaged' : await classifyEnd(file, size, position, this.#marked)
    this.#end = {
      header: this.#header,
      size,
      position,
      kind: found ?? 'clean',
      reason: found === null ? null : reason,
    }
  }
}
