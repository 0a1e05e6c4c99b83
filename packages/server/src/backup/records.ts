import { counterOf, epochOf } from '@vivarium/protocol'
import { recordAt } from '../storage/log-damage.ts'
import {
  LOG_HEADER_BYTES,
  LOG_MAGIC,
  RECORD_PREFIX_BYTES,
  readUint32,
  readZxid,
  ZXID_OFFSET,
} from '../storage/log-format.ts'

/** Where the time stands in a transaction's bytes: after `TxnHeader.clientId`, `cxid` and `zxid`. */
const TIME_OFFSET = 20

/** A record of a log: `bytes[at, end)`, with its checksum and its end mark. */
export interface RawRecord {
  readonly at: number
  readonly end: number
  readonly zxid: number
  /** When the transaction was made, in milliseconds since 1970. */
  readonly timeMs: number
  readonly checksum: number
}

/** The records in `bytes[at, …)` that are whole, up to the first that is not. */
export function* wholeRecords(bytes: Uint8Array, at: number): Generator<RawRecord> {
  for (let found = recordAt(bytes, at, bytes.length); found !== null; found = recordAt(bytes, at, bytes.length)) {
    const end = found.end + 1
    yield {
      at,
      end,
      zxid: readZxid(bytes, found.start + ZXID_OFFSET),
      timeMs: readZxid(bytes, found.start + TIME_OFFSET),
      checksum: readUint32(bytes, at + 4),
    }
    at = end
  }
}

/** Whether nothing can be missing between two transactions of a log. */
export const comesNext = (last: number, next: number): boolean =>
  next === last + 1 || (epochOf(next) > epochOf(last) && counterOf(next) === 1)

export const isLogHeader = (bytes: Uint8Array): boolean =>
  bytes.length >= LOG_HEADER_BYTES && readUint32(bytes, 0) === LOG_MAGIC

/** How long the record at `at` would be, for what its prefix says. */
export const recordBytes = (bytes: Uint8Array, at: number): number =>
  at + RECORD_PREFIX_BYTES > bytes.length ? RECORD_PREFIX_BYTES : RECORD_PREFIX_BYTES + readUint32(bytes, at + 8) + 1
