import { join } from 'node:path'
import type { Disk } from '@vivarium/env'
import { piecesOf } from '../storage/pieces-of.ts'
import type { BackupStore } from './backup-store.ts'
import { type Base, endOf, readCatalogue, type Stream } from './catalogue.ts'
import {
  BackupError,
  type Replayed,
  type Restored,
  type RestorePoint,
  replay,
  TooYoung,
  type World,
  writeFile,
} from './replay.ts'

/**
 * Restores a backup into data directories that are empty or not there: each gets one snapshot of just that state, with which
 * a server begins, of ours or Apache's, alone or as a member of an ensemble.
 *
 * @param directories data directories (`dataDir`), one for each member
 * @throws {BackupError}
 */
export async function restoreBackup(
  world: World,
  store: BackupStore,
  point: RestorePoint,
  directories: readonly [string, ...string[]],
): Promise<Restored> {
  const { disk } = world
  const [first, ...others] = directories.map((directory) => join(directory, 'version-2'))
  for (const directory of [first ?? '', ...others]) {
    await disk.makeDirectory(directory)
    if ((await disk.list(directory)).length > 0) throw new BackupError(`${directory} is not empty`)
  }
  const { path, restored } = await restoreInto(world, store, point, first ?? '')
  for (const directory of others) {
    await writeFile(disk, join(directory, path.slice(path.lastIndexOf('/') + 1)), piecesOf(disk, path))
    await disk.syncDirectory(directory)
  }
  return restored
}

/**
 * Restores each stream of a backup to its end, from its oldest snapshot on, and looks at every other snapshot: all that is in
 * it is whole, nothing is missing, and the tree has the digests that the transactions say.
 *
 * @param scratch an empty directory with room for a stream; nothing stays in it
 * @throws {BackupError} for the first thing that is wrong
 */
export async function verifyBackup(world: World, store: BackupStore, scratch: string): Promise<Restored[]> {
  const verified: Restored[] = []
  const streams = await readCatalogue(store)
  if (streams.length === 0) throw new BackupError(`there is no backup in ${store.description}`)
  for (const stream of streams) {
    const [oldest] = stream.bases
    if (oldest === undefined) throw new BackupError(`${stream.id} has no snapshot`)
    for (const base of stream.bases) {
      const { restored } = await withEmpty(world.disk, scratch, () => replay(world, store, stream, base, {}, scratch))
      if (base === oldest) verified.push(restored)
    }
  }
  return verified
}

async function withEmpty<T>(disk: Disk, directory: string, work: () => Promise<T>): Promise<T> {
  await disk.makeDirectory(directory)
  try {
    return await work()
  } finally {
    for (const name of await disk.list(directory)) await disk.remove(join(directory, name))
  }
}

/** Tries the newest snapshot that can do, then older ones: one that was taken while writes went on may have later parts. */
async function restoreInto(
  world: World,
  store: BackupStore,
  point: RestorePoint,
  directory: string,
): Promise<Replayed> {
  const candidates = (await readCatalogue(store)).flatMap((stream) =>
    stream.bases.toReversed().map((base) => ({ stream, base })),
  )
  const suitable = candidates.filter(({ stream, base }) => mayReach(stream, base, point))
  let reason = `there is no backup in ${store.description}`
  if (candidates.length > 0) reason = `nothing in ${store.description} reaches back to there, or as far as that`
  for (const { stream, base } of suitable) {
    try {
      return await replay(world, store, stream, base, point, directory)
    } catch (error) {
      if (!(error instanceof TooYoung)) throw error
      reason = error.message
      for (const name of await world.disk.list(directory)) await world.disk.remove(join(directory, name))
    }
  }
  throw new BackupError(reason)
}

function mayReach(stream: Stream, base: Base, { zxid, timeMs }: RestorePoint): boolean {
  if (zxid !== undefined) return base.zxid <= zxid && zxid <= endOf(stream)
  // What a snapshot has was there before it was archived; whether its last transaction is too young shows later.
  return timeMs === undefined || base.archivedMs <= timeMs || base === stream.bases[0]
}
