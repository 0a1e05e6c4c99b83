import { Feed, type FeedOptions, type Missed } from '../support/feed.ts'
import type { ZnodeCache } from './znode-cache.ts'

/** What is made of what a cache has: with changes of its own, and as far behind as the cache is. */
export abstract class DerivedCache<C extends ZnodeCache, Change> implements AsyncDisposable {
  protected readonly cache: C
  protected readonly feed = new Feed<Change>()

  protected constructor(cache: C) {
    this.cache = cache
  }

  /** Whether what is known is what is there, as far as one can know. */
  get isSynced(): boolean {
    return this.cache.isSynced
  }

  /** Waits until it has looked. */
  synced(signal?: AbortSignal): Promise<void> {
    return this.cache.synced(signal)
  }

  /** Waits until it has what was written anywhere before this call. */
  sync(signal?: AbortSignal): Promise<void> {
    return this.cache.sync(signal)
  }

  /** Calls `listener` with each change. @returns a function that ends it */
  onChange(listener: (change: Change) => void): () => void {
    return this.feed.listen(listener)
  }

  /** The changes from this moment on, for a loop. */
  changes(options?: FeedOptions): AsyncIterableIterator<Change | Missed, undefined> {
    return this.feed.loop(options)
  }

  async close(): Promise<void> {
    this.feed.end()
    await this.cache.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
