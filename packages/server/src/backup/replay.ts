import { join } from 'node:path'
import { AccessControl, authProviders, Database, type DataTree, Quotas } from '@vivarium/core'
import { type Clock, type Disk, type Log, silentLog } from '@vivarium/env'
import { formatZxid } from '@vivarium/protocol'
import {
  InlineSnapshotRunner,
  loadSnapshot,
  type Recovery,
  recover,
  removeOtherHistory,
  SnapshotStore,
} from '../storage/index.ts'
import { LOG_HEADER_BYTES, logPath } from '../storage/log-format.ts'
import { snapshotName } from '../storage/snapshot-format.ts'
import type { BackupStore } from './backup-store.ts'
import type { Base, Segment, Stream } from './catalogue.ts'
import { comesNext, isLogHeader, wholeRecords } from './records.ts'

/** Digests are compared; a znode's owner may stand for a container or a TTL, as it may in a server that allows these. */
const TREE = { hashSeed: 0, digestEnabled: true, extendedTypes: true } as const

/** Up to where a backup is restored; neither: to its end. */
export interface RestorePoint {
  /** The last transaction that is wanted. */
  readonly zxid?: number
  /** Transactions that were made later are not wanted. Milliseconds since 1970. */
  readonly timeMs?: number
}

/** What was restored. */
export interface Restored {
  readonly stream: string
  readonly zxid: number
  readonly znodes: number
  readonly sessions: number
  /** Of the tree, in hexadecimal: what `hash` of a server tells of the same zxid. */
  readonly digest: string
  /** How many transactions were replayed over the snapshot. */
  readonly transactions: number
}

/** A backup that does not have what is wanted, is damaged, or cannot be reached. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}

/** What restoring takes from the world. */
export interface World {
  readonly disk: Disk
  readonly clock: Clock
  readonly log?: Log
}

/** A snapshot has something that is younger than what is wanted. */
export class TooYoung extends BackupError {}

/** What was restored, and the file that has it. */
export interface Replayed {
  readonly path: string
  readonly restored: Restored
}

/** Lays out a snapshot and the log behind it as a server has them, recovers that as a server does, and keeps the outcome. */
export async function replay(
  world: World,
  store: BackupStore,
  stream: Stream,
  base: Base,
  point: RestorePoint,
  directory: string,
): Promise<Replayed> {
  const { disk } = world
  const basePath = join(directory, snapshotName(base.zxid, base.compression))
  await writeFile(disk, basePath, store.get(base.name))
  const loaded = await loadSnapshot(disk, { path: basePath, ...base }, TREE)
  if (!('tree' in loaded)) throw new BackupError(`${base.name} is damaged: ${loaded.damage}`)
  const last = await layOutLog(disk, store, stream, base.zxid, point, directory)
  // While it was written, transactions went on: without them it is no state that there ever was.
  const fuzzyUntil = Math.max(base.zxid, loaded.lastZxid ?? loaded.digest?.zxid ?? base.zxid)
  if (last < fuzzyUntil) {
    throw new TooYoung(`the oldest snapshot that could do has parts of ${formatZxid(fuzzyUntil)}, which is beyond that`)
  }
  if (point.zxid !== undefined && last !== point.zxid) throw new BackupError(`there is no ${formatZxid(point.zxid)}`)
  const recovery = await recoverFrom(world, directory)
  checkDigests(recovery, stream)
  return keepState(world, directory, stream, recovery)
}

/** Writes the log after `after` up to the point. @returns the last transaction; `after` if there is none */
async function layOutLog(
  disk: Disk,
  store: BackupStore,
  { segments }: Stream,
  after: number,
  { zxid = Number.POSITIVE_INFINITY, timeMs = Number.POSITIVE_INFINITY }: RestorePoint,
  directory: string,
): Promise<number> {
  let last = after
  for (const segment of segments) {
    if (segment.last <= after) continue
    const bytes = await readSegment(store, segment)
    let end = LOG_HEADER_BYTES
    let first = -1
    for (const record of wholeRecords(bytes, LOG_HEADER_BYTES)) {
      if (record.zxid > zxid || record.timeMs > timeMs) break
      end = record.end
      if (first < 0) first = record.zxid
      if (record.zxid <= last) continue
      if (!comesNext(last, record.zxid)) {
        throw new BackupError(`what comes before ${formatZxid(record.zxid)} is missing in ${segment.name}`)
      }
      last = record.zxid
    }
    if (first >= 0) await writeFile(disk, logPath(directory, first), one(bytes.subarray(0, end)))
    if (last < segment.last) break
  }
  return last
}

async function readSegment(store: BackupStore, segment: Segment): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of store.get(segment.name)) pieces.push(piece)
  const bytes = Buffer.concat(pieces)
  const records = [...wholeRecords(bytes, LOG_HEADER_BYTES)]
  const whole = isLogHeader(bytes) && records.at(-1)?.end === bytes.length
  if (!whole || records[0]?.zxid !== segment.first || records.at(-1)?.zxid !== segment.last) {
    throw new BackupError(`${segment.name} is damaged`)
  }
  return bytes
}

function recoverFrom({ disk }: World, directory: string): Promise<Recovery> {
  const access = new AccessControl(authProviders(), true)
  return recover({
    disk,
    log: silentLog,
    snapshotDirectory: directory,
    logDirectory: directory,
    tree: TREE,
    createDatabase: (tree, sessions) => new Database({ tree, sessions, access, quotas: new Quotas(tree, false) }),
    trustEmptySnapshot: false,
    trustEmptyDatabase: false,
    removeDeadSessions: false,
    committed: null,
  })
}

function checkDigests({ digestMismatches, snapshotDigestMatches }: Recovery, { id }: Stream): void {
  if (digestMismatches === 0 && snapshotDigestMatches !== false) return
  throw new BackupError(`${id} does not give the tree that its servers had: ${digestMismatches} digests are others`)
}

/** Writes a snapshot of what was recovered, in place of all that it came from. */
async function keepState(
  { disk, clock, log = silentLog }: World,
  directory: string,
  stream: Stream,
  { database, transactions }: Recovery,
): Promise<Replayed> {
  const { tree, sessions } = database
  const zxid = tree.lastProcessedZxid
  const snapshots = new SnapshotStore({
    disk,
    clock,
    log,
    directory,
    compression: 'none',
    withLastZxid: true,
    runner: new InlineSnapshotRunner(disk, clock),
  })
  const outcome = await snapshots.take({ tree, sessions }, async () => true)
  if (!outcome.ok) throw new BackupError(`what was restored cannot be written: ${outcome.error.message}`)
  const { path } = outcome.snapshot
  await removeOtherHistory(disk, { snapshotDirectory: directory, logDirectory: directory }, path)
  const digest = digestOf(tree)
  const again = await loadSnapshot(disk, outcome.snapshot, TREE)
  if (!('tree' in again) || digestOf(again.tree) !== digest) throw new BackupError(`${path} is not what was written`)
  const restored = { stream: stream.id, zxid, znodes: tree.nodeCount, sessions: sessions.size, digest, transactions }
  return { path, restored }
}

const digestOf = (tree: DataTree): string =>
  ((BigInt(tree.digestHigh >>> 0) << 32n) | BigInt(tree.digestLow >>> 0)).toString(16)

/** Resolves once the contents are on the disk. */
export async function writeFile(disk: Disk, path: string, contents: AsyncIterable<Uint8Array>): Promise<void> {
  const file = await disk.open(path, 'create')
  try {
    let position = 0
    for await (const piece of contents) {
      await file.writeAt(piece, position)
      position += piece.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
