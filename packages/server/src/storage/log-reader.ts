import { join } from 'node:path'
import type { Disk, File } from '@vivarium/env'
import { counterOf, epochOf, formatZxid } from '@vivarium/protocol'
import { CorruptLogError, type LogDamage } from './corrupt-log-error.ts'
import { classifyDamage, recordAt } from './log-damage.ts'
import {
  allZero,
  BEGINS_WRITE,
  isUnfinishedLog,
  LOG_HEADER_BYTES,
  LOG_MAGIC,
  MARKED_DBID_HIGH,
  MARKED_DBID_LOW,
  RECORD_PREFIX_BYTES,
  readUint32,
  readZxid,
  SHARES_WRITE,
  ZXID_OFFSET,
  zxidOfLog,
} from './log-format.ts'
import { LogWindow } from './log-window.ts'

/** How much is compared with zeros at a time. */
const ZEROS_BYTES = 1024 * 1024
/** How much of a file is looked at to judge damage; no single write is longer. */
const DAMAGE_WINDOW_BYTES = 64 * 1024 * 1024

/** A transaction in a log. One object serves for all: it is valid, as are its bytes, only while it is visited. */
export class LogRecord {
  zxid = 0
  /** The transaction is `bytes[start, end)`, as `readTxn` expects it. */
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  path = ''
  /** Where in the file the record starts. */
  position = 0
  /** The last transaction before it. */
  zxidBefore = 0

  /** What to throw if these bytes, whose checksum is right, are no transaction. */
  unreadable(reason: string, cause?: unknown): CorruptLogError {
    return new CorruptLogError({ ...this, reason }, { cause })
  }
}

/** What was found besides transactions. */
export interface LogScan {
  /** The last transaction that was visited, or the zxid to start after. */
  lastZxid: number
  transactions: number
  /** Bytes of all that was read. */
  bytes: number
  /** The last file that has transactions. */
  lastPath: string | null
  /** A write that a crash cut off at the end of the log. Nothing in it had been acknowledged. */
  torn: LogDamage | null
  /** Files without a single transaction, which a crash left right after it had created them. */
  readonly empty: string[]
  /** Ends of files that are unreadable, but lack nothing: the next file goes on where the readable part ends. */
  readonly ignored: LogDamage[]
  /** Where epochs begin: whether something is missing before that, the log itself cannot tell. See {@link hasHole}. */
  readonly turns: EpochTurn[]
}

/** The last transaction of an epoch in the log, and the first of the next. */
export interface EpochTurn {
  readonly before: number
  readonly after: number
}

/**
 * Whether a log lacks the end of an epoch, which a snapshot has: one of a state that lies within a turn. So it is where
 * Java took a snapshot of what others had on their disks, and the power failed before the own log had it; or where a
 * snapshot was being put in the place of a log. That of a leader that has just begun is called by `epoch << 32`, which is
 * no transaction, and stands for all that came before.
 *
 * @param zxids of snapshots
 */
export function hasHole(turns: readonly EpochTurn[], zxids: readonly number[]): boolean {
  return turns.some(({ before, after }) => zxids.some((zxid) => zxid > before && zxid < after))
}

/** How the readable part of a file ends, if not with zeros or with the file. */
interface FileEnd extends LogDamage {
  readonly kind: 'torn' | 'damaged'
}

/** The log files in a directory, oldest first. */
export async function listLogs(disk: Disk, directory: string): Promise<{ zxid: number; path: string }[]> {
  const logs: { zxid: number; path: string }[] = []
  for (const name of await disk.list(directory)) {
    const zxid = zxidOfLog(name)
    if (zxid !== null) logs.push({ zxid, path: join(directory, name) })
  }
  return logs.sort((a, b) => a.zxid - b.zxid)
}

/**
 * Visits every transaction after `afterZxid` in a directory's log files, in order (`FileTxnLog.FileTxnIterator`).
 *
 * A log may end in a write that was cut off. Apart from that, all that was written must be there: zxids rise by one
 * within an epoch, and an epoch starts with 1. A transaction that stands there twice is visited once (Java's files may
 * have such). There is no limit to the size of a record other than the file's: what could be written can be read.
 *
 * @throws {CorruptLogError} if transactions are missing or damaged; what was visited before is right
 * @throws {DiskError} if a file cannot be read
 */
export async function readLogs(
  disk: Disk,
  directory: string,
  afterZxid: number,
  visit: (record: LogRecord) => void,
): Promise<LogScan> {
  const logs = await listLogs(disk, directory)
  let first = 0
  while (first + 1 < logs.length && logs[first + 1]!.zxid <= afterZxid + 1) first++
  const reader = new LogReader(disk, afterZxid, visit)
  for (const { path } of logs.slice(first)) await reader.readFile(path)
  return reader.finish()
}

