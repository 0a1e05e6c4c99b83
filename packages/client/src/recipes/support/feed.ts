/** More came than was kept for a reader that is behind: it begins anew from what there is now. */
export interface Missed {
  readonly type: 'missed'
}

export interface FeedOptions {
  /** Ends the loop, with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** How many items are kept for a reader that is behind. Default 10,000. */
  readonly limit?: number | undefined
}

/** Items for listeners, who are called at once, and for loops, which read at their own pace. */
export class Feed<T> {
  readonly #listeners = new Set<(item: T) => void>()
  readonly #loops = new Set<FeedLoop<T>>()
  #isOver = false

  /** What a listener throws is its program's to handle, and comes out as an uncaught exception. */
  emit(item: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(item)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
    for (const loop of this.#loops) loop.add(item)
  }

  /** @returns a function that ends it */
  listen(listener: (item: T) => void): () => void {
    // Each listener counts for itself, the same function twice included.
    const own = (item: T): void => listener(item)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  /** All items from this moment on. */
  loop({ signal, limit = 10_000 }: FeedOptions = {}): AsyncIterableIterator<T | Missed, undefined> {
    const loop = new FeedLoop<T>(limit, signal, () => this.#loops.delete(loop))
    if (this.#isOver) loop.end()
    else if (!signal?.aborted) this.#loops.add(loop)
    return loop
  }

  /** No more will come: loops end after what they have. */
  end(): void {
    this.#isOver = true
    this.#listeners.clear()
    for (const loop of this.#loops) loop.end()
  }
}

type Result<T> = IteratorResult<T | Missed, undefined>

class FeedLoop<T> implements AsyncIterableIterator<T | Missed, undefined> {
  readonly #limit: number
  readonly #signal: AbortSignal | undefined
  readonly #leave: () => void
  #items: (T | Missed)[] = []
  #isOver = false
  #waiter: { resolve(result: Result<T>): void; reject(error: unknown): void } | null = null

  constructor(limit: number, signal: AbortSignal | undefined, leave: () => void) {
    this.#limit = limit
    this.#signal = signal
    this.#leave = leave
    signal?.addEventListener('abort', this.#aborted, { once: true })
  }

  add(item: T): void {
    if (this.#waiter !== null) {
      this.#waiter.resolve({ value: item, done: false })
      this.#waiter = null
      return
    }
    if (this.#items.length >= this.#limit) this.#items = [{ type: 'missed' }]
    else this.#items.push(item)
  }

  end(): void {
    this.#isOver = true
    this.#signal?.removeEventListener('abort', this.#aborted)
    this.#leave()
    this.#waiter?.resolve({ value: undefined, done: true })
    this.#waiter = null
  }

  next(): Promise<Result<T>> {
    if (this.#signal?.aborted) return Promise.reject(this.#signal.reason)
    const item = this.#items.shift()
    if (item !== undefined) return Promise.resolve({ value: item, done: false })
    if (this.#isOver) return Promise.resolve({ value: undefined, done: true })
    if (this.#waiter !== null) return Promise.reject(new Error('a loop has one reader at a time'))
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }

  return(): Promise<Result<T>> {
    this.#items = []
    this.end()
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  readonly #aborted = (): void => {
    const waiter = this.#waiter
    this.#waiter = null
    this.end()
    waiter?.reject(this.#signal?.reason)
  }
}
