import { epochOf, formatZxid } from '@vivarium/protocol'
import type { SnapshotFile } from '../snapshot-format.ts'
import type { LogBreak, LogExamination, LogFile } from './examine-logs.ts'
import type { RepairStep } from './finding.ts'
import type { Report } from './report.ts'

/**
 * Says what is wrong with the logs, and offers what can be done about it.
 *
 * @param base the newest snapshot that is whole
 * @returns the last transaction that a server can have
 */
export function judgeLogs(
  { files, breaks, ignored }: LogExamination,
  base: SnapshotFile | null,
  report: Report,
): number {
  const from = base?.zxid ?? 0
  for (const { path, reason } of ignored) {
    report.note('note', path, `its end is unreadable (${reason}), but the next file goes on there: nothing is missing`)
  }
  // Recovery reads from the file on that may have the transaction after the snapshot (`readLogs`).
  const read = files
    .slice(
      Math.max(
        0,
        files.findLastIndex(({ zxid }) => zxid <= from + 1),
      ),
    )
    .map(({ path }) => path)
  const matters = ({ kind, path, zxidBefore }: LogBreak): boolean =>
    zxidBefore >= from || (kind !== 'gap' && kind !== 'unreadable' && read.includes(path))
  for (const old of breaks.filter((each) => !matters(each))) {
    const text = `is damaged at byte ${old.position}, after ${formatZxid(old.zxidBefore)}: ${old.reason}`
    report.note('warning', old.path, `${text}; a newer snapshot makes up for it, older ones can no longer be used`)
  }
  const relevant = [...holeAfter(base, files), ...breaks.filter(matters)]
  const [worst] = relevant
  if (worst === undefined) return judgeEnd(files, base, report)
  for (const found of relevant) tell(found, report)
  const last = Math.max(from, worst.zxidBefore)
  if (relevant.length === 1 && worst.kind === 'torn') {
    report.offer({
      name: 'torn',
      does: `cuts the unfinished write off ${worst.path}`,
      loses: 'nothing that had been acknowledged; a server of ours does the same when it starts',
      steps: [cut(worst, 0)],
    })
  } else offerCut(relevant, from, files, report)
  return last
}

/** Nothing is wrong with the logs. */
function judgeEnd(files: readonly LogFile[], base: SnapshotFile | null, report: Report): number {
  const end = files.reduce((highest, { last }) => Math.max(highest, last), 0)
  if (base === null || end >= base.zxid) return end
  if (files.length > 0) {
    const text = `is ahead of the log, which ends at ${formatZxid(end)}: as after a copy from a leader`
    report.note('note', base.path, text)
  }
  return base.zxid
}

function tell({ kind, path, position, zxidBefore, reason, transactionsAfter }: LogBreak, report: Report): void {
  const where = `at byte ${position}, after ${formatZxid(zxidBefore)}`
  if (kind === 'torn') {
    return report.note(
      'warning',
      path,
      `ends in a write that a crash cut off, ${where}: nothing in it had been acknowledged`,
    )
  }
  const rest = transactionsAfter > 0 ? ` (${transactionsAfter} transactions behind it can be read)` : ''
  report.note('error', path, `${kind === 'gap' ? 'has a hole' : 'is damaged'} ${where}: ${reason}${rest}`)
}

function offerCut(relevant: readonly LogBreak[], from: number, files: readonly LogFile[], report: Report): void {
  const worst = relevant[0] as LogBreak
  if (relevant.every(({ kind }) => kind === 'checksum')) {
    const paths = [...new Set(relevant.map(({ path }) => path))]
    report.offer({
      name: 'checksums',
      does: `writes ${paths.length === 1 ? 'the file' : 'the files'} anew, with the checksums that the bytes of the records have`,
      loses: 'no transaction, but what changed the bytes stays in the data: look at these with `vivarium log` first',
      steps: paths.map((path) => ({ type: 'seal', path })),
    })
  }
  const later = files.slice(files.findIndex(({ path }) => path === worst.path) + 1)
  const end = formatZxid(Math.max(from, worst.zxidBefore))
  report.offer({
    name: 'cut',
    does: `ends the data after ${end}`,
    loses:
      `everything written after ${end}: ${worst.transactionsAfter} transactions that can be read, and what is unreadable. ` +
      'A member of an ensemble loses nothing if its version-2 directories are moved away instead: it copies the data from ' +
      'the others',
    steps: [cut(worst, from), ...later.map(({ path }): RepairStep => ({ type: 'set-aside', path }))],
  })
}

/** What is missing between a snapshot and the first log that goes on after it. */
function holeAfter(base: SnapshotFile | null, files: readonly LogFile[]): LogBreak[] {
  const next = files.findIndex(({ last }) => last > (base?.zxid ?? 0))
  const file = files[next]
  if (base === null || file === undefined) return []
  const { path, first } = file
  if (first <= base.zxid + 1 || startsEpoch(first, base.zxid)) return []
  return [
    {
      kind: 'gap',
      path,
      position: 0,
      zxidBefore: base.zxid,
      reason: `the transactions from ${formatZxid(base.zxid + 1)} to ${formatZxid(first - 1)} are in no log: files are missing`,
      hasRecordsBefore: false,
      transactionsAfter: files.slice(next).reduce((sum, { records }) => sum + records, 0),
    },
  ]
}

/** Cuts a log off where it breaks; one that has nothing before that which the snapshot lacks is taken away. */
function cut({ path, position, hasRecordsBefore, zxidBefore }: LogBreak, from: number): RepairStep {
  const isOfUse = hasRecordsBefore && zxidBefore >= from
  return isOfUse ? { type: 'truncate', path, size: position } : { type: 'set-aside', path }
}

const startsEpoch = (zxid: number, after: number): boolean => epochOf(zxid) > epochOf(after) && zxid % 2 ** 32 === 1
