import { nameOf, parentOf, type Stat } from '@vivarium/protocol'

/** A znode as a cache knows it. */
export interface CachedNode {
  readonly path: string
  /** Shared by all who read the cache: not to be written to. */
  readonly data: Buffer
  readonly stat: Stat
}

/** Znodes by path, and which are below which. */
export class Picture {
  readonly #nodes = new Map<string, CachedNode>()
  /** Names by the path above: for paths whose own znode is not known, too. */
  readonly #children = new Map<string, Set<string>>()

  get size(): number {
    return this.#nodes.size
  }

  get(path: string): CachedNode | null {
    return this.#nodes.get(path) ?? null
  }

  nodes(): IterableIterator<CachedNode> {
    return this.#nodes.values()
  }

  childrenOf(path: string): Iterable<string> {
    return this.#children.get(path) ?? []
  }

  /** Returns what was there before. */
  put(node: CachedNode): CachedNode | null {
    const previous = this.get(node.path)
    this.#nodes.set(node.path, node)
    if (previous === null && node.path !== '/') {
      const above = parentOf(node.path)
      const names = this.#children.get(above)
      if (names === undefined) this.#children.set(above, new Set([nameOf(node.path)]))
      else names.add(nameOf(node.path))
    }
    return previous
  }

  /** Takes out a znode and all below it. Returns them, the deepest first. */
  remove(path: string): CachedNode[] {
    const removed: CachedNode[] = []
    const doomed = [path]
    // The list grows while it is walked.
    for (const each of doomed) {
      for (const name of this.childrenOf(each)) doomed.push(each === '/' ? `/${name}` : `${each}/${name}`)
    }
    for (const each of doomed.reverse()) {
      const node = this.get(each)
      if (node !== null) removed.push(node)
      this.#nodes.delete(each)
      this.#children.delete(each)
    }
    this.#unlink(path)
    return removed
  }

  #unlink(path: string): void {
    if (path === '/') return
    const above = parentOf(path)
    const names = this.#children.get(above)
    if (names?.delete(nameOf(path)) && names.size === 0) this.#children.delete(above)
  }
}
