import { type DataTree, DIGEST_VERSION, SharedTreeReader, SnapshotWriter, snapshotPrelude } from '@vivarium/core'
import type { Clock, Disk } from '@vivarium/env'
import type { SnapshotEnd } from './snapshot-format.ts'
import { type SnapshotJob, type WrittenSnapshot, writeSnapshot } from './snapshot-writer.ts'

/** Roughly what a znode takes in a snapshot besides its path and data. */
const ZNODE_BYTES = 76

/** About how many bytes a snapshot of a tree has, uncompressed. */
export function estimateSnapshotBytes(tree: DataTree): number {
  return tree.approximateDataSize + tree.nodeCount * ZNODE_BYTES
}

/** What a snapshot is taken of. */
export interface SnapshotSource {
  readonly tree: DataTree
  /** Timeouts in milliseconds, by session id. */
  readonly sessions: ReadonlyMap<bigint, number>
}

/** Writes snapshots of a tree that goes on changing meanwhile; see {@link WorkerSnapshotRunner}. */
export interface SnapshotRunner {
  /** Begins at once: the snapshot has everything that was applied before this call. */
  run(job: SnapshotJob, source: SnapshotSource): Promise<WrittenSnapshot>
  close(): Promise<void>
}

/** The state that a snapshot's last sections tell of. */
export function endOf(tree: DataTree): SnapshotEnd {
  const digest = tree.digestEnabled ? { version: DIGEST_VERSION, high: tree.digestHigh, low: tree.digestLow } : null
  return { zxid: tree.lastProcessedZxid, digest }
}

/** Writes snapshots on the tree's own thread, a piece in a turn: for the simulator and for tests. */
export class InlineSnapshotRunner implements SnapshotRunner {
  readonly #disk: Disk
  readonly #clock: Clock

  constructor(disk: Disk, clock: Clock) {
    this.#disk = disk
    this.#clock = clock
  }

  async run(job: SnapshotJob, { tree, sessions }: SnapshotSource): Promise<WrittenSnapshot> {
    const added: Parameters<Parameters<DataTree['beginSnapshot']>[0] & object>[0][] = []
    const prelude = snapshotPrelude(sessions, tree.acls)
    const shared = tree.beginSnapshot((chunk) => added.push(chunk))
    try {
      const body = new SnapshotWriter(prelude, new SharedTreeReader(shared, () => added.splice(0)))
      const pause = (): Promise<void> => new Promise((resolve) => this.#clock.soon(resolve))
      return await writeSnapshot(this.#disk, job, body, async () => endOf(tree), pause)
    } finally {
      tree.endSnapshot(shared)
    }
  }

  async close(): Promise<void> {}
}
