import { ADLER32_EMPTY, adler32 } from './adler32.ts'
import {
  allZero,
  BEGINS_WRITE,
  RECORD_END,
  RECORD_OVERHEAD_BYTES,
  RECORD_PREFIX_BYTES,
  readUint32,
  SHORTEST_TXN_BYTES,
} from './log-format.ts'

/** What a disk writes whole or not at all. */
const SECTOR_BYTES = 512
/** How much is summed up in search of records before the search is given up: bytes can be made to look like many. */
const SEARCH_BUDGET_BYTES = 2 ** 30

/** The transaction's bytes of a record: `[start, end)` of what the record was found in. */
export interface RecordBounds {
  readonly start: number
  readonly end: number
}

/** The record at `at`, if one is there and its checksum matches; otherwise null. */
export function recordAt(bytes: Uint8Array, at: number, limit: number): RecordBounds | null {
  if (at + RECORD_OVERHEAD_BYTES > limit || readUint32(bytes, at) !== 0) return null
  const length = readUint32(bytes, at + 8)
  const start = at + RECORD_PREFIX_BYTES
  if (length < SHORTEST_TXN_BYTES || length >= limit - start || bytes[start + length] !== RECORD_END) return null
  if (adler32(ADLER32_EMPTY, bytes, start, start + length) !== readUint32(bytes, at + 4)) return null
  return { start, end: start + length }
}

/** The whole records in `bytes[from, limit)`, wherever they start. */
function* recordsFrom(bytes: Uint8Array, from: number, limit: number): Generator<RecordBounds | 'too many'> {
  let budget = SEARCH_BUDGET_BYTES
  for (let at = from; at + RECORD_OVERHEAD_BYTES <= limit; ) {
    // A record starts with four zeros and a checksum, which never is zero.
    if (bytes[at] !== 0 || readUint32(bytes, at + 4) === 0) {
      at++
      continue
    }
    const record = recordAt(bytes, at, limit)
    budget -= Math.min(readUint32(bytes, at + 8), limit - at)
    if (record !== null) {
      yield record
      at = record.end + 1
    } else if (budget < 0) {
      yield 'too many'
      return
    } else at++
  }
}

/** Whether the record would be whole if only its length were another: then the length was changed, not cut off. */
function endsAt(bytes: Uint8Array, end: number): boolean {
  if (end < RECORD_OVERHEAD_BYTES + SHORTEST_TXN_BYTES || bytes[end - 1] !== RECORD_END) return false
  return adler32(ADLER32_EMPTY, bytes, RECORD_PREFIX_BYTES, end - 1) === readUint32(bytes, 4)
}

/**
 * Whether a part of the record at the start of `bytes` looks as if it had never been written: nothing is there from
 * some byte on, or a sector of it is still zeros, as the space for it was before.
 *
 * @param limit where the last byte is that is not zero, and one on
 */
function isIncomplete(bytes: Uint8Array, position: number, limit: number): boolean {
  const end = RECORD_OVERHEAD_BYTES + (limit >= RECORD_PREFIX_BYTES ? readUint32(bytes, 8) : 0)
  if (end > limit) return true
  const firstSectorEnd = SECTOR_BYTES - (position % SECTOR_BYTES)
  // Every checksum starts with four zeros: less than a fifth byte shows nothing.
  if (firstSectorEnd > 4 && allZero(bytes, 0, Math.min(firstSectorEnd, limit))) return true
  for (let sector = firstSectorEnd; sector < end; sector += SECTOR_BYTES) {
    if (allZero(bytes, sector, Math.min(sector + SECTOR_BYTES, limit))) return true
  }
  return false
}

/**
 * Tells the two ways apart in which the end of a log can be unreadable.
 *
 * - `torn`: the last write was under way when the power failed or the process ended. Sectors of it are missing, in any
 *   order; nothing in it was acknowledged.
 * - `damaged`: bytes have changed that had been acknowledged.
 *
 * A record from a later write proves damage, since that write started only when this one was on the disk. Where writes
 * are not marked, as in Java's files, any later record does. Without one, it is the last write, and torn if a part of it is
 * missing.
 *
 * @param bytes the file from `position`, where the first record is that cannot be read, to its end (64 MiB are enough)
 * @param marked whether the file's records say which of them begin a write
 */
export function classifyDamage(bytes: Uint8Array, position: number, marked: boolean): 'torn' | 'damaged' {
  let limit = bytes.length
  while (limit > 0 && bytes[limit - 1] === 0) limit--
  let next = limit
  for (const record of recordsFrom(bytes, 1, limit)) {
    if (record === 'too many' || !marked || bytes[record.end - 1] === BEGINS_WRITE) return 'damaged'
    next = Math.min(next, record.start - RECORD_PREFIX_BYTES)
  }
  return !endsAt(bytes, next) && isIncomplete(bytes, position, limit) ? 'torn' : 'damaged'
}
