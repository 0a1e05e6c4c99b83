import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Disk } from '@vivarium/env'
import { formatZxid, OpCode, opcodeName, Reader, readTxn, type Txn } from '@vivarium/protocol'
import { copyLog, LogScanner, listLogs, type ScannedRecord } from '@vivarium/server/storage'
import { CliError } from '../shell/failure.ts'
import type { Output } from './output.ts'
import { txnPaths, txnText, txnValue } from './txn-text.ts'

/** What of a log is to be seen. */
export interface LogFilter {
  /** Zxids, the bounds included. */
  readonly from: number
  readonly to: number
  readonly session: bigint | null
  /** A znode, with all below it. */
  readonly path: string | null
  /** Opcodes by name; empty: all. */
  readonly types: ReadonlySet<string>
}

/** The names of all types that stand in logs. */
export const TXN_TYPES: ReadonlySet<string> = new Set(Object.values(OpCode).map(opcodeName))

/**
 * Prints the transactions of a log file, or of all in a data directory, as `TxnLogToolkit` does; as JSON, one a line.
 *
 * @returns the exit code: 1 if something is wrong with a file
 */
export async function showLogs(
  disk: Disk,
  path: string,
  filter: LogFilter,
  json: boolean,
  output: Output,
): Promise<number> {
  let exitCode = 0
  for (const file of await logFilesAt(disk, path)) {
    if (!(await showLog(disk, file, filter, json, output))) exitCode = 1
  }
  return exitCode
}

/** The log files that a path means: itself, or those in it, or in its `version-2`. */
async function logFilesAt(disk: Disk, path: string): Promise<string[]> {
  const found = await disk.stat(path)
  if (found === null) throw new CliError(`File doesn't exist or not readable: ${path}`)
  if (!found.directory) return [path]
  for (const directory of [join(path, 'version-2'), path]) {
    if ((await disk.stat(directory))?.directory !== true) continue
    const logs = await listLogs(disk, directory)
    if (logs.length > 0) return logs.map((log) => log.path)
  }
  throw new CliError(`there are no transaction logs in ${path}`)
}

async function showLog(disk: Disk, path: string, filter: LogFilter, json: boolean, output: Output): Promise<boolean> {
  const scanner = new LogScanner(disk, path)
  const shown = new TxnView(filter, json)
  let count = 0
  let isWhole = true
  let begun = false
  const begin = async (): Promise<void> => {
    if (begun || scanner.header === null || json) return
    begun = true
    const { dbid, version } = scanner.header
    await output.print(`ZooKeeper Transactional Log File with dbid ${dbid} txnlog format version ${version}\n`)
  }
  for await (const batch of scanner.batches()) {
    await begin()
    const text: string[] = []
    for (const record of batch) {
      count++
      isWhole &&= record.checksumMatches
      const line = shown.line(record)
      if (line !== null) text.push(line, '\n')
    }
    if (text.length > 0) await output.print(text.join(''))
  }
  await begin()
  const { header, kind, reason, position } = scanner.end
  if (header === null) output.warn(`${path}: ${reason ?? 'the file is empty'}`)
  else if (!json) await output.print(`EOF reached after ${count} txns.\n`)
  if (kind === 'clean') return isWhole && header !== null
  output.warn(`${path} is ${kind} at byte ${position}: ${reason}`)
  return false
}

/** Turns records into lines, those that are asked for. */
class TxnView {
  readonly #filter: LogFilter
  readonly #json: boolean
  readonly #reader = new Reader(new Uint8Array(0), 0, 0, 2 ** 31 - 1)

  constructor(filter: LogFilter, json: boolean) {
    this.#filter = filter
    this.#json = json
  }

