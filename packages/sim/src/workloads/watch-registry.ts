import { EventType } from '@vivarium/protocol'
import type { Operation } from './history.ts'
import type { WatchPaths } from './requests.ts'

/** The watches of a client, kept to be set again on its next connection, as Java's client does (ZKWatchManager). */
export class WatchRegistry {
  readonly #data = new Set<string>()
  readonly #exists = new Set<string>()
  readonly #children = new Set<string>()
  readonly #persistent = new Set<string>()
  readonly #recursive = new Set<string>()

  /** An answer has come: a watch that was asked for is set now. */
  answered({ request, answer }: Operation): void {
    const err = answer?.result.err
    switch (request.kind) {
      case 'exists':
        if (request.watch && err === 0) this.#data.add(request.path)
        else if (request.watch && err === -101) this.#exists.add(request.path)
        return
      case 'getData':
        if (request.watch && err === 0) this.#data.add(request.path)
        return
      case 'getChildren':
      case 'getChildren2':
        if (request.watch && err === 0) this.#children.add(request.path)
        return
      case 'addWatch':
        if (err === 0) (request.recursive ? this.#recursive : this.#persistent).add(request.path)
        return
      default:
        return
    }
  }

  /** An event uses up the watches that it belongs to. */
  fired(type: number, path: string): void {
    if (type === EventType.NodeChildrenChanged) this.#children.delete(path)
    else {
      this.#data.delete(path)
      this.#exists.delete(path)
      if (type === EventType.NodeDeleted) this.#children.delete(path)
    }
  }

  /** Null if there is nothing to set again. */
  toSetAgain(relativeZxid: number): WatchPaths | null {
    const lists = [this.#data, this.#exists, this.#children, this.#persistent, this.#recursive]
    if (lists.every((list) => list.size === 0)) return null
    return {
      relativeZxid,
      dataWatches: [...this.#data],
      existWatches: [...this.#exists],
      childWatches: [...this.#children],
      persistentWatches: [...this.#persistent],
      persistentRecursiveWatches: [...this.#recursive],
    }
  }

  clear(): void {
    for (const list of [this.#data, this.#exists, this.#children, this.#persistent, this.#recursive]) list.clear()
  }
}
