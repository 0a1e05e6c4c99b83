import { utf8Length, type Zxid } from '@vivarium/protocol'
import type { WatchedPaths } from './watch-table.ts'

/** One packet of setWatches2; of setWatches, which older servers know, if nothing in it is persistent. */
export interface WatchBatch {
  readonly relativeZxid: Zxid
  readonly dataWatches: string[]
  readonly existWatches: string[]
  readonly childWatches: string[]
  readonly persistentWatches: string[]
  readonly persistentRecursiveWatches: string[]
}

/** A packet of paths stays below this: one of all watches may be longer than a server takes (ZOOKEEPER-706). */
const MAX_BATCH_BYTES = 120_000

/** The packets that set all watches again after a reconnection, each with the zxid up to which the client has seen. */
export function rearmBatches(watched: WatchedPaths, relativeZxid: Zxid): WatchBatch[] {
  const batches: WatchBatch[] = []
  let batch = emptyBatch(relativeZxid)
  let bytes = 0
  const add = (paths: Iterable<string>, list: keyof Omit<WatchBatch, 'relativeZxid'>): void => {
    for (const path of paths) {
      const length = 4 + utf8Length(path)
      if (bytes === 0 || bytes + length > MAX_BATCH_BYTES) {
        batch = emptyBatch(relativeZxid)
        batches.push(batch)
        bytes = 0
      }
      batch[list].push(path)
      bytes += length
    }
  }
  add(watched.data, 'dataWatches')
  add(watched.exist, 'existWatches')
  add(watched.child, 'childWatches')
  add(watched.persistent, 'persistentWatches')
  add(watched.recursive, 'persistentRecursiveWatches')
  return batches
}

function emptyBatch(relativeZxid: Zxid): WatchBatch {
  return {
    relativeZxid,
    dataWatches: [],
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
  }
}
