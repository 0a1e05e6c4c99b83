import { join } from 'node:path'
import type { Disk } from '@vivarium/env'
import { epochOf, formatZxid } from '@vivarium/protocol'
import { CorruptLogError } from '../corrupt-log-error.ts'
import { isUnfinishedLog, zxidOfLog } from '../log-format.ts'
import { readLogs } from '../log-reader.ts'
import { isUnfinished, parseSnapshotName, type SnapshotFile } from '../snapshot-format.ts'
import { listSnapshots } from '../snapshot-store.ts'
import { examineLogs, type LogBreak, type LogExamination } from './examine-logs.ts'
import type { Finding, Repair, RepairStep } from './finding.ts'
import { SnapshotScanner } from './scan-snapshot.ts'

export interface ExaminedSnapshot extends SnapshotFile {
  readonly bytes: number
  readonly znodes: number
  /** What is wrong with it; null if nothing is. */
  readonly damage: string | null
}

/** What a server would do that is started there. */
export type Outlook =
  | {
      readonly starts: true
      readonly snapshot: string | null
      readonly transactions: number
      readonly lastZxid: number
    }
  | { readonly starts: false; readonly reason: string }

export interface Examination {
  readonly snapshots: readonly ExaminedSnapshot[]
  readonly logs: LogExamination
  /** As their files say; null without one. */
  readonly acceptedEpoch: number | null
  readonly currentEpoch: number | null
  readonly myid: number | null
  readonly findings: readonly Finding[]
  readonly repairs: readonly Repair[]
  readonly outlook: Outlook
}

export interface ExaminedDirectories {
  readonly dataDir: string
  readonly dataLogDir: string
}

/**
 * Looks at everything in a server's directories, ours or Apache's, and changes nothing.
 *
 * @throws {DiskError} if a directory or a file cannot be read
 */
export async function examine(disk: Disk, directories: ExaminedDirectories): Promise<Examination> {
  const examiner = new Examiner(disk, directories)
  return await examiner.run()
}

class Examiner {
  readonly #disk: Disk
  readonly #dataDir: string
  readonly #snapshots: string
  readonly #logs: string
  readonly #findings: Finding[] = []
  readonly #repairs: Repair[] = []

  constructor(disk: Disk, { dataDir, dataLogDir }: ExaminedDirectories) {
    this.#disk = disk
    this.#dataDir = dataDir
    this.#snapshots = join(dataDir, 'version-2')
    this.#logs = join(dataLogDir, 'version-2')
  }

  async run(): Promise<Examination> {
    await this.#leftovers()
    await this.#misplaced()
    const snapshots = await this.#examineSnapshots()
    const logs = await examineLogs(this.#disk, this.#logs)
    const base = snapshots.find(({ damage }) => damage === null) ?? null
    const lastZxid = this.#judgeLogs(logs, base)
    this.#judgeSnapshots(snapshots, base, lastZxid)
    const epochs = await this.#epochs(lastZxid)
    const myid = await this.#myid(epochs.accepted !== null || epochs.current !== null)
    return {
      snapshots,
      logs,
      acceptedEpoch: epochs.accepted,
      currentEpoch: epochs.current,
      myid,
      findings: this.#findings,
      repairs: this.#repairs,
      outlook: await this.#outlook(base, logs, snapshots),
    }
  }

  #note(severity: Finding['severity'], path: string | null, text: string): void {
    this.#findings.push({ severity, path, text })
  }

