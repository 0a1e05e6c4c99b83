import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createNodeLog, nodeClock, nodeDisk } from '@vivarium/env/node'
import { formatZxid } from '@vivarium/protocol'
import {
  Archiver,
  archivedDirectories,
  BackupError,
  endOf,
  pruneBackup,
  type Restored,
  readCatalogue,
  restoreBackup,
  verifyBackup,
} from '@vivarium/server/backup'
import { formatConfigMessage, readConfig } from '../read-config.ts'
import { CliError } from '../shell/failure.ts'
import { onStopSignal } from '../stop-signals.ts'
import type { Output } from '../toolkit/output.ts'
import { openStore } from './open-store.ts'

const MS_PER_S = 1000
const MS_PER_HOUR = 3_600_000
const WORLD = { disk: nodeDisk, clock: nodeClock }

export interface BackupOptions {
  readonly config: string | undefined
  readonly dataDir: string | undefined
  readonly logDir: string | undefined
  readonly intervalS: number
  readonly snapshotEveryHours: number
  readonly once: boolean
}

/** Keeps a backup in step with a server's files, until it is told to stop; or brings it up to now, with `once`. */
export async function runBackup(target: string, options: BackupOptions, output: Output): Promise<number> {
  const log = createNodeLog({ format: 'text', level: 'info' })
  const archiver = new Archiver({
    ...WORLD,
    log,
    ...directoriesOf(options),
    store: await openStore(nodeDisk, target, process.env),
    snapshotEveryMs: options.snapshotEveryHours * MS_PER_HOUR,
  })
  if (options.once) {
    const { zxid, transactions, bytes } = await tellWhatIsMissing(archiver.run())
    await output.print(`Up to ${formatZxid(zxid)}: ${transactions} transactions more, ${bytes} bytes.\n`)
    return 0
  }
  const stopped = new AbortController()
  onStopSignal(() => stopped.abort())
  while (!stopped.signal.aborted) {
    try {
      const { zxid, transactions, bytes } = await archiver.run()
      if (transactions > 0) log.info('The backup is up to date.', { zxid: formatZxid(zxid), transactions, bytes })
    } catch (error) {
      // Storage that cannot be reached will be again; until then the server keeps its log, unless it is purged.
      log.error('The backup is not up to date; it is tried again.', { error: (error as Error).message })
    }
    await pause(options.intervalS * MS_PER_S, stopped.signal)
  }
  log.info('Stopped.')
  return 0
}

function directoriesOf({ config, dataDir, logDir }: BackupOptions): ReturnType<typeof archivedDirectories> {
  if (dataDir !== undefined) return archivedDirectories(dataDir, logDir ?? dataDir)
  if (config === undefined) throw new CliError('what is to be backed up: --config zoo.cfg, or --data-dir', 2)
  const loaded = readConfig({ positional: [config], definitions: [] })
  const wrong = loaded.messages.find(({ level }) => level === 'error')
  if (loaded.config === null) throw new CliError(wrong === undefined ? config : formatConfigMessage(wrong), 2)
  return archivedDirectories(loaded.config.dataDir, loaded.config.dataLogDir)
}

/** Tells what there is: streams, their snapshots and up to where they go. */
export async function listBackup(target: string, json: boolean, output: Output): Promise<number> {
  const store = await openStore(nodeDisk, target, process.env)
  const streams = await tellWhatIsMissing(readCatalogue(store))
  if (json) {
    await output.print(`${JSON.stringify(streams, null, 2)}\n`)
    return 0
  }
  for (const stream of streams) {
    const { id, bases, segments } = stream
    const bytes = [...bases, ...segments].reduce((sum, object) => sum + object.bytes, 0)
    const until = segments.at(-1)?.lastMs ?? bases.at(-1)?.archivedMs ?? 0
    const end = `${formatZxid(endOf(stream))} of ${new Date(until).toISOString()}`
    await output.print(`${id}: up to ${end}, ${bytes} bytes in ${segments.length} parts of the log\n`)
    for (const { zxid, archivedMs } of bases) {
      await output.print(`  snapshot ${formatZxid(zxid)}, there since ${new Date(archivedMs).toISOString()}\n`)
    }
  }
  return 0
}

/** Restores all of a backup into a temporary directory, and throws the outcome away. */
export async function verify(target: string, output: Output): Promise<number> {
  const store = await openStore(nodeDisk, target, process.env)
  const scratch = await mkdtemp(join(tmpdir(), 'vivarium-verify-'))
  try {
    for (const restored of await tellWhatIsMissing(verifyBackup(WORLD, store, scratch))) {
      await output.print(`${restored.stream} is good: ${describe(restored)}\n`)
    }
    return 0
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Removes what is only of use for states older than the newest `keep` snapshots. */
export async function prune(target: string, keep: number, output: Output): Promise<number> {
  const removed = await tellWhatIsMissing(pruneBackup(await openStore(nodeDisk, target, process.env), keep))
  await output.print(removed.length === 0 ? 'Nothing to remove.\n' : `Removed ${removed.join(', ')}\n`)
  return 0
}

export interface RestoreOptions {
  readonly to: readonly string[]
  readonly zxid: number | undefined
  readonly timeMs: number | undefined
}

/** Makes data directories of a backup. */
export async function restore(target: string, { to, zxid, timeMs }: RestoreOptions, output: Output): Promise<number> {
  const [first, ...others] = to
  if (first === undefined) throw new CliError('where to: --to <dataDir>, once for each server', 2)
  const store = await openStore(nodeDisk, target, process.env)
  const point = { ...(zxid === undefined ? {} : { zxid }), ...(timeMs === undefined ? {} : { timeMs }) }
  const restored = await tellWhatIsMissing(restoreBackup(WORLD, store, point, [first, ...others]))
  await output.print(`Restored ${describe(restored)}\nin ${to.join(', ')}\n`)
  return 0
}

const describe = ({ zxid, znodes, sessions, transactions, digest }: Restored): string =>
  `${formatZxid(zxid)}: ${znodes} znodes, ${sessions} sessions, digest ${digest} (${transactions} transactions replayed)`

/** What a person has done wrong, or can do something about, needs no stack. */
async function tellWhatIsMissing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof BackupError) throw new CliError(error.message)
    throw error
  }
}

/** Node's own takes its listener off the signal again: this is called for as long as a backup runs. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {})
}