  /** Null for what is not asked for. What is damaged is shown whatever was asked for, as far as it can be read. */
  line(record: ScannedRecord): string | null {
    const { zxid, position, checksumMatches } = record
    const { from, to } = this.#filter
    if (checksumMatches && (zxid < from || zxid > to)) return null
    const txn = this.read(record)
    if (typeof txn === 'string') {
      return this.#json ? JSON.stringify({ position, error: txn }) : `UNREADABLE at byte ${position} - ${txn}`
    }
    if (checksumMatches && !this.#isWanted(txn)) return null
    if (this.#json) return JSON.stringify({ ...txnValue(txn), ...(!checksumMatches && { checksum: 'wrong' }) })
    return `${checksumMatches ? '' : 'CRC ERROR - '}${txnText(txn)}`
  }

  read({ bytes, start, end }: ScannedRecord): Txn | string {
    this.#reader.reset(bytes, start, end)
    try {
      return readTxn(this.#reader)
    } catch (error) {
      return (error as Error).message
    }
  }

  #isWanted(txn: Txn): boolean {
    const { session, path, types } = this.#filter
    if (session !== null && BigInt.asUintN(64, txn.clientId) !== session) return false
    if (types.size > 0 && !types.has(opcodeName(txn.type))) return false
    if (path === null) return true
    const below = path === '/' ? '/' : `${path}/`
    return txnPaths(txn).some((at) => at === path || at.startsWith(below))
  }
}

const EVERYTHING: LogFilter = { from: 0, to: Number.POSITIVE_INFINITY, session: null, path: null, types: new Set() }

/**
 * Copies a log as far as a zxid, that one included, to `<file>.chopped<zxid>` (`LogChopper`; the zxid in decimal).
 *
 * @returns the path of the copy
 * @throws {CliError} if the log ends before it has that zxid, or does not have it; nothing is left then
 */
export async function chopLog(disk: Disk, path: string, zxid: number): Promise<{ target: string; records: number }> {
  const target = `${path}.chopped${zxid}`
  const copied = await copyLog(disk, path, target, (record) => {
    if (!record.checksumMatches)
      throw new CliError(`the checksum of the record at byte ${record.position} does not match`)
    return record.zxid > zxid ? 'stop' : 'copy'
  }).catch(async (error) => {
    await disk.remove(target).catch(() => {})
    throw error
  })
  if (copied.end === null && copied.lastZxid === zxid) return { target, records: copied.records }
  await disk.remove(target)
  throw new CliError(
    copied.end === null
      ? `This log does not contain zxid ${formatZxid(zxid)}`
      : `nothing is to be chopped off: the log ends with ${formatZxid(copied.lastZxid)}`,
  )
}

/** Asks what is to be done about a record. */
export type AskForFix = (shown: string) => Promise<'yes' | 'no' | 'abort'>

/**
 * Copies a log to `<file>.fixed`, with the checksums put right that do not match, those of them that `ask` has fixed
 * (`TxnLogToolkit --recover`).
 *
 * @param verbose prints all transactions, not only those that are fixed
 */
export async function recoverLog(
  disk: Disk,
  path: string,
  verbose: boolean,
  ask: AskForFix | null,
  output: Output,
): Promise<void> {
  const target = `${path}.fixed`
  if ((await disk.stat(target)) !== null) throw new CliError(`Recovery file ${target} already exists or not writable`)
  const view = new TxnView(EVERYTHING, false)
  const shown = (record: ScannedRecord): string => {
    const txn = view.read(record)
    return typeof txn === 'string' ? `UNREADABLE at byte ${record.position} - ${txn}` : txnText(txn)
  }
  const { sealed, end } = await copyLog(disk, path, target, async (record) => {
    if (verbose && record.checksumMatches) await output.print(`${shown(record)}\n`)
    if (record.checksumMatches) return 'copy'
    if (ask === null) {
      await output.print(`CRC FIXED - ${shown(record)}\n`)
      return 'seal'
    }
    const answer = await ask(`CRC ERROR - ${shown(record)}`)
    if (answer === 'abort') throw new CliError('Recovery aborted.', 0)
    return answer === 'yes' ? 'seal' : 'copy'
  })
  if (end !== null && end.kind !== 'clean') {
    output.warn(`what follows byte ${end.position} is left out: ${end.reason}`)
  }
  await output.print(`Recovery file ${target} has been written with ${sealed} fixed CRC error(s)\n`)
}

/** Asks a person, until there is an answer. Nobody there to answer: abort. */
export function askAtTerminal(): { ask: AskForFix; close(): void } {
  const lines = createInterface({ input: process.stdin, output: process.stdout })
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('abort')))
  return {
    close: () => lines.close(),
    async ask(shown) {
      process.stdout.write(`${shown}\n`)
      for (;;) {
        const answer = await Promise.race([lines.question('Would you like to fix it (Yes/No/Abort) ? '), closed])
        const letter = answer.trim().charAt(0).toUpperCase()
        if (letter === 'Y') return 'yes'
        if (letter === 'N') return 'no'
        if (letter === 'A') return 'abort'
      }
    },
  }
}