/**
 * Makes a log as it is after a clean stop: a torn end is cut off, files without transactions are removed. Java would
 * refuse some of these, and the next file may be in need of their names. Doing it twice does no harm.
 *
 * What was read may be in the system's cache only, where a process that was killed has left its last write. From now on
 * it counts, so it has to be on the disk: a power failure would leave a hole in the log otherwise.
 */
export async function repairLogs(disk: Disk, directory: string, { torn, empty, lastPath }: LogScan): Promise<void> {
  const cutOff = torn !== null && !empty.includes(torn.path) ? torn : null
  if (cutOff !== null) await settle(disk, cutOff.path, cutOff.position)
  if (lastPath !== null && lastPath !== cutOff?.path) await settle(disk, lastPath, null)
  for (const path of empty) await disk.remove(path)
  if (empty.length > 0 || lastPath !== null) await disk.syncDirectory(directory)
}

/** Removes the logs that a crash kept from getting their header and name. Returns their names. */
export async function removeUnfinishedLogs(disk: Disk, directory: string): Promise<string[]> {
  const removed = (await disk.list(directory)).filter(isUnfinishedLog)
  for (const name of removed) await disk.remove(join(directory, name))
  return removed
}

/** Sees to it that a file is on the disk as it is read, or as it is once it is cut off at `size`. */
async function settle(disk: Disk, path: string, size: number | null): Promise<void> {
  const file = await disk.open(path, 'update')
  try {
    if (size !== null) await file.truncate(size)
    await file.sync()
  } finally {
    await file.close()
  }
}

class LogReader {
  readonly #disk: Disk
  readonly #visit: (record: LogRecord) => void
  readonly #record = new LogRecord()
  readonly #scan: LogScan
  #marked = false
  #recordsInFile = 0
  /** The end of an earlier file, to be judged by what follows. */
  #open: FileEnd | null = null

