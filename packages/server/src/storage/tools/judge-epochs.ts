import { join } from 'node:path'
import type { Disk } from '@vivarium/env'
import { epochOf, formatZxid } from '@vivarium/protocol'
import type { RepairStep } from './finding.ts'
import type { Report } from './report.ts'

/** The epochs of a member as its files say; null without one, or one that can be understood. */
export interface Epochs {
  readonly accepted: number | null
  readonly current: number | null
}

/** Says whether the epoch files agree with each other and with the data, and offers to make them. @throws {DiskError} */
export async function judgeEpochs(disk: Disk, directory: string, lastZxid: number, report: Report): Promise<Epochs> {
  const path = (name: string): string => join(directory, name)
  const accepted = await epochAt(disk, path('acceptedEpoch'))
  const current = await epochAt(disk, path('currentEpoch'))
  const isWrong = accepted === 'wrong' || current === 'wrong'
  const known = {
    accepted: accepted === 'wrong' ? null : accepted,
    current: current === 'wrong' ? null : current,
  }
  if (!isWrong && known.accepted === null && known.current === null) return known
  const least = Math.max(epochOf(Math.max(lastZxid, 0)), known.current ?? 0)
  const leastAccepted = Math.max(least, known.accepted ?? 0)
  const steps: RepairStep[] = []
  if (isWrong) report.note('error', directory, 'an epoch file has no number in its first line')
  if (known.accepted !== null && known.current !== null && known.accepted < known.current) {
    const text = `says ${known.accepted}, and currentEpoch ${known.current}: it cannot be older, one of them is from elsewhere`
    report.note('error', path('acceptedEpoch'), text)
  }
  if (known.current !== null && known.current < epochOf(Math.max(lastZxid, 0))) {
    const text = `says ${known.current}, but the last transaction is ${formatZxid(lastZxid)}: of a later epoch. Apache's servers do not start so`
    report.note('error', path('currentEpoch'), text)
  }
  if (known.current !== least) steps.push({ type: 'write', path: path('currentEpoch'), text: String(least) })
  if (known.accepted !== leastAccepted) {
    steps.push({ type: 'write', path: path('acceptedEpoch'), text: String(leastAccepted) })
  }
  if (steps.length > 0) {
    report.offer({
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

async function epochAt(disk: Disk, path: string): Promise<number | 'wrong' | null> {
  const text = await firstLine(disk, path)
  if (text === null) return null
  return /^\d{1,10}$/.test(text) ? Number(text) : 'wrong'
}

/** Says whether a member knows its id. @throws {DiskError} */
export async function judgeMyid(disk: Disk, path: string, isMember: boolean, report: Report): Promise<number | null> {
  const text = await firstLine(disk, path)
  if (text !== null && /^\d{1,3}$/.test(text)) return Number(text)
  if (text !== null)
    report.note('error', path, `must have a server id in its first line, and has ${JSON.stringify(text)}`)
  else if (isMember) report.note('warning', path, 'is missing, and there are epoch files of a member of an ensemble')
  return null
}

async function firstLine(disk: Disk, path: string): Promise<string | null> {
  if ((await disk.stat(path)) === null) return null
  const file = await disk.open(path, 'read')
  try {
    const bytes = await file.read(0, 64)
    return (Buffer.from(bytes).toString('latin1').split('\n')[0] as string).trim()
  } finally {
    await file.close()
  }
}