  /** Files that were being made when a server stopped. Servers remove those of their own kind when they start. */
  async #leftovers(): Promise<void> {
    const steps: RepairStep[] = []
    for (const directory of new Set([this.#snapshots, this.#logs])) {
      for (const name of await this.#disk.list(directory)) {
        const path = join(directory, name)
        const isEmpty = parseSnapshotName(directory, name) !== null && (await this.#disk.stat(path))?.size === 0
        if (!isEmpty && !isUnfinished(name) && !isUnfinishedLog(name) && !name.endsWith('.tmp')) continue
        this.#note('note', path, 'was being made when a server stopped; nothing needs it')
        steps.push({ type: 'set-aside', path })
      }
    }
    if (steps.length === 0) return
    this.#repairs.push({ name: 'leftovers', does: 'takes unfinished files away', loses: 'nothing', steps })
  }

  async #misplaced(): Promise<void> {
    if (this.#snapshots === this.#logs) return
    for (const name of await this.#disk.list(this.#logs)) {
      if (parseSnapshotName('', name) === null) continue
      this.#note('error', join(this.#logs, name), `is a snapshot among the logs: it belongs into ${this.#snapshots}`)
    }
    for (const name of await this.#disk.list(this.#snapshots)) {
      if (zxidOfLog(name) === null) continue
      this.#note('error', join(this.#snapshots, name), `is a log among the snapshots: it belongs into ${this.#logs}`)
    }
  }

  async #examineSnapshots(): Promise<ExaminedSnapshot[]> {
    const examined: ExaminedSnapshot[] = []
    for (const file of await listSnapshots(this.#disk, this.#snapshots)) {
      const bytes = (await this.#disk.stat(file.path))?.size ?? 0
      if (bytes === 0) continue
      const scanner = new SnapshotScanner(this.#disk, file)
      let znodes = 0
      for await (const batch of scanner.batches()) znodes += batch.length
      examined.push({ ...file, bytes, znodes, damage: scanner.damage })
    }
    return examined
  }

  /** Returns the last transaction that a server can have. */
  #judgeLogs({ files, breaks, ignored }: LogExamination, base: SnapshotFile | null): number {
    const from = base?.zxid ?? 0
    for (const end of ignored) {
      this.#note(
        'note',
        end.path,
        `its end is unreadable (${end.reason}), but the next file goes on there: nothing is missing`,
      )
    }
    const relevant: LogBreak[] = [...breaks.filter(({ zxidBefore }) => zxidBefore >= from)]
    for (const old of breaks.filter(({ zxidBefore }) => zxidBefore < from)) {
      const text = `is damaged at byte ${old.position}, after ${formatZxid(old.zxidBefore)}: ${old.reason}`
      this.#note('warning', old.path, `${text}; a newer snapshot makes up for it, older ones can no longer be used`)
    }
    const next = files.find(({ last }) => last > from)
    if (base !== null && next !== undefined && next.first > from + 1 && !startsEpoch(next.first, from)) {
      const reason = `the transactions from ${formatZxid(from + 1)} to ${formatZxid(next.first - 1)} are in no log: files are missing`
      const transactionsAfter = files.slice(files.indexOf(next)).reduce((sum, { records }) => sum + records, 0)
      relevant.unshift({
        kind: 'gap',
        path: next.path,
        position: 0,
        zxidBefore: from,
        reason,
        hasRecordsBefore: false,
        transactionsAfter,
      })
    }
    const last = files.reduce((highest, file) => Math.max(highest, file.last), from)
    const [worst] = relevant
    if (worst === undefined) {
      if (base !== null && files.length > 0 && last === from && (files.at(-1)?.last ?? 0) < from) {
        this.#note(
          'note',
          base.path,
          `is ahead of the log, which ends at ${formatZxid(files.at(-1)?.last ?? 0)}: as after a copy from a leader`,
        )
      }
      return last
    }
    for (const found of relevant) this.#tell(found)
    if (relevant.length === 1 && worst.kind === 'torn') {
      this.#repairs.push({
        name: 'torn',
        does: `cuts the unfinished write off ${worst.path}`,
        loses: 'nothing that had been acknowledged; a server of ours does the same when it starts',
        steps: [this.#cut(worst)],
      })
      return worst.zxidBefore
    }
    this.#offerCut(worst, files, relevant)
    return worst.zxidBefore
  }

