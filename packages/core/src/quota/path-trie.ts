interface TrieNode {
  readonly children: Map<string, TrieNode>
  /** The registered path that ends here, or null. */
  path: string | null
}

/** A set of paths that finds the deepest one that a given path is at or below. Inherited from PathTrie. */
export class PathTrie {
  #root: TrieNode = { children: new Map(), path: null }
  #size = 0

  get size(): number {
    return this.#size
  }

  /** False if it is there already. The path must be absolute, and not the root. */
  add(path: string): boolean {
    let node = this.#root
    for (const name of path.slice(1).split('/')) {
      let child = node.children.get(name)
      if (child === undefined) {
        child = { children: new Map(), path: null }
        node.children.set(name, child)
      }
      node = child
    }
    if (node.path !== null) return false
    node.path = path
    this.#size++
    return true
  }

  /** False if it is not there. */
  delete(path: string): boolean {
    const names = path.slice(1).split('/')
    const trail: TrieNode[] = [this.#root]
    for (const name of names) {
      const child = trail.at(-1)?.children.get(name)
      if (child === undefined) return false
      trail.push(child)
    }
    const node = trail.at(-1) as TrieNode
    if (node.path === null) return false
    node.path = null
    this.#size--
    // Branches that lead nowhere any more go too.
    for (let i = names.length - 1; i >= 0; i--) {
      const child = trail[i + 1] as TrieNode
      if (child.path !== null || child.children.size > 0) break
      trail[i]?.children.delete(names[i] as string)
    }
    return true
  }

  /** The deepest path that is `path` or above it, or null. */
  deepest(path: string): string | null {
    if (this.#size === 0) return null
    let node = this.#root
    let found: string | null = null
    for (let start = 1; start <= path.length; ) {
      const slash = path.indexOf('/', start)
      const end = slash < 0 ? path.length : slash
      const child = node.children.get(path.slice(start, end))
      if (child === undefined) break
      if (child.path !== null) found = child.path
      node = child
      start = end + 1
    }
    return found
  }

  clear(): void {
    this.#root = { children: new Map(), path: null }
    this.#size = 0
  }
}
