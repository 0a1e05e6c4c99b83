import { basename, join } from 'node:path'
import type { Disk, DiskError } from '@vivarium/env'
import { formatZxid } from '@vivarium/protocol'
import { applyRepair, type Examination, examine, type Finding } from '@vivarium/server/storage'
import { CliError } from '../shell/failure.ts'
import { dataDirectoryAt } from './data-directory-at.ts'
import type { Output } from './output.ts'
import { examinePermissions } from './permissions.ts'

export interface DoctorOptions {
  readonly dataDir: string
  readonly dataLogDir: string | undefined
  /** The name of a repair to carry out; undefined: only look. */
  readonly repair: string | undefined
  readonly json: boolean
  /** Names what a repair keeps. */
  readonly now: Date
}

/**
 * Says what is wrong in a data directory, what a server that is started there would do, and what can be repaired at what
 * price.
 *
 * @returns the exit code: 0 if nothing is wrong, 1 if something is, or is still, wrong
 */
export async function runDoctor(disk: Disk, options: DoctorOptions, output: Output): Promise<number> {
  const dataDir = await dataDirectoryAt(disk, options.dataDir)
  const dataLogDir = options.dataLogDir === undefined ? dataDir : await dataDirectoryAt(disk, options.dataLogDir)
  const directories = [...new Set([dataDir, dataLogDir].map((path) => join(path, 'version-2')))]
  const release = await claim(disk, directories)
  try {
    const permissions = examinePermissions([dataDir, dataLogDir])
    const cannotRead = permissions.some(({ severity }) => severity === 'error')
    const examination = await examine(disk, { dataDir, dataLogDir }).catch((error: DiskError) => {
      if (cannotRead) return null
      throw error
    })
    if (examination === null) return await tell(permissions, output)
    if (release === null) permissions.unshift(RUNNING)
    const code = await report(examination, permissions, options, output)
    if (options.repair === undefined) return code
    if (release === null) throw new CliError('A server is running in this directory: stop it first.')
    return await repair(disk, examination, options, output)
  } finally {
    await release?.()
  }
}

const RUNNING: Finding = {
  severity: 'note',
  path: null,
  text: 'a server is running here: its last write may be under way, and nothing can be repaired',
}

/** Keeps servers of ours out. Null: one is running. */
async function claim(disk: Disk, directories: readonly string[]): Promise<(() => Promise<void>) | null> {
  const locks: { release(): Promise<void> }[] = []
  const release = async (): Promise<void> => {
    for (const lock of locks) await lock.release()
  }
  for (const directory of directories) {
    try {
      locks.push(await disk.lock(directory))
    } catch (error) {
      if ((error as DiskError).code !== 'EBUSY') continue // Who may only read can look all the same.
      await release()
      return null
    }
  }
  return release
}

async function repair(disk: Disk, examination: Examination, options: DoctorOptions, output: Output): Promise<number> {
  const chosen = examination.repairs.find(({ name }) => name === options.repair)
  if (chosen === undefined) {
    const names = examination.repairs.map(({ name }) => name).join(', ')
    throw new CliError(
      `there is no repair ${options.repair} here; ${names === '' ? 'none is needed' : `there are: ${names}`}`,
    )
  }
  const stamp = options.now.toISOString().replace(/\D/g, '').slice(0, 14)
  const folders = await applyRepair(disk, chosen, stamp)
  const kept = `What was there before is in ${folders.join(' and ')}.`
  await output.print(
    options.json ? `${JSON.stringify({ repaired: chosen.name, kept: folders })}\n` : `\nDone. ${kept}\n`,
  )
  return 0
}

async function tell(findings: readonly Finding[], output: Output): Promise<number> {
  for (const { severity, path, text } of findings) {
    await output.print(`${severity}: ${path === null ? '' : `${path} `}${text}\n`)
  }
  return findings.some(({ severity }) => severity === 'error') ? 1 : 0
}

async function report(
  examination: Examination,
  permissions: readonly Finding[],
  { json }: DoctorOptions,
  output: Output,
): Promise<number> {
  const findings = [...permissions, ...examination.findings]
  const code = examination.outlook.starts && findings.every(({ severity }) => severity !== 'error') ? 0 : 1
  if (json) {
    await output.print(`${JSON.stringify({ ...examination, findings }, zxidsAsText)}\n`)
    return code
  }
  const { snapshots, logs, outlook, acceptedEpoch, currentEpoch, myid } = examination
  for (const { path, bytes, znodes, damage } of snapshots) {
    await output.print(
      `snapshot  ${basename(path)}  ${bytes} bytes, ${damage === null ? `${znodes} znodes` : 'damaged'}\n`,
    )
  }
  for (const { path, bytes, records, first, last } of logs.files) {
    const range =
      records === 0 ? 'no transactions' : `${records} transactions, ${formatZxid(first)} to ${formatZxid(last)}`
    await output.print(`log       ${basename(path)}  ${bytes} bytes, ${range}\n`)
  }
  if (acceptedEpoch !== null || currentEpoch !== null || myid !== null) {
    await output.print(
      `member    myid ${myid ?? 'missing'}, currentEpoch ${currentEpoch ?? 'missing'}, acceptedEpoch ${acceptedEpoch ?? 'missing'}\n`,
    )
  }
  await output.print('\n')
  await tell(findings, output)
  await output.print(outlook.starts ? startText(outlook) : `A server would not start here: ${outlook.reason}\n`)
  for (const { name, does, loses } of examination.repairs) {
    await output.print(`\n--repair ${name}\n  ${does}\n  loses: ${loses}\n`)
  }
  return code
}

function startText({ snapshot, transactions, lastZxid }: Extract<Examination['outlook'], { starts: true }>): string {
  const from = snapshot === null ? 'empty' : `from ${basename(snapshot)}`
  return `A server would start ${from}, replay ${transactions} transactions, and be at ${formatZxid(lastZxid)}.\n`
}

const ZXIDS = new Set(['zxid', 'zxidBefore', 'first', 'last', 'lastZxid'])
const zxidsAsText = (key: string, value: unknown): unknown =>
  ZXIDS.has(key) && typeof value === 'number' ? formatZxid(value) : value
