import type { Stat } from '@vivarium/client'
import type { PooledClient } from '../clients/client-pool.ts'
import { sortNames } from './sort-names.ts'

/** The children of a znode at some moment. */
export interface SortedChildren {
  readonly names: readonly string[]
  readonly stat: Stat
}

/**
 * The names of a znode's children, in their order, for one page after another: a folder of 100,000 is read and sorted once,
 * not once a page. What is remembered is only used while the znode's stat says that nothing has changed since, and who may
 * read it; and only for the identity that read it.
 */
export class ChildPages {
  readonly #mostNames: number
  /** The least recently used come first. */
  readonly #remembered = new Map<string, SortedChildren>()
  #names = 0

  constructor(mostNames: number) {
    this.#mostNames = mostNames
  }

  async read({ zk, key }: PooledClient, path: string): Promise<SortedChildren> {
    const id = `${key} ${path}`
    const known = this.#remembered.get(id)
    if (known !== undefined) {
      const stat = await zk.exists(path)
      if (stat !== null && isUnchanged(known.stat, stat)) {
        this.#forget(id)
        return this.#remember(id, { names: known.names, stat })
      }
      this.#forget(id)
    }
    const { children, stat } = await zk.getChildren2(path)
    return this.#remember(id, { names: await sortNames(children), stat })
  }

  #remember(id: string, children: SortedChildren): SortedChildren {
    this.#forget(id)
    if (children.names.length > this.#mostNames) return children
    this.#remembered.set(id, children)
    this.#names += children.names.length
    for (const oldest of this.#remembered.keys()) {
      if (this.#names <= this.#mostNames && this.#remembered.size <= MOST_FOLDERS) break
      this.#forget(oldest)
    }
    return children
  }

  #forget(id: string): void {
    const known = this.#remembered.get(id)
    if (known === undefined) return
    this.#remembered.delete(id)
    this.#names -= known.names.length
  }
}

const MOST_FOLDERS = 10_000

/** The same znode, with the same children, and the same list of who may read them. */
const isUnchanged = (known: Stat, now: Stat): boolean =>
  known.czxid === now.czxid && known.cversion === now.cversion && known.aversion === now.aversion

/** Where the names after `name` begin. */
export function indexAfter(names: readonly string[], name: string): number {
  let low = 0
  let high = names.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((names[middle] as string) <= name) low = middle + 1
    else high = middle
  }
  return low
}