  #tell({ kind, path, position, zxidBefore, reason, transactionsAfter }: LogBreak): void {
    const where = `at byte ${position}, after ${formatZxid(zxidBefore)}`
    if (kind === 'torn') {
      return this.#note(
        'warning',
        path,
        `ends in a write that a crash cut off, ${where}: nothing in it had been acknowledged`,
      )
    }
    const rest = transactionsAfter > 0 ? ` (${transactionsAfter} transactions behind it can be read)` : ''
    this.#note('error', path, `${kind === 'gap' ? 'has a hole' : 'is damaged'} ${where}: ${reason}${rest}`)
  }

  #offerCut(worst: LogBreak, files: LogExamination['files'], relevant: readonly LogBreak[]): void {
    if (relevant.every(({ kind }) => kind === 'checksum')) {
      const paths = [...new Set(relevant.map(({ path }) => path))]
      this.#repairs.push({
        name: 'checksums',
        does: `gives ${relevant.length} records the checksums that their bytes have`,
        loses: 'no transaction, but what changed the bytes stays in the data: look at these with `vivarium log` first',
        steps: paths.map((path) => ({ type: 'seal', path })),
      })
    }
    const later = files.slice(files.findIndex(({ path }) => path === worst.path) + 1)
    const steps: RepairStep[] = [
      this.#cut(worst),
      ...later.map(({ path }): RepairStep => ({ type: 'set-aside', path })),
    ]
    this.#repairs.push({
      name: 'cut',
      does: `ends the log after ${formatZxid(worst.zxidBefore)}`,
      loses:
        `everything written after ${formatZxid(worst.zxidBefore)}: ${worst.transactionsAfter} transactions that can be read, and what ` +
        'is unreadable. A member of an ensemble loses nothing if its version-2 directories are moved away instead: it copies ' +
        'the data from the others',
      steps,
    })
  }

  #cut({ path, position, hasRecordsBefore }: LogBreak): RepairStep {
    return hasRecordsBefore ? { type: 'truncate', path, size: position } : { type: 'set-aside', path }
  }

  #judgeSnapshots(snapshots: readonly ExaminedSnapshot[], base: SnapshotFile | null, lastZxid: number): void {
    const damaged = snapshots.filter(({ damage }) => damage !== null)
    let loses = 'nothing: an older one and the log have all of it'
    for (const { path, zxid, damage } of damaged) {
      const isCovered = base !== null && zxid <= lastZxid
      const text = isCovered
        ? 'an older one and the log make up for it'
        : 'neither an older one nor the log have all of it'
      this.#note(isCovered ? 'warning' : 'error', path, `is damaged (${damage}); ${text}`)
      if (!isCovered) loses = `what was written between ${formatZxid(lastZxid)} and ${formatZxid(zxid)}`
    }
    if (damaged.length === 0 || base === null) return
    const steps = damaged.map(({ path }): RepairStep => ({ type: 'set-aside', path }))
    this.#repairs.push({ name: 'snapshots', does: 'takes damaged snapshots away', loses, steps })
  }

  async #epochs(lastZxid: number): Promise<{ accepted: number | null; current: number | null }> {
    const accepted = await this.#number('acceptedEpoch')
    const current = await this.#number('currentEpoch')
    const path = (name: string): string => join(this.#snapshots, name)
    const isWrong = accepted === 'wrong' || current === 'wrong'
    const known = {
      accepted: accepted === 'wrong' ? null : accepted,
      current: current === 'wrong' ? null : current,
    }
    if (!isWrong && known.accepted === null && known.current === null) return known
    const least = Math.max(epochOf(Math.max(lastZxid, 0)), known.current ?? 0)
    const leastAccepted = Math.max(least, known.accepted ?? 0)
    const steps: RepairStep[] = []
    if (isWrong) this.#note('error', this.#snapshots, 'an epoch file has no number in its first line')
    if (known.accepted !== null && known.current !== null && known.accepted < known.current) {
      const text = `says ${known.accepted}, and currentEpoch ${known.current}: it cannot be older, one of them is from elsewhere`
      this.#note('error', path('acceptedEpoch'), text)
    }
    if (known.current !== null && known.current < epochOf(Math.max(lastZxid, 0))) {
      const text = `says ${known.current}, but the last transaction is ${formatZxid(lastZxid)}: of a later epoch. Apache's servers do not start so`
      this.#note('error', path('currentEpoch'), text)
    }
    if (known.current !== least) steps.push({ type: 'write', path: path('currentEpoch'), text: String(least) })
    if (known.accepted !== leastAccepted) {
      steps.push({ type: 'write', path: path('acceptedEpoch'), text: String(leastAccepted) })
    }
    if (steps.length > 0) {
      this.#repairs.push({
        name: 'epochs',
        does: `writes the epochs that the data and each other speak for: current ${least}, accepted ${leastAccepted}`,
        loses:
          'no data, but what this member had promised a newer leader, if a file of that time is gone: moving its version-2 ' +
          'directories away is safer while the others have the data',
        steps,
      })
    }
    return known
  }

  async #number(name: string): Promise<number | 'wrong' | null> {
    const text = await this.#firstLine(join(this.#snapshots, name))
    if (text === null) return null
    return /^\d{1,10}$/.test(text) ? Number(text) : 'wrong'
  }

  async #myid(isMember: boolean): Promise<number | null> {
    const path = join(this.#dataDir, 'myid')
    const text = await this.#firstLine(path)
    if (text !== null && /^\d{1,3}$/.test(text)) return Number(text)
    if (text !== null)
      this.#note('error', path, `must have a server id in its first line, and has ${JSON.stringify(text)}`)
    else if (isMember) this.#note('warning', path, 'is missing, and there are epoch files of a member of an ensemble')
    return null
  }

  async #firstLine(path: string): Promise<string | null> {
    if ((await this.#disk.stat(path)) === null) return null
    const file = await this.#disk.open(path, 'read')
    try {
      const bytes = await file.read(0, 64)
      return (Buffer.from(bytes).toString('latin1').split('\n')[0] as string).trim()
    } finally {
      await file.close()
    }
  }

  /** What recovery would say, by recovery's own reader. */
  async #outlook(
    base: SnapshotFile | null,
    { files }: LogExamination,
    snapshots: readonly ExaminedSnapshot[],
  ): Promise<Outlook> {
    if (base === null && snapshots.some(({ zxid }) => zxid > 0))
      return { starts: false, reason: 'no snapshot is whole' }
    if (base === null && files.some(({ records }) => records > 0)) {
      return {
        starts: false,
        reason: 'there are transactions, but no snapshot that they continue (see snapshot.trust.empty)',
      }
    }
    try {
      const { lastZxid, transactions } = await readLogs(this.#disk, this.#logs, base?.zxid ?? 0, () => {})
      const beyond = snapshots.find(({ damage, zxid }) => damage !== null && zxid > lastZxid)
      if (beyond !== undefined)
        return { starts: false, reason: `${beyond.path} is damaged, and the log ends before it` }
      return { starts: true, snapshot: base?.path ?? null, transactions, lastZxid }
    } catch (error) {
      if (!(error instanceof CorruptLogError)) throw error
      return { starts: false, reason: error.message }
    }
  }
}

const startsEpoch = (zxid: number, after: number): boolean => epochOf(zxid) > epochOf(after) && zxid % 2 ** 32 === 1
