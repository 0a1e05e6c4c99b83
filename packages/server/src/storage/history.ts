import { dirname } from 'node:path'
import { LoggedTxn } from '@vivarium/core'
import type { Disk } from '@vivarium/env'
import { copyBytes } from '@vivarium/protocol'
import { LOG_HEADER_BYTES } from './log-format.ts'
import { hasHole, listLogs, readLogs } from './log-reader.ts'
import type { SnapshotFile } from './snapshot-format.ts'
import { isIntact } from './snapshot-reader.ts'
import { listSnapshots } from './snapshot-store.ts'

interface Directories {
  readonly snapshotDirectory: string
  readonly logDirectory: string
}

/**
 * Cuts a server's history back to `zxid`: every transaction beyond it goes, and every snapshot of a state beyond it
 * (ZOOKEEPER-4837). The newest goes first, so that a crash on the way leaves a history that is whole. The log must not be
 * open.
 *
 * @returns the last transaction that there is now; null if no snapshot reaches back that far, and all was left as it is
 * @throws {CorruptLogError} if the log has no whole history up to there
 * @throws {DiskError}
 */
export async function truncateHistory(disk: Disk, directories: Directories, zxid: number): Promise<number | null> {
  const { snapshotDirectory, logDirectory } = directories
  const snapshots = await listSnapshots(disk, snapshotDirectory)
  let base = -1
  for (const snapshot of snapshots) {
    if (snapshot.zxid > zxid || !(await isIntact(disk, snapshot))) continue
    base = snapshot.zxid
    break
  }
  if (base < 0) return null
  let last = base
  let cut: { path: string; position: number } | null = null
  await readLogs(disk, logDirectory, base, (record) => {
    if (record.zxid <= zxid) last = record.zxid
    else cut ??= { path: record.path, position: record.position }
  })
  for (const { path, zxid: of } of snapshots) if (of > zxid) await disk.remove(path)
  await disk.syncDirectory(snapshotDirectory)
  if (cut !== null) await cutLogs(disk, logDirectory, cut)
  return last
}

async function cutLogs(disk: Disk, directory: string, cut: { path: string; position: number }): Promise<void> {
  const paths = (await listLogs(disk, directory)).map(({ path }) => path).reverse()
  for (const path of paths) {
    if (path === cut.path) break
    await disk.remove(path)
  }
  if (cut.position <= LOG_HEADER_BYTES) await disk.remove(cut.path)
  else {
    const file = await disk.open(cut.path, 'update')
    try {
      await file.truncate(cut.position)
      await file.sync()
    } finally {
      await file.close()
    }
  }
  await disk.syncDirectory(directory)
}

/**
 * Removes all snapshots and logs but the snapshot `kept`, which has replaced them: they may belong to another history, or
 * leave a gap (ZOOKEEPER-2846).
 *
 * @throws {DiskError}
 */
export async function removeOtherHistory(disk: Disk, directories: Directories, kept: string): Promise<void> {
  const { snapshotDirectory, logDirectory } = directories
  const logs = await listLogs(disk, logDirectory)
  for (const { path } of logs.reverse()) await disk.remove(path)
  for (const { path } of await listSnapshots(disk, snapshotDirectory)) if (path !== kept) await disk.remove(path)
  await disk.syncDirectory(logDirectory)
  await disk.syncDirectory(dirname(kept))
}

/** Which part of a log is asked for. */
export interface HistoryRequest {
  /** Of whom it is for: it begins with the last transaction that is not beyond this one. */
  readonly zxid: number
  /** Transactions beyond this one are not asked for. */
  readonly until: number
  /** How much to read at most. */
  readonly maxBytes: number
  /** What there is beside the log: where they show a hole in it, it is not to be trusted. */
  readonly snapshots: readonly SnapshotFile[]
}

/**
 * Reads a part of the log, while it goes on being written.
 *
 * @returns null if the log does not reach back that far, cannot be read, has more than `maxBytes`, or a hole
 */
export async function readHistory(
  disk: Disk,
  directory: string,
  { zxid, until, maxBytes, snapshots }: HistoryRequest,
): Promise<LoggedTxn[] | null> {
  const first = (await listLogs(disk, directory)).findLast((log) => log.zxid <= zxid)
  if (first === undefined) return null
  let txns: LoggedTxn[] = []
  let bytes = 0
  try {
    const { turns } = await readLogs(disk, directory, first.zxid - 1, (record) => {
      if (record.zxid > until) return
      if (record.zxid <= zxid) {
        txns = []
        bytes = 0
      }
      bytes += record.end - record.start
      if (bytes > maxBytes) throw new TooMuch()
      const txn = LoggedTxn.from(copyBytes(record.bytes, record.start, record.end))
      if (txn !== null) txns.push(txn)
    })
    const asked = turns.filter(({ before, after }) => before >= (txns[0]?.zxid ?? 0) && after <= until)
    if (
      hasHole(
        asked,
        snapshots.map((snapshot) => snapshot.zxid),
      )
    )
      return null
  } catch {
    // Damage at its end is what a log looks like that is being written; whatever else it is, a snapshot does instead.
    return null
  }
  return txns.length > 0 && txns[0]!.zxid <= zxid ? txns : null
}

class TooMuch extends Error {}
