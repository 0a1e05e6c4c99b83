import { join } from 'node:path'
import type { Disk } from '@vivarium/env'
import { formatZxid } from '@vivarium/protocol'
import { CorruptLogError } from '../corrupt-log-error.ts'
import { isUnfinishedLog, zxidOfLog } from '../log-format.ts'
import { readLogs } from '../log-reader.ts'
import { isUnfinished, parseSnapshotName, type SnapshotFile } from '../snapshot-format.ts'
import { listSnapshots } from '../snapshot-store.ts'
import { examineLogs, type LogExamination } from './examine-logs.ts'
import type { Finding, Repair, RepairStep } from './finding.ts'
import { judgeEpochs, judgeMyid } from './judge-epochs.ts'
import { judgeLogs } from './judge-logs.ts'
import { Report } from './report.ts'
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
  readonly #report = new Report()

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
    const base = snapshots.find(({ damage }) => damage === null) ?? null
    const logs = await examineLogs(this.#disk, this.#logs, base?.zxid ?? 0)
    const lastZxid = judgeLogs(logs, base, this.#report)
    this.#judgeSnapshots(snapshots, base, lastZxid)
    const epochs = await judgeEpochs(this.#disk, this.#snapshots, lastZxid, this.#report)
    const isMember = epochs.accepted !== null || epochs.current !== null
    const myid = await judgeMyid(this.#disk, join(this.#dataDir, 'myid'), isMember, this.#report)
    return {
      snapshots,
      logs,
      acceptedEpoch: epochs.accepted,
      currentEpoch: epochs.current,
      myid,
      findings: this.#report.findings,
      repairs: this.#report.repairs,
      outlook: await this.#outlook(base, logs, snapshots),
    }
  }

  /** Files that were being made when a server stopped. Servers remove those of their own kind when they start. */
  async #leftovers(): Promise<void> {
    const steps: RepairStep[] = []
    for (const directory of new Set([this.#snapshots, this.#logs])) {
      for (const name of await this.#disk.list(directory)) {
        const path = join(directory, name)
        const isEmpty = parseSnapshotName(directory, name) !== null && (await this.#disk.stat(path))?.size === 0
        if (!isEmpty && !isUnfinished(name) && !isUnfinishedLog(name) && !name.endsWith('.tmp')) continue
        this.#report.note('note', path, 'was being made when a server stopped; nothing needs it')
        steps.push({ type: 'set-aside', path })
      }
    }
    if (steps.length === 0) return
    this.#report.offer({ name: 'leftovers', does: 'takes unfinished files away', loses: 'nothing', steps })
  }

  async #misplaced(): Promise<void> {
    if (this.#snapshots === this.#logs) return
    for (const name of await this.#disk.list(this.#logs)) {
      if (parseSnapshotName('', name) === null) continue
      this.#report.note(
        'error',
        join(this.#logs, name),
        `is a snapshot among the logs: it belongs into ${this.#snapshots}`,
      )
    }
    for (const name of await this.#disk.list(this.#snapshots)) {
      if (zxidOfLog(name) === null) continue
      this.#report.note(
        'error',
        join(this.#snapshots, name),
        `is a log among the snapshots: it belongs into ${this.#logs}`,
      )
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

  #judgeSnapshots(snapshots: readonly ExaminedSnapshot[], base: SnapshotFile | null, lastZxid: number): void {
    const damaged = snapshots.filter(({ damage }) => damage !== null)
    let loses = 'nothing: an older one and the log have all of it'
    for (const { path, zxid, damage } of damaged) {
      const isCovered = base !== null && zxid <= lastZxid
      const text = isCovered
        ? 'an older one and the log make up for it'
        : 'neither an older one nor the log have all of it'
      this.#report.note(isCovered ? 'warning' : 'error', path, `is damaged (${damage}); ${text}`)
      if (!isCovered) loses = `what was written between ${formatZxid(lastZxid)} and ${formatZxid(zxid)}`
    }
    if (damaged.length === 0 || base === null) return
    const steps = damaged.map(({ path }): RepairStep => ({ type: 'set-aside', path }))
    this.#report.offer({ name: 'snapshots', does: 'takes damaged snapshots away', loses, steps })
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