  constructor(disk: Disk, afterZxid: number, visit: (record: LogRecord) => void) {
    this.#disk = disk
    this.#visit = visit
    this.#scan = {
      lastZxid: afterZxid,
      transactions: 0,
      bytes: 0,
      lastPath: null,
      torn: null,
      empty: [],
      ignored: [],
      turns: [],
    }
  }

  async readFile(path: string): Promise<void> {
    const file = await this.#disk.open(path, 'read')
    try {
      const size = await file.size()
      this.#recordsInFile = 0
      const end = await this.#readOpen(file, size)
      this.#scan.bytes += size
      if (this.#recordsInFile > 0) this.#scan.lastPath = path
      if (this.#recordsInFile === 0 && end?.kind !== 'damaged') this.#scan.empty.push(path)
      if (end !== null) this.#note(end)
    } finally {
      await file.close()
    }
  }

  finish(): LogScan {
    if (this.#open?.kind === 'damaged') throw new CorruptLogError(this.#open)
    this.#scan.torn = this.#open
    return this.#scan
  }

  /** Of several ends in a row without a transaction between them, the worst counts. */
  #note(end: FileEnd): void {
    if (this.#open?.kind === 'damaged') return
    if (this.#open !== null && end.kind === 'torn' && this.#recordsInFile === 0) return
    this.#open = end
  }

  async #readOpen(file: File, size: number): Promise<FileEnd | null> {
    const header = await file.read(0, LOG_HEADER_BYTES)
    if (header.length < LOG_HEADER_BYTES || allZero(header, 0, LOG_HEADER_BYTES)) {
      this.#marked = false
      // A new file before its header came to the disk. Nothing in it can have been acknowledged.
      const kind = await classifyEnd(file, size, 0, this.#marked)
      return kind === null ? null : { kind, ...this.#damage(file, 0, 'the file has no header') }
    }
    const dbidHigh = readUint32(header, 8)
    const dbidLow = readUint32(header, 12)
    this.#marked = dbidHigh === MARKED_DBID_HIGH && dbidLow === MARKED_DBID_LOW
    if (readUint32(header, 0) !== LOG_MAGIC || (!this.#marked && (dbidHigh !== 0 || dbidLow !== 0))) {
      return { kind: 'damaged', ...this.#damage(file, 0, 'the header is not that of a transaction log') }
    }
    const end = await this.#readRecords(file, size)
    if (end.reason === null) return null
    const kind = await classifyEnd(file, size, end.position, this.#marked)
    return kind === null ? null : { kind, ...this.#damage(file, end.position, end.reason) }
  }

  /** Reads on while there are records. `reason` says what is wrong with the next one; null: nothing, it is the end. */
  async #readRecords(file: File, size: number): Promise<{ position: number; reason: string | null }> {
    const window = new LogWindow(file, LOG_HEADER_BYTES, size)
    try {
      for (;;) {
        const added = await window.next()
        window.at = this.#parse(file, window)
        const { bytes, at, end, position } = window
        const needed = neededBytes(bytes, at, end)
        if (needed > 0 && needed <= end - at) return { position, reason: 'the checksum of a record does not match' }
        if (needed === 0 || position + needed > size || position + end - at >= size || added === 0) {
          const prefix = bytes.subarray(at, Math.min(end, at + RECORD_PREFIX_BYTES))
          return { position, reason: await whyNoRecord(file, size, position, prefix) }
        }
        window.wanted = needed
      }
    } finally {
      await window.settle()
    }
  }

  /** Visits the records that are whole in the window, and returns where the next one starts. */
  #parse(file: File, { bytes, at, end, position }: LogWindow): number {
    const record = this.#record
    const scan = this.#scan
    const fileOffset = position - at
    for (;;) {
      const found = recordAt(bytes, at, end)
      if (found === null) return at
      const mark = bytes[found.end - 1]
      if (this.#marked && mark !== BEGINS_WRITE && mark !== SHARES_WRITE) return at
      record.path = file.path
      record.position = fileOffset + at
      record.zxidBefore = scan.lastZxid
      const zxid = readZxid(bytes, found.start + ZXID_OFFSET)
      if (!Number.isSafeInteger(zxid)) throw record.unreadable('its zxid is beyond 53 bits')
      this.#recordsInFile++
      if (zxid > scan.lastZxid) {
        this.#checkFollows(zxid)
        record.zxid = zxid
        record.bytes = bytes
        record.start = found.start
        record.end = this.#marked ? found.end - 1 : found.end
        this.#visit(record)
        scan.lastZxid = zxid
        scan.transactions++
      }
      at = found.end + 1
    }
  }

  #checkFollows(zxid: number): void {
    const { lastZxid } = this.#scan
    const follows = zxid === lastZxid + 1
    if (!follows && (epochOf(zxid) === epochOf(lastZxid) || counterOf(zxid) !== 1)) {
      if (this.#open !== null) throw new CorruptLogError(this.#open)
      throw this.#record.unreadable(`transaction ${formatZxid(zxid)} comes next, those between are missing`)
    }
    if (!follows) this.#scan.turns.push({ before: lastZxid, after: zxid })
    if (this.#open === null) return
    // When a new epoch starts, what is unreadable may have been the end of the last one.
    if (!follows && this.#open.kind === 'damaged') throw new CorruptLogError(this.#open)
    this.#scan.ignored.push(this.#open)
    this.#open = null
  }

  #damage(file: File, position: number, reason: string): LogDamage {
    return { path: file.path, position, zxidBefore: this.#scan.lastZxid, reason }
  }
}

/** What the end of a file is from `position` on, where no whole record is; null if there is nothing but zeros. */
export async function classifyEnd(
  file: File,
  size: number,
  position: number,
  marked: boolean,
): Promise<'torn' | 'damaged' | null> {
  if (await isZeroFrom(file, position, size)) return null
  const bytes = await file.read(position, Math.min(size - position, DAMAGE_WINDOW_BYTES))
  const allSeen = position + bytes.length >= size || (await isZeroFrom(file, position + bytes.length, size))
  return allSeen ? classifyDamage(bytes, position, marked) : 'damaged'
}

/** How many bytes from `at` the next record takes, as far as can be seen; 0 if there cannot be one. */
export function neededBytes(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < RECORD_PREFIX_BYTES) return RECORD_PREFIX_BYTES
  const length = readUint32(bytes, at + 8)
  return length === 0 || length > 0x7fff_ffff ? 0 : RECORD_PREFIX_BYTES + length + 1
}

/** What is wrong with the record at `position`, of which `prefix` is there; null if it is the end of the log. */
export async function whyNoRecord(
  file: File,
  size: number,
  position: number,
  prefix: Uint8Array,
): Promise<string | null> {
  if (allZero(prefix, 0, prefix.length)) {
    return (await isZeroFrom(file, position, size)) ? null : 'there is a gap of zeros between records'
  }
  if (prefix.length < RECORD_PREFIX_BYTES) return 'the file ends within a record'
  const length = readUint32(prefix, 8)
  return `a record claims to be ${length} bytes long, and ${size - position - RECORD_PREFIX_BYTES} are left`
}

const zeros = new Uint8Array(ZEROS_BYTES)

async function isZeroFrom(file: File, position: number, size: number): Promise<boolean> {
  while (position < size) {
    const bytes = await file.read(position, Math.min(ZEROS_BYTES, size - position))
    if (bytes.length === 0) return true
    if (Buffer.compare(bytes, bytes.length === ZEROS_BYTES ? zeros : zeros.subarray(0, bytes.length)) !== 0)
      return false
    position += bytes.length
  }
  return true
}
