import { join } from 'node:path'

/**
 * A transaction log as Java's `FileTxnLog` lays it out: a file header, then records, then zeros up to the size that was
 * allocated ahead.
 *
 *     header: int "ZKLG", int 2, long dbid
 *     record: long adler32(txn), int length, the txn's bytes, byte 'B'
 */
export const LOG_MAGIC = 0x5a4b_4c47
export const LOG_VERSION = 2
/** In the header's `dbid`, which Java writes as 0 and never looks at: the file has write marks. */
export const MARKED_DBID_HIGH = 0x5649_5641
export const MARKED_DBID_LOW = 0x5249_554d
export const LOG_HEADER_BYTES = 16
/** Checksum and length, before a transaction's bytes. */
export const RECORD_PREFIX_BYTES = 12
/** What a record takes besides the transaction's bytes. */
export const RECORD_OVERHEAD_BYTES = RECORD_PREFIX_BYTES + 1
/** The byte 'B', which ends a record. */
export const RECORD_END = 0x42
/** Where the zxid stands in a transaction's bytes: after `TxnHeader.clientId` and `cxid`. */
export const ZXID_OFFSET = 12
/** No transaction is shorter than its header. */
export const SHORTEST_TXN_BYTES = 32

/**
 * In a file with marks, the last byte of each record: whether it begins a write or shares one with the record before.
 * As a write starts only when the last one is on the disk, a record that begins one proves that all before it had been.
 * After a crash this tells a write that was cut off from damage to what had been acknowledged. The byte is one of those
 * that the length and the checksum cover; Java reads the fields it knows and leaves the rest of a record alone.
 */
export const BEGINS_WRITE = 0x57
export const SHARES_WRITE = 0x77

/** The header of a log file. */
export function logHeader(): Uint8Array {
  const bytes = new Uint8Array(LOG_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, LOG_MAGIC)
  view.setUint32(4, LOG_VERSION)
  view.setUint32(8, MARKED_DBID_HIGH)
  view.setUint32(12, MARKED_DBID_LOW)
  return bytes
}

/** A zxid as file names have it: hexadecimal without padding. */
export function hexZxid(zxid: number): string {
  return zxid.toString(16)
}

/** The zxid in a hexadecimal part of a file name, or null; a number beyond 2^53 is not one of ours. */
export function parseHexZxid(text: string): number | null {
  if (!/^[0-9a-f]{1,16}$/i.test(text)) return null
  const zxid = Number.parseInt(text, 16)
  return Number.isSafeInteger(zxid) ? zxid : null
}

/** The path of the log whose first transaction is `zxid`. */
export function logPath(directory: string, zxid: number): string {
  return join(directory, `log.${hexZxid(zxid)}`)
}

/** The path that it has until it has a header; Java takes no notice of such files. */
export function unfinishedLogPath(directory: string, zxid: number): string {
  return join(directory, `log.${hexZxid(zxid)}.tmp`)
}

/** Whether a file is what a crash has left of the creation of a log. */
export function isUnfinishedLog(name: string): boolean {
  return /^log\.[0-9a-f]+\.tmp$/.test(name)
}

/** The zxid in the name of a log file; null for the name of anything else. */
export function zxidOfLog(name: string): number | null {
  return name.startsWith('log.') ? parseHexZxid(name.slice(4)) : null
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

/** Whether `bytes[start, end)` are zeros. */
export function allZero(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false
  return true
}

/** A 64-bit number that is known to be a zxid: exact up to 2^53. */
export function readZxid(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) * 2 ** 32 + readUint32(bytes, at + 4)
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
