import type { Stat } from '@vivarium/client'
import type { Clock } from '@vivarium/env'
import type { PooledClient } from '../clients/client-pool.ts'
import { type NamesInProcess, readNames, type SortedChildren } from './read-names.ts'

/** What a page is cut from. */
export interface KnownChildren extends SortedChildren {
  /** There are other children by now. */
  readonly outdated: boolean
}

interface Remembered extends SortedChildren {
  readonly readAtMs: number
  readonly tookMs: number
}

export interface ChildPagesOptions {
  /** Of all lists together, in memory. */
  readonly mostBytes: number
  readonly clock: Clock
  readonly inProcess?: NamesInProcess | undefined
}

/** Of a folder with more than that it may be told what was. */
const MANY = 10_000
/** Reading it anew, as it changes, takes one part of so many of the time. */
const REST = 10
const MOST_FOLDERS = 10_000

/**
 * The names of a znode's children, in their order, for one page after another: a folder of a million is read and sorted once,
 * not once a page, and by one of those who want it at once. What is remembered is only used for the identity that read it,
 * and while the znode's stat says that who may read it is the same, and that nothing has changed since. But a folder of
 * very many that changes all the time is read anew only from time to time.
 */
export class ChildPages {
  readonly #options: ChildPagesOptions
  /** The least recently used come first. */
  readonly #remembered = new Map<string, Remembered>()
  readonly #reading = new Map<string, Promise<Remembered>>()
  #bytes = 0

  constructor(options: ChildPagesOptions) {
    this.#options = options
  }

  async read(client: PooledClient, path: string): Promise<KnownChildren> {
    const id = `${client.key} ${path}`
    const known = this.#remembered.get(id)
    if (known !== undefined) {
      const stat = await client.zk.exists(path)
      if (stat !== null && isSame(known.stat, stat)) {
        this.#remember(id, known)
        if (known.stat.cversion === stat.cversion) return { names: known.names, stat, outdated: false }
        if (this.#isRecent(known)) return { names: known.names, stat: known.stat, outdated: true }
      }
      this.#forget(id)
    }
    const { names, stat } = await this.#readOnce(id, client, path)
    return { names, stat, outdated: false }
  }

  #isRecent({ names, readAtMs, tookMs }: Remembered): boolean {
    return names.length > MANY && this.#options.clock.monotonicMs() - readAtMs < REST * tookMs
  }

  #readOnce(id: string, client: PooledClient, path: string): Promise<Remembered> {
    const underWay = this.#reading.get(id)
    if (underWay !== undefined) return underWay
    const reading = this.#read(client, path)
      .then((children) => this.#remember(id, children))
      .finally(() => this.#reading.delete(id))
    this.#reading.set(id, reading)
    return reading
  }

  async #read(client: PooledClient, path: string): Promise<Remembered> {
    const { clock, inProcess } = this.#options
    const began = clock.monotonicMs()
    const children = await readNames(client, path, inProcess ?? null)
    const readAtMs = clock.monotonicMs()
    return { ...children, readAtMs, tookMs: readAtMs - began }
  }

  #remember(id: string, children: Remembered): Remembered {
    this.#forget(id)
    const { mostBytes } = this.#options
    if (children.names.bytes > mostBytes) return children
    this.#remembered.set(id, children)
    this.#bytes += children.names.bytes
    for (const oldest of this.#remembered.keys()) {
      if (this.#bytes <= mostBytes && this.#remembered.size <= MOST_FOLDERS) break
      this.#forget(oldest)
    }
    return children
  }

  #forget(id: string): void {
    const known = this.#remembered.get(id)
    if (known === undefined) return
    this.#remembered.delete(id)
    this.#bytes -= known.names.bytes
  }
}

/** The same znode, with the same list of who may read it. */
const isSame = (known: Stat, now: Stat): boolean => known.czxid === now.czxid && known.aversion === now.aversion
