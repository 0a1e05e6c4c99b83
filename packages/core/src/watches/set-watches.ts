import { EventType, JuteError } from '@vivarium/protocol'
import type { WatchManager } from './watch-manager.ts'
import { WatchEvent, type Watcher } from './watcher.ts'

/** What is looked up in the tree to tell what a client has missed. */
export interface WatchedTree {
  /** The znode at a path; negative where there is none. */
  find(path: string): number
  mzxid(node: number): number
  pzxid(node: number): number
}

/** The paths of a setWatches or setWatches2 request. */
export interface WatchLists {
  readonly dataWatches: readonly (string | null)[] | null
  readonly existWatches: readonly (string | null)[] | null
  readonly childWatches: readonly (string | null)[] | null
  readonly persistentWatches?: readonly (string | null)[] | null
  readonly persistentRecursiveWatches?: readonly (string | null)[] | null
}

/** The zxid of events that no transaction fires. */
const NO_ZXID = -1

/**
 * Sets the watches that a client had on its last connection again. Of a change since `relativeZxid`, the last that it
 * has seen, it is told at once instead, and that watch is used up. Persistent watches are only set: what they have
 * missed is lost. Nothing is checked, neither the paths nor the right to read.
 *
 * @throws {JuteError} at a list that is null, and at a path that is null where it has to be looked up; what came before is
 *   done already, as in Java
 *
 * Inherited from DataTree.setWatches.
 */
export function setWatches(
  watches: WatchManager,
  tree: WatchedTree,
  relativeZxid: number,
  lists: WatchLists,
  watcher: Watcher,
): void {
  for (const given of list(lists.dataWatches)) {
    const path = present(given)
    const node = tree.find(path)
    if (node < 0) tell(watcher, EventType.NodeDeleted, path)
    else if (tree.mzxid(node) > relativeZxid) tell(watcher, EventType.NodeDataChanged, path)
    else watches.addDataWatch(path, watcher)
  }
  for (const given of list(lists.existWatches)) {
    const path = present(given)
    if (tree.find(path) >= 0) tell(watcher, EventType.NodeCreated, path)
    else watches.addDataWatch(path, watcher)
  }
  for (const given of list(lists.childWatches)) {
    const path = present(given)
    const node = tree.find(path)
    if (node < 0) tell(watcher, EventType.NodeDeleted, path)
    else if (tree.pzxid(node) > relativeZxid) tell(watcher, EventType.NodeChildrenChanged, path)
    else watches.addChildWatch(path, watcher)
  }
  if (lists.persistentWatches === undefined) return
  // Java watches a path that is null, too: nothing ever happens there.
  for (const path of list(lists.persistentWatches)) if (path !== null) watches.addPersistentWatch(path, watcher, false)
  for (const path of list(lists.persistentRecursiveWatches ?? null))
    if (path !== null) watches.addPersistentWatch(path, watcher, true)
}

function list(paths: readonly (string | null)[] | null): readonly (string | null)[] {
  if (paths === null) throw new JuteError('a list of watches is null')
  return paths
}

function present(path: string | null): string {
  if (path === null) throw new JuteError('a path to watch is null')
  return path
}

function tell(watcher: Watcher, type: number, path: string): void {
  watcher.notify(new WatchEvent(type, path, NO_ZXID))
}
