import { type ACL, EventType, Perm, WatcherType } from '@vivarium/protocol'
import { grantedToAnyone } from '../auth/acl-check.ts'
import { ANY_MODE, WatchMode, WatchSet } from './watch-set.ts'
import { WatchTable } from './watch-table.ts'
import { WatchEvent, type Watcher } from './watcher.ts'

/** Told how many watchers a change had, for the metrics `node_*_watch_count`. */
export interface WatchObserver {
  /** `type` is an event type; `watchers` is at least 1, and counts those who may not read the znode as well. */
  watchersFound(type: number, watchers: number): void
}

/**
 * The watches of all connections, and who is told of a change. Inherited from DataTree and WatchManager.
 *
 * @example
 * watches.addDataWatch('/a', connection)
 * watches.changed('/a', zxid, acl) // connection.notify({ type: 3, path: '/a', zxid })
 */
export class WatchManager {
  readonly data = new WatchTable(0)
  readonly child = new WatchTable(3)
  /** How many paths one connection may watch; see {@link isFull}. */
  mostPaths = Number.POSITIVE_INFINITY
  readonly #observer: WatchObserver | null
  /** Numbers the changes, so that a connection found twice for one is told once. */
  #change = 0
  /** Whom to tell; null while somebody is being told. */
  #found: WatchSet[] | null = []

  constructor(observer: WatchObserver | null = null) {
    this.#observer = observer
  }

  /** The metric `watch_count`. */
  get size(): number {
    return this.data.size + this.child.size
  }

  /** Whether a connection watches as many paths as it may: whoever sets watches asks first, and refuses. */
  isFull({ watchSet: set }: Watcher): boolean {
    return set !== null && set.dataPaths + set.childPaths >= this.mostPaths
  }

  /** One-shot, as exists and getData set it. False if it was set already, or the connection is gone. */
  addDataWatch(path: string, watcher: Watcher): boolean {
    const set = this.#setOf(watcher)
    return !set.closed && this.data.add(path, set, WatchMode.STANDARD)
  }

  /** One-shot, as getChildren sets it. False if it was set already, or the connection is gone. */
  addChildWatch(path: string, watcher: Watcher): boolean {
    const set = this.#setOf(watcher)
    return !set.closed && this.child.add(path, set, WatchMode.STANDARD)
  }

  /** As addWatch sets it: one that stays. A recursive one is in the data table only, so it hears of no child lists. */
  addPersistentWatch(path: string, watcher: Watcher, recursive: boolean): void {
    const set = this.#setOf(watcher)
    if (set.closed) return
    if (recursive) this.data.add(path, set, WatchMode.PERSISTENT_RECURSIVE)
    else {
      this.data.add(path, set, WatchMode.PERSISTENT)
      this.child.add(path, set, WatchMode.PERSISTENT)
    }
  }

  /**
   * Whether the connection has a watch of this type at `path` (checkWatches).
   * @param type one of {@link WatcherType}
   */
  contains(path: string, type: number, watcher: Watcher): boolean {
    const set = watcher.watchSet
    if (set === null) return false
    return (
      this.data.contains(path, set, dataModes(type)) ||
      (type !== WatcherType.Persistent && this.child.contains(path, set, childModes(type)))
    )
  }

  /** Ends the connection's watches of this type at `path` (removeWatches). False if there was none: NOWATCHER. */
  remove(path: string, type: number, watcher: Watcher): boolean {
    const set = watcher.watchSet
    if (set === null) return false
    const child = this.child.remove(path, set, childModes(type))
    return this.data.remove(path, set, dataModes(type)) || child
  }

  /** Forgets a connection that is gone, for good: it can set no further watch. */
  removeWatcher(watcher: Watcher): void {
    const set = watcher.watchSet
    watcher.watchSet = CLOSED
    if (set === null) return
    set.closed = true
    for (const path of set.modes.keys()) {
      this.data.remove(path, set, ANY_MODE)
      this.child.remove(path, set, ANY_MODE)
    }
  }

  /** Forgets all watches, as when another tree takes the place of the one that they were set on. */
  clear(): void {
    for (const table of [this.data, this.child]) {
      table.forEach((_path, set) => {
        set.modes.clear()
        set.dataPaths = 0
        set.childPaths = 0
      })
      table.clear()
    }
  }

  /** A znode was created. `acl` is its list, `parentAcl` that of its parent. */
  created(path: string, zxid: number, acl: readonly ACL[], parentAcl: readonly ACL[]): void {
    if (this.data.size > 0) this.#fire(this.data, EventType.NodeCreated, path, zxid, acl, ++this.#change)
    if (this.child.size > 0) this.#childrenChanged(path, zxid, parentAcl)
  }

  /** A znode was deleted. `acl` is the list that it had. */
  deleted(path: string, zxid: number, acl: readonly ACL[], parentAcl: readonly ACL[]): void {
    // One number for both tables: who is in both is told once.
    const change = ++this.#change
    if (this.data.size > 0) this.#fire(this.data, EventType.NodeDeleted, path, zxid, acl, change)
    if (this.child.size > 0) {
      this.#fire(this.child, EventType.NodeDeleted, path, zxid, acl, change)
      this.#childrenChanged(path, zxid, parentAcl)
    }
  }

  /** The data of a znode was set. */
  changed(path: string, zxid: number, acl: readonly ACL[]): void {
    if (this.data.size > 0) this.#fire(this.data, EventType.NodeDataChanged, path, zxid, acl, ++this.#change)
  }

  #childrenChanged(path: string, zxid: number, parentAcl: readonly ACL[]): void {
    const parent = path.slice(0, Math.max(path.lastIndexOf('/'), 1))
    this.#fire(this.child, EventType.NodeChildrenChanged, parent, zxid, parentAcl, ++this.#change)
  }

  #fire(table: WatchTable, type: number, path: string, zxid: number, acl: readonly ACL[], change: number): void {
    // All are found, and their one-shot watches used up, before any is told: telling one may close its connection.
    const found = this.#found ?? []
    this.#found = null
    const count = table.collect(path, change, found)
    if (count > 0) {
      this.#observer?.watchersFound(type, count)
      const open = grantedToAnyone(acl, Perm.READ)
      const event = new WatchEvent(type, path, zxid)
      for (let i = 0; i < found.length; i++) {
        const { watcher, closed } = found[i] as WatchSet
        if (!closed && (open || watcher.mayRead(acl))) watcher.notify(event)
      }
      found.length = 0
    }
    this.#found = found
  }

  #setOf(watcher: Watcher): WatchSet {
    watcher.watchSet ??= new WatchSet(watcher)
    return watcher.watchSet
  }
}

/** Of every connection that is gone. */
const CLOSED = new WatchSet({ sessionId: 0n, watchSet: null, mayRead: () => false, notify: () => {} })
CLOSED.closed = true

/** The modes that checkWatches and removeWatches mean in the data table (DataTree.removeWatch). */
function dataModes(type: number): number {
  switch (type) {
    case WatcherType.Data:
      return WatchMode.STANDARD
    case WatcherType.Persistent:
      return WatchMode.PERSISTENT
    case WatcherType.PersistentRecursive:
      return WatchMode.PERSISTENT_RECURSIVE
    case WatcherType.Any:
      return ANY_MODE
    default:
      return 0
  }
}

/** The same for the child table, which has no recursive watches. */
function childModes(type: number): number {
  switch (type) {
    case WatcherType.Children:
      return WatchMode.STANDARD
    case WatcherType.Persistent:
      return WatchMode.PERSISTENT
    case WatcherType.Any:
      return ANY_MODE
    default:
      return 0
  }
}
