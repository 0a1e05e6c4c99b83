import { ADLER32_EMPTY, adler32 } from './adler32.ts'
import {
  BEGINS_WRITE,
  RECORD_END,
  RECORD_OVERHEAD_BYTES,
  RECORD_PREFIX_BYTES,
  SHARES_WRITE,
  writeUint32,
} from './log-format.ts'

/** What a buffer has at first: it doubles as needed. */
const FIRST_BYTES = 16 * 1024
/** A buffer that has grown beyond this is not kept for the next batch. */
const KEPT_BYTES = 4 * 1024 * 1024

/** Framed records that go to the disk in one write. */
export class WriteBatch {
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES)
  length = 0
  firstZxid = 0
  lastZxid = 0

  /** Adds a transaction's bytes, `record[start, end)`. */
  append(zxid: number, record: Uint8Array, start: number, end: number): void {
    const begins = this.length === 0
    const length = end - start + 1
    this.#reserve(length + RECORD_OVERHEAD_BYTES)
    if (begins) this.firstZxid = zxid
    this.lastZxid = zxid
    const bytes = this.bytes
    const at = this.length
    const from = at + RECORD_PREFIX_BYTES
    bytes.set(record.subarray(start, end), from)
    bytes[from + length - 1] = begins ? BEGINS_WRITE : SHARES_WRITE
    writeUint32(bytes, at, 0)
    writeUint32(bytes, at + 4, adler32(ADLER32_EMPTY, bytes, from, from + length))
    writeUint32(bytes, at + 8, length)
    bytes[from + length] = RECORD_END
    this.length = from + length + 1
  }

  clear(): void {
    this.length = 0
    if (this.bytes.length > KEPT_BYTES) this.bytes = new Uint8Array(FIRST_BYTES)
  }

  #reserve(more: number): void {
    const needed = this.length + more
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }
}
