import type { WatchMode, WatchSet } from './watch-set.ts'
import { WatchMode as Mode } from './watch-set.ts'

/**
 * Who watches which path, for one kind of watch. There are two tables: data (exists, getData) and children
 * (getChildren). What each connection watches is kept in its own {@link WatchSet}, so that it can be forgotten without
 * looking at anybody else's.
 *
 * Inherited from WatchManager; but the watchers of a path are kept in the order in which they came, and are told so.
 */
export class WatchTable {
  /** Most paths have one watcher: it stands there itself, without a collection of its own. */
  readonly #paths: Map<string, WatchSet | Set<WatchSet>> = new Map()
  /** Where this table's modes stand in {@link WatchSet.modes}. */
  readonly #shift: number
  #size = 0
  #connections = 0
  #recursive = 0

  constructor(shift: 0 | 3) {
    this.#shift = shift
  }

  /** How many pairs of path and connection there are. */
  get size(): number {
    return this.#size
  }

  get pathCount(): number {
    return this.#paths.size
  }

  /** How many connections watch something. */
  get connectionCount(): number {
    return this.#connections
  }

  /** Whether a connection watches something. */
  has(set: WatchSet): boolean {
    return (this.#shift === 0 ? set.dataPaths : set.childPaths) > 0
  }

  /** How many of them watch everything below as well. */
  get recursiveCount(): number {
    return this.#recursive
  }

  /** True if the connection did not watch this path in this mode before. */
  add(path: string, set: WatchSet, mode: WatchMode): boolean {
    const before = set.modes.get(path) ?? 0
    const flag = mode << this.#shift
    if ((before & flag) !== 0) return false
    set.modes.set(path, before | flag)
    if ((before & (7 << this.#shift)) === 0) this.#link(path, set)
    if (mode === Mode.PERSISTENT_RECURSIVE) this.#recursive++
    return true
  }

  /** Whether the connection watches this path in one of `modes`. */
  contains(path: string, set: WatchSet, modes: number): boolean {
    return ((set.modes.get(path) ?? 0) & (modes << this.#shift)) !== 0
  }

  /** Ends the watches in `modes`. True if there was one. */
  remove(path: string, set: WatchSet, modes: number): boolean {
    const before = set.modes.get(path) ?? 0
    const removed = before & (modes << this.#shift)
    if (removed === 0) return false
    const after = before & ~removed
    if (after === 0) set.modes.delete(path)
    else set.modes.set(path, after)
    if ((removed & (Mode.PERSISTENT_RECURSIVE << this.#shift)) !== 0) this.#recursive--
    if ((after & (7 << this.#shift)) === 0) this.#unlink(path, set)
    return true
  }

  /**
   * Finds who is to be told of a change at `path`, and uses up their one-shot watches. Appends to `found` those whose
   * `lastChange` is not `change` yet, and marks them with it. Returns how many match, appended or not.
   */
  collect(path: string, change: number, found: WatchSet[]): number {
    let count = this.#collectAt(path, change, found)
    if (this.#recursive > 0) {
      for (let parent = parentPath(path); parent !== ''; parent = parentPath(parent)) {
        count += this.#collectRecursive(parent, change, found)
      }
    }
    return count
  }

  /** Calls `visit` for each pair of path and connection. */
  forEach(visit: (path: string, set: WatchSet) => void): void {
    for (const [path, entry] of this.#paths) {
      if (entry instanceof Set) for (const set of entry) visit(path, set)
      else visit(path, entry)
    }
  }

  /** Every path with those who watch it. Paths may come and go while it is walked. */
  entries(): Iterable<readonly [path: string, watchers: WatchSet | Set<WatchSet>]> {
    return this.#paths
  }

  /** Those who watch a path itself. */
  *watching(path: string): Iterable<WatchSet> {
    const entry = this.#paths.get(path)
    if (entry instanceof Set) yield* entry
    else if (entry !== undefined) yield entry
  }

  /** Forgets all; the sets of the connections must be emptied as well. */
  clear(): void {
    this.#paths.clear()
    this.#size = 0
    this.#connections = 0
    this.#recursive = 0
  }

  #collectAt(path: string, change: number, found: WatchSet[]): number {
    const entry = this.#paths.get(path)
    if (entry === undefined) return 0
    if (!(entry instanceof Set)) {
      this.#match(path, entry, change, found)
      return 1
    }
    const count = entry.size
    for (const set of entry) this.#match(path, set, change, found)
    return count
  }

  #match(path: string, set: WatchSet, change: number, found: WatchSet[]): void {
    this.remove(path, set, Mode.STANDARD)
    if (set.lastChange === change) return
    set.lastChange = change
    found.push(set)
  }

  /** Those who watch a parent recursively. Who watches several of them is counted once. */
  #collectRecursive(parent: string, change: number, found: WatchSet[]): number {
    const entry = this.#paths.get(parent)
    if (entry === undefined) return 0
    if (!(entry instanceof Set)) return this.#matchRecursive(parent, entry, change, found)
    let count = 0
    for (const set of entry) count += this.#matchRecursive(parent, set, change, found)
    return count
  }

  #matchRecursive(parent: string, set: WatchSet, change: number, found: WatchSet[]): number {
    if (set.lastChange === change || !this.contains(parent, set, Mode.PERSISTENT_RECURSIVE)) return 0
    set.lastChange = change
    found.push(set)
    return 1
  }

  #link(path: string, set: WatchSet): void {
    this.#size++
    if (!this.has(set)) this.#connections++
    this.#count(set, 1)
    const entry = this.#paths.get(path)
    if (entry === undefined) this.#paths.set(path, set)
    else if (entry instanceof Set) entry.add(set)
    else this.#paths.set(path, new Set([entry, set]))
  }

  #unlink(path: string, set: WatchSet): void {
    this.#size--
    this.#count(set, -1)
    if (!this.has(set)) this.#connections--
    const entry = this.#paths.get(path)
    if (entry instanceof Set) {
      entry.delete(set)
      if (entry.size === 0) this.#paths.delete(path)
    } else this.#paths.delete(path)
  }

  #count(set: WatchSet, paths: number): void {
    if (this.#shift === 0) set.dataPaths += paths
    else set.childPaths += paths
  }
}

/** `/a` for `/a/b`, `/` for `/a`, and nothing for `/`. */
function parentPath(path: string): string {
  if (path.length <= 1) return ''
  const slash = path.lastIndexOf('/')
  return slash === 0 ? '/' : path.slice(0, Math.max(slash, 0))
}
