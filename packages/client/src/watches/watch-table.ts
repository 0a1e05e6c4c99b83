import type { EventTypeName, WatcherTypeName } from '@vivarium/protocol'
import type { Watcher, WatchLostEvent } from './watch-event.ts'

/** A watch that stays: of one znode, or of all below it, too. */
export interface PersistentWatch {
  /** The server's. */
  readonly path: string
  readonly recursive: boolean
  readonly watcher: Watcher
  /** Called when the watch is set again after a time without it: changes in between may have been missed. */
  readonly rearmed: ((reason: 'reconnected' | 'session') => void) | null
}

type Watchers = Map<string, Set<Watcher>>
type PersistentWatches = Map<string, Set<PersistentWatch>>

/** The paths of all watches, as setWatches2 takes them. */
export interface WatchedPaths {
  readonly data: Iterable<string>
  readonly exist: Iterable<string>
  readonly child: Iterable<string>
  readonly persistent: Iterable<string>
  readonly recursive: Iterable<string>
}

/**
 * What a client watches, by the server's paths: the other end of the server's own tables, and consumed by the same rules
 * (ZKWatchManager). One watch of the server serves all watchers of a path here.
 */
export class WatchTable {
  readonly #data: Watchers = new Map()
  /** Set by exists on a znode that is not there. */
  readonly #exist: Watchers = new Map()
  readonly #child: Watchers = new Map()
  readonly #persistent: PersistentWatches = new Map()
  readonly #recursive: PersistentWatches = new Map()

  /** How many one-shot watches there are, counted by path. */
  get oneShots(): number {
    return this.#data.size + this.#exist.size + this.#child.size
  }

  addOneShot(kind: 'data' | 'exist' | 'child', path: string, watcher: Watcher): void {
    const table = kind === 'data' ? this.#data : kind === 'exist' ? this.#exist : this.#child
    addTo(table, path, watcher)
  }

  /** Takes a one-shot watcher back; the server's watch fires for nobody then. */
  removeOneShot(path: string, watcher: Watcher): void {
    for (const table of [this.#data, this.#exist, this.#child]) {
      const watchers = table.get(path)
      if (watchers?.delete(watcher) && watchers.size === 0) table.delete(path)
    }
  }

  addPersistent(watch: PersistentWatch): void {
    addTo(watch.recursive ? this.#recursive : this.#persistent, watch.path, watch)
  }

  /** Forgets one persistent watch. True: nobody else here wants what the server has for it. */
  removePersistent(watch: PersistentWatch): boolean {
    const table = watch.recursive ? this.#recursive : this.#persistent
    const watches = table.get(watch.path)
    if (watches === undefined || !watches.delete(watch)) return false
    if (watches.size > 0) return false
    table.delete(watch.path)
    return true
  }

  persistentWatches(): PersistentWatch[] {
    return [...this.#persistent.values(), ...this.#recursive.values()].flatMap((watches) => [...watches])
  }

  /** Who is to be told of an event; one-shot watches are used up by it. */
  take(type: EventTypeName, path: string): Set<Watcher> {
    const told = new Set<Watcher>()
    const deleted = type === 'NodeDeleted'
    const children = type === 'NodeChildrenChanged'
    if (!children) {
      takeFrom(this.#data, path, told)
      takeFrom(this.#exist, path, told)
    }
    if (children || deleted) takeFrom(this.#child, path, told)
    for (const watch of this.#persistent.get(path) ?? NONE) told.add(watch.watcher)
    if (!children && this.#recursive.size > 0) {
      for (let at: string | null = path; at !== null; at = above(at)) {
        for (const watch of this.#recursive.get(at) ?? NONE) told.add(watch.watcher)
      }
    }
    return told
  }

  paths(): WatchedPaths {
    return {
      data: this.#data.keys(),
      exist: this.#exist.keys(),
      child: this.#child.keys(),
      persistent: this.#persistent.keys(),
      recursive: this.#recursive.keys(),
    }
  }

  /** Forgets all one-shot watches and tells them why. */
  loseOneShots(reason: WatchLostEvent['reason'], toClient: (path: string) => string): void {
    for (const table of [this.#data, this.#exist, this.#child]) this.#lose(table, [...table.keys()], reason, toClient)
  }

  /** Forgets the watches of a path that removeWatches with this type removes, and tells them. */
  lose(
    path: string,
    type: WatcherTypeName,
    reason: WatchLostEvent['reason'],
    toClient: (path: string) => string,
  ): void {
    const all = type === 'Any'
    if (all || type === 'Data')
      for (const table of [this.#data, this.#exist]) this.#lose(table, [path], reason, toClient)
    if (all || type === 'Children') this.#lose(this.#child, [path], reason, toClient)
    if (all || type === 'Persistent') this.#losePersistent(this.#persistent, [path], reason, toClient)
    if (all || type === 'PersistentRecursive') this.#losePersistent(this.#recursive, [path], reason, toClient)
  }

  /** Forgets everything and tells it. */
  loseAll(reason: WatchLostEvent['reason'], toClient: (path: string) => string): void {
    this.loseOneShots(reason, toClient)
    for (const table of [this.#persistent, this.#recursive]) {
      this.#losePersistent(table, [...table.keys()], reason, toClient)
    }
  }

  #lose(
    table: Watchers,
    paths: readonly string[],
    reason: WatchLostEvent['reason'],
    toClient: (path: string) => string,
  ): void {
    for (const path of paths) {
      const watchers = table.get(path) ?? NONE
      table.delete(path)
      for (const watcher of watchers) tell(watcher, { type: 'WatchLost', path: toClient(path), reason })
    }
  }

  #losePersistent(
    table: PersistentWatches,
    paths: readonly string[],
    reason: WatchLostEvent['reason'],
    toClient: (path: string) => string,
  ): void {
    for (const path of paths) {
      const watches = table.get(path) ?? NONE
      table.delete(path)
      for (const { watcher } of watches) tell(watcher, { type: 'WatchLost', path: toClient(path), reason })
    }
  }
}

/**
 * Calls a watcher after the promises that were settled before, so that it sees what they see. What a watcher throws is its
 * program's to handle, and comes out as an uncaught exception; other watchers are told all the same.
 */
export function tell(watcher: Watcher, event: Parameters<Watcher>[0]): void {
  queueMicrotask(() => watcher(event))
}

const NONE: ReadonlySet<never> = new Set<never>()

function addTo<T>(table: Map<string, Set<T>>, path: string, element: T): void {
  const present = table.get(path)
  if (present === undefined) table.set(path, new Set([element]))
  else present.add(element)
}

function takeFrom(table: Watchers, path: string, told: Set<Watcher>): void {
  const watchers = table.get(path)
  if (watchers === undefined) return
  table.delete(path)
  for (const watcher of watchers) told.add(watcher)
}

/** The znode above this one, null for the root. */
function above(path: string): string | null {
  if (path.length <= 1) return null
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}
