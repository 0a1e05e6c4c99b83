import type { Disk } from '@vivarium/env'
import { counterOf, epochOf, formatZxid, Reader, readTxn } from '@vivarium/protocol'
import { listLogs } from '../log-reader.ts'
import { LogScanner } from './scan-log.ts'

/** Where the log does not go on as it should. */
export interface LogBreak {
  /** `checksum`: of a record, or the header, with what belongs to it still to be told. */
  readonly kind: 'checksum' | 'gap' | 'torn' | 'damaged' | 'unreadable'
  readonly path: string
  /** Where in the file the readable part before it ends. */
  readonly position: number
  /** The last transaction before it. */
  readonly zxidBefore: number
  readonly reason: string
  /** Whether whole records of the same file stand before it. */
  readonly hasRecordsBefore: boolean
  /** Transactions that can be read behind it and are not in the snapshot, in this file and those that follow. */
  transactionsAfter: number
}

export interface LogFile {
  readonly path: string
  /** As its name says. */
  readonly zxid: number
  readonly bytes: number
  readonly records: number
  /** Of the first and the last record; 0 if there is none. */
  readonly first: number
  readonly last: number
}

export interface LogExamination {
  readonly files: readonly LogFile[]
  readonly breaks: readonly LogBreak[]
  /** Ends of files that are unreadable but lack nothing, as the next file goes on where they end. */
  readonly ignored: readonly LogBreak[]
}

/**
 * Reads every log file of a directory to its end, whatever is wrong with it.
 *
 * @param from the zxid of the snapshot that they continue
 * @throws {DiskError}
 */
export async function examineLogs(disk: Disk, directory: string, from: number): Promise<LogExamination> {
  const walk = new Walk(disk, from)
  for (const { path, zxid } of await listLogs(disk, directory)) await walk.read(path, zxid)
  return walk.finish()
}

class Walk {
  readonly #disk: Disk
  readonly #from: number
  readonly #files: LogFile[] = []
  readonly #breaks: LogBreak[] = []
  readonly #ignored: LogBreak[] = []
  readonly #reader = new Reader(new Uint8Array(0), 0, 0, 2 ** 31 - 1)
  #last: number | null = null
  /** The end of the file before, until it is known what follows. */
  #open: LogBreak | null = null

  constructor(disk: Disk, from: number) {
    this.#disk = disk
    this.#from = from
  }

  finish(): LogExamination {
    if (this.#open !== null) this.#breaks.push(this.#open)
    return { files: this.#files, breaks: this.#breaks, ignored: this.#ignored }
  }

  async read(path: string, zxid: number): Promise<void> {
    const scanner = new LogScanner(this.#disk, path)
    let records = 0
    let first = 0
    const before = (position: number) => ({
      path,
      position,
      zxidBefore: this.#last ?? 0,
      hasRecordsBefore: records > 0,
      transactionsAfter: 0,
    })
    const checkHeader = (): void => {
      if (scanner.header?.isKnown !== false) return
      this.#judgeOpen(false)
      this.#breaks.push({ kind: 'checksum', ...before(0), reason: 'the header is not that of a transaction log' })
    }
    for await (const batch of scanner.batches()) {
      if (records === 0) checkHeader()
      for (const record of batch) {
        const { position } = record
        if (!record.checksumMatches) {
          this.#judgeOpen(false)
          this.#breaks.push({
            kind: 'checksum',
            ...before(position),
            reason: 'the checksum of a record does not match',
          })
          records++
          // What it says of itself is as doubtful as the rest; those that follow show whether it was right.
          if (this.#last !== null) this.#last += 1
          continue
        }
        const follows = this.#follows(record.zxid)
        this.#judgeOpen(follows)
        if (!follows) this.#breaks.push({ kind: 'gap', ...before(position), reason: this.#gap(record.zxid) })
        const wrong = this.#whatIsWrong(record.bytes, record.start, record.end)
        if (wrong !== null) this.#breaks.push({ kind: 'unreadable', ...before(position), reason: wrong })
        if (records === 0) first = record.zxid
        records++
        this.#last = Math.max(record.zxid, this.#last ?? 0)
        if (record.zxid > this.#from) for (const found of this.#breaks) found.transactionsAfter++
      }
    }
    if (records === 0) checkHeader()
    const { kind, reason, position, size } = scanner.end
    this.#files.push({ path, zxid, bytes: size, records, first, last: records === 0 ? 0 : (this.#last ?? 0) })
    if (kind === 'clean' || reason === null) return
    if (this.#open !== null) this.#breaks.push(this.#open)
    this.#open = { kind, ...before(position), reason }
  }

  /** The unreadable end of the file before lacks nothing if the next one goes on where it ends. */
  #judgeOpen(follows: boolean): void {
    if (this.#open === null) return
    if (follows) this.#ignored.push(this.#open)
    else this.#breaks.push(this.#open)
    this.#open = null
  }

  #follows(zxid: number): boolean {
    const last = this.#last
    // The same once more is passed over; zxids rise by one, and an epoch starts with 1.
    return last === null || zxid <= last + 1 || (epochOf(zxid) > epochOf(last) && counterOf(zxid) === 1)
  }

  #gap(zxid: number): string {
    return `transaction ${formatZxid(zxid)} comes next, those between are missing`
  }

  #whatIsWrong(bytes: Uint8Array, start: number, end: number): string | null {
    this.#reader.reset(bytes, start, end)
    try {
      readTxn(this.#reader)
      return null
    } catch (error) {
      return `a record is no transaction: ${(error as Error).message}`
    }
  }
}
