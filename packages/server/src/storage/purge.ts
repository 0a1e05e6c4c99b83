import type { Disk } from '@vivarium/env'
import { listLogs } from './log-reader.ts'
import type { SnapshotFile } from './snapshot-format.ts'
import { isIntact, looksValid } from './snapshot-reader.ts'
import { listSnapshots } from './snapshot-store.ts'

/** `autopurge.snapRetainCount` is at least this. */
const LEAST_RETAINED = 3

export interface PurgeResult {
  /** Paths of what was removed. */
  readonly removed: readonly string[]
  /** Paths of snapshots that are damaged, and therefore do not count. Newer ones than those kept stay where they are. */
  readonly damaged: readonly string[]
}

/**
 * Removes old snapshots and the logs that only they need (PurgeTxnLog). Of the snapshots, the newest `retain` stay
 * whose checksums have been verified; while there are fewer of those, nothing is removed. Of the logs, all stay from
 * the one on that continues the oldest snapshot kept.
 */
export class Purger {
  readonly #disk: Disk
  readonly #snapshotDirectory: string
  readonly #logDirectory: string
  readonly #retain: number
  /** Snapshots that were found intact: to read them all again each time would wear the disk out. */
  #intact = new Map<string, string>()

  constructor(options: { disk: Disk; snapshotDirectory: string; logDirectory: string; retain: number }) {
    this.#disk = options.disk
    this.#snapshotDirectory = options.snapshotDirectory
    this.#logDirectory = options.logDirectory
    this.#retain = Math.max(LEAST_RETAINED, options.retain)
  }

  /** @throws {DiskError} if a directory cannot be read or a file not be removed */
  async purge(): Promise<PurgeResult> {
    const snapshots = await listSnapshots(this.#disk, this.#snapshotDirectory)
    const damaged: string[] = []
    let kept = 0
    let oldest: SnapshotFile | null = null
    for (const snapshot of snapshots) {
      if (kept === this.#retain) break
      if (await this.#isIntact(snapshot)) {
        kept++
        oldest = snapshot
      } else damaged.push(snapshot.path)
    }
    if (oldest === null || kept < this.#retain) return { removed: [], damaged }
    const removed = await this.#removeBefore(oldest.zxid, snapshots)
    this.#forget(removed)
    return { removed, damaged }
  }

  async #removeBefore(zxid: number, snapshots: readonly SnapshotFile[]): Promise<string[]> {
    const logs = await listLogs(this.#disk, this.#logDirectory)
    const firstKept = logs.findLastIndex((log) => log.zxid <= zxid)
    const paths = [
      ...snapshots.filter((snapshot) => snapshot.zxid < zxid).map(({ path }) => path),
      ...logs.slice(0, Math.max(0, firstKept)).map(({ path }) => path),
    ]
    for (const path of paths) await this.#disk.remove(path)
    return paths
  }

  async #isIntact(snapshot: SnapshotFile): Promise<boolean> {
    const stat = await this.#disk.stat(snapshot.path)
    const version = `${stat?.size} ${stat?.modifiedMs}`
    if (this.#intact.get(snapshot.path) === version) return true
    const intact = (await looksValid(this.#disk, snapshot)) && (await isIntact(this.#disk, snapshot))
    if (intact) this.#intact.set(snapshot.path, version)
    return intact
  }

  #forget(paths: readonly string[]): void {
    for (const path of paths) this.#intact.delete(path)
  }
}
