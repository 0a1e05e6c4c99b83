import { ZooKeeper } from '@vivarium/client'
import { startServer } from '@vivarium/testing'
import type { ServerKind } from '../interop.ts'
import { heapInUse } from './heap.ts'
import { createAll, deleteAll, eventsOf, inTurn } from './znodes.ts'

const MEBIBYTE = 1024 * 1024

export interface WatchMemoryOptions {
  readonly kind: ServerKind
  /** In all, evenly in each round. */
  readonly watches: number
  readonly rounds: number
}

export interface WatchMemoryResult {
  readonly server: string
  readonly watches: number
  /** The client's heap after each round, in MiB; the first round is what it takes to warm up. */
  readonly heapMiB: readonly number[]
  /** While the watches of a round were set, the most. */
  readonly peakMiB: number
  /** What each watch since the first round has left behind. */
  readonly bytesPerWatch: number
}

/**
 * Sets very many one-shot watches, round by round and each on a path of its own, lets all of them tell, and looks what they leave
 * behind on the heap of the client. Every other one waits for a znode that is not there yet, the others for the end of one that is.
 */
export async function measureWatchMemory({ kind, watches, rounds }: WatchMemoryOptions): Promise<WatchMemoryResult> {
  await using server = await startServer({ kind, separate: true })
  await using zk = await ZooKeeper.connect(server.address)
  const perRound = Math.floor(watches / rounds / 2)
  const heap: number[] = []
  let peak = 0
  for (let round = 0; round < rounds; round++) {
    peak = Math.max(peak, await oneRound(zk, `/watched-${round}`, perRound))
    heap.push(await heapInUse())
  }
  const first = heap[0] ?? 0
  const last = heap.at(-1) ?? 0
  return {
    server: kind.name,
    watches: 2 * perRound * rounds,
    heapMiB: heap.map((bytes) => Number((bytes / MEBIBYTE).toFixed(2))),
    peakMiB: Number((peak / MEBIBYTE).toFixed(1)),
    bytesPerWatch: Number(((last - first) / (2 * perRound * (rounds - 1))).toFixed(3)),
  }
}

/** Returns the heap in use while all watches of the round were set. */
async function oneRound(zk: ZooKeeper, root: string, count: number): Promise<number> {
  const created = Array.from({ length: count }, (_, at) => `${root}/n${at}`)
  await zk.ensurePath(root)
  const creations = eventsOf(created)
  await inTurn(zk, created, (path) => zk.exists(path, { watcher: creations.watcher }))
  const inUse = await heapInUse()
  await createAll(zk, root, count)
  await creations.all()
  const deletions = eventsOf(created)
  await inTurn(zk, created, (path) => zk.getData(path, { watcher: deletions.watcher }))
  await deleteAll(zk, created)
  await deletions.all()
  await zk.delete(root)
  return inUse
}
