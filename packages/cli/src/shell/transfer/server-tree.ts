import { joinPath, KeeperError, type ZooKeeper } from '@vivarium/client'
import type { Entry, TreeSource } from './entry.ts'

/** How many znodes are asked for at a time. */
const AT_ONCE = 64
/** The servers' own. */
const RESERVED = '/zookeeper'

/** A subtree as a server has it, while it may change: what is deleted meanwhile is left out. */
export class ServerTree implements TreeSource {
  ephemerals = 0
  readonly knowsModes = false
  readonly #zk: ZooKeeper
  readonly #root: string

  constructor(zk: ZooKeeper, root: string) {
    this.#zk = zk
    this.#root = root
  }

  async size(): Promise<number | null> {
    // Servers before 3.6 do not know.
    const below = await this.#zk.getAllChildrenNumber(this.#root).catch(() => null)
    return below === null ? null : below + 1
  }

  /** @throws {KeeperError} NONODE if the root is not there, NOAUTH for a znode that may not be read */
  async *batches(signal: AbortSignal): AsyncGenerator<readonly Entry[], void, undefined> {
    const waiting: string[] = [this.#root]
    while (waiting.length > 0) {
      signal.throwIfAborted()
      const paths = waiting.splice(-AT_ONCE)
      const found = await Promise.all(paths.map((path) => this.#read(path)))
      const entries: Entry[] = []
      for (const each of found) {
        if (each === null) continue
        entries.push(each.entry)
        for (const child of each.children) waiting.push(child)
      }
      if (entries.length > 0) yield entries
    }
  }

  async #read(path: string): Promise<{ entry: Entry; children: string[] } | null> {
    const isRoot = path === this.#root
    try {
      const [{ data, isNull, stat }, { acl }] = await Promise.all([this.#zk.getData(path), this.#zk.getACL(path)])
      if (stat.ephemeralOwner !== 0n) {
        this.ephemerals++
        return null
      }
      const names = stat.numChildren === 0 ? [] : await this.#zk.getChildren(path)
      const children = names.map((name) => joinPath(path, name)).filter((child) => child !== RESERVED)
      const below = isRoot ? '' : path.slice(this.#root === '/' ? 0 : this.#root.length)
      const entry: Entry = {
        path: below,
        data: isNull ? null : data,
        acl,
        mode: 'PERSISTENT',
        ttlMs: null,
        version: stat.version,
      }
      return { entry, children }
    } catch (error) {
      if (!isRoot && KeeperError.is(error, 'NONODE')) return null
      throw error
    }
  }
}
