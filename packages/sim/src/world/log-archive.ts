import type { MemoryDisk } from '@vivarium/env/memory'
import { Reader, readTxn, type Txn } from '@vivarium/protocol'
import { DATA_DIRECTORY } from './random-config.ts'

const HEADER_BYTES = 16
const PREFIX_BYTES = 12
const RECORD_END = 0x42
const PIECE_BYTES = 16_384
const SNAPSHOT = /^snapshot\.([0-9a-f]+)(\.snappy)?$/

/** A disk to read from, with the data of one server. */
export type LogDisk = Pick<MemoryDisk, 'names' | 'contents' | 'isZeroFrom'>

/** What a server had in its log at some moment. */
export interface LogCopy {
  readonly server: number
  readonly ms: number
  /** The epoch that the server began to lead at that moment: then this is the history that it leads with. */
  readonly epoch: number | null
  /** In zxid order. Records that are equal, byte for byte, are the same object. */
  readonly txns: readonly Txn[]
  /** What its snapshots are called by, in order. */
  readonly snapshots: readonly number[]
  /** After which transactions there is something in a file that is none, and another file follows: more may be missing. */
  readonly damagedAfter: ReadonlySet<number>
}

/** What a file has, and where that ends. */
interface LogFile {
  readonly path: string
  readonly txns: readonly Txn[]
  readonly endAt: number
}

/** What has been in the logs of all servers: taken whenever something may be lost of one, and when a server begins to lead. */
export class LogArchive {
  readonly copies: LogCopy[] = []
  readonly #records = new Map<string, Txn>()
  /** What a file of that name had when one was read last: the next one mostly begins with the same. */
  readonly #files = new Map<string, { readonly bytes: Uint8Array; readonly txns: readonly Txn[] }>()

  copy(server: number, disk: LogDisk, ms: number, epoch: number | null): LogCopy {
    const names = disk.names(DATA_DIRECTORY)
    const files = this.#read(disk, names)
    const copy = {
      server,
      ms,
      epoch,
      txns: inOrder(files),
      snapshots: zxidsOf(names, SNAPSHOT),
      damagedAfter: damaged(disk, files),
    }
    this.copies.push(copy)
    return copy
  }

  /**
   * All transactions in the log files of a disk, in zxid order. It reads only what is whole, and does not judge the rest:
   * the server has to.
   */
  read(disk: LogDisk): Txn[] {
    return inOrder(this.#read(disk, disk.names(DATA_DIRECTORY)))
  }

  #read(disk: LogDisk, names: readonly string[]): LogFile[] {
    return logsOf(names).map((path) => this.#file(disk, path))
  }

  /** The last zxid that a disk has, in the log or in a snapshot. */
  last(disk: LogDisk): number {
    const snapshots = zxidsOf(disk.names(DATA_DIRECTORY), SNAPSHOT)
    return Math.max(this.read(disk).at(-1)?.zxid ?? 0, snapshots.at(-1) ?? 0)
  }

  /** Reads no more than it has to: a log has many times as much room as records. */
  #file(disk: LogDisk, path: string): LogFile {
    const known = this.#files.get(path)
    let bytes = disk.contents(path, 0, PIECE_BYTES + (known?.bytes.length ?? 0))
    const same = known !== undefined && Buffer.compare(bytes.subarray(0, known.bytes.length), known.bytes) === 0
    const txns = same ? [...known.txns] : []
    let at = same ? known.bytes.length : HEADER_BYTES
    for (;;) {
      const start = at + PREFIX_BYTES
      const end = start < bytes.length ? start + uint32(bytes, at + 8) : start
      if (end >= bytes.length) {
        // What is no record may claim to have any length: no more is read then than what stands at its end.
        if (end > start && disk.contents(path, end, 1)[0] !== RECORD_END) break
        const more = disk.contents(path, 0, Math.max(2 * bytes.length, end + 1))
        if (more.length === bytes.length) break
        bytes = more
        continue
      }
      if (end === start || bytes[end] !== RECORD_END) break
      if (adler32(bytes, start, end) !== uint32(bytes, at + 4)) break
      // The last byte is a mark of the server's own.
      txns.push(this.#record(bytes.subarray(start, end - 1)))
      at = end + 1
    }
    if (same && at === known.bytes.length) return { path, txns: known.txns, endAt: at }
    if (txns.length > 0) this.#files.set(path, { bytes: bytes.slice(0, at), txns })
    return { path, txns, endAt: at }
  }

  #record(bytes: Uint8Array): Txn {
    const key = Buffer.from(bytes).toString('latin1')
    let txn = this.#records.get(key)
    if (txn === undefined) {
      txn = readTxn(new Reader(bytes, 0, bytes.length))
      this.#records.set(key, txn)
    }
    return txn
  }
}

/** The transactions of all files, in zxid order: where two have the same zxid, that of the later file. */
function inOrder(files: readonly LogFile[]): Txn[] {
  const byZxid = new Map<number, Txn>()
  for (const { txns } of files) for (const txn of txns) byZxid.set(txn.zxid, txn)
  return [...byZxid.values()].sort((a, b) => a.zxid - b.zxid)
}

/** Behind the transactions of a file there are zeros, as far as there is room. */
function damaged(disk: LogDisk, files: readonly LogFile[]): Set<number> {
  const after = new Set<number>()
  let last = 0
  for (const { path, txns, endAt } of files.slice(0, -1)) {
    last = txns.at(-1)?.zxid ?? last
    if (!disk.isZeroFrom(path, endAt)) after.add(last)
  }
  return after
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

function adler32(bytes: Uint8Array, start: number, end: number): number {
  let [low, high] = [1, 0]
  for (let at = start; at < end; at++) {
    low = (low + bytes[at]!) % 65_521
    high = (high + low) % 65_521
  }
  return ((high << 16) | low) >>> 0
}

function logsOf(names: readonly string[]): string[] {
  return zxidsOf(names, /^log\.([0-9a-f]+)$/).map((zxid) => `${DATA_DIRECTORY}/log.${zxid.toString(16)}`)
}

/** The numbers in names of files, in their order. */
function zxidsOf(names: readonly string[], pattern: RegExp): number[] {
  return names
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map((zxid) => Number.parseInt(zxid, 16))
    .sort((a, b) => a - b)
}
