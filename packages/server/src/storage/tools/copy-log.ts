import type { Disk, File } from '@vivarium/env'
import { ADLER32_EMPTY, adler32 } from '../adler32.ts'
import {
  LOG_HEADER_BYTES,
  MARKED_DBID_HIGH,
  MARKED_DBID_LOW,
  RECORD_PREFIX_BYTES,
  readUint32,
  writeUint32,
} from '../log-format.ts'
import { type LogFileEnd, LogScanner, type ScannedRecord } from './scan-log.ts'

/** What is put together before it is written. */
const PIECE_BYTES = 1024 * 1024

/** What becomes of a record: it is copied as it is, with a new checksum, or is where the copy ends. */
export type CopyChoice = 'copy' | 'seal' | 'stop'

export interface CopiedLog {
  /** Records in the copy. */
  readonly records: number
  /** Of these, those that got a new checksum. */
  readonly sealed: number
  /** The zxid of the last one; 0 if there is none. */
  readonly lastZxid: number
  /** How the file that was copied ends; null if the copy ends before that. */
  readonly end: LogFileEnd | null
}

/**
 * Copies a log file record by record. What follows the last whole record is left out.
 *
 * @param choose is asked for each record
 * @throws {DiskError}
 */
export async function copyLog(
  disk: Disk,
  from: string,
  to: string,
  choose: (record: ScannedRecord) => CopyChoice | Promise<CopyChoice>,
): Promise<CopiedLog> {
  const scanner = new LogScanner(disk, from)
  const target = await disk.open(to, 'create')
  const output = new Output(target)
  let records = 0
  let sealed = 0
  let lastZxid = 0
  let stopped = false
  try {
    const source = await disk.open(from, 'read')
    try {
      await output.write(knownHeader(await source.read(0, LOG_HEADER_BYTES)))
    } finally {
      await source.close()
    }
    reading: for await (const batch of scanner.batches()) {
      for (const record of batch) {
        const choice = await choose(record)
        if (choice === 'stop') {
          stopped = true
          break reading
        }
        await output.write(recordBytes(record, choice === 'seal'))
        records++
        if (choice === 'seal') sealed++
        lastZxid = record.zxid
      }
    }
    await output.flush()
    await target.sync()
  } finally {
    await target.close()
  }
  return { records, sealed, lastZxid, end: stopped ? null : scanner.end }
}

/** A log's header, with a dbid that servers know. */
function knownHeader(header: Uint8Array): Uint8Array {
  const isMarked = readUint32(header, 8) === MARKED_DBID_HIGH && readUint32(header, 12) === MARKED_DBID_LOW
  return isMarked ? header : Uint8Array.from(header).fill(0, 8)
}

/** A record from its checksum to its end, in bytes of its own; with the checksum that its transaction has, or as it is. */
function recordBytes({ bytes, start, recordEnd }: ScannedRecord, seal: boolean): Uint8Array {
  const record = Buffer.from(bytes.subarray(start - RECORD_PREFIX_BYTES, recordEnd))
  if (seal) {
    writeUint32(record, 0, 0)
    writeUint32(record, 4, adler32(ADLER32_EMPTY, bytes, start, recordEnd - 1))
  }
  return record
}

class Output {
  readonly #file: File
  #pieces: Uint8Array[] = []
  #pending = 0
  #position = 0

  constructor(file: File) {
    this.#file = file
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes)
    this.#pending += bytes.length
    if (this.#pending >= PIECE_BYTES) await this.flush()
  }

  async flush(): Promise<void> {
    const piece = Buffer.concat(this.#pieces)
    this.#pieces = []
    this.#pending = 0
    await this.#file.writeAt(piece, this.#position)
    this.#position += piece.length
  }
}
