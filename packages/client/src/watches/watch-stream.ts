import type { NodeEvent, WatchEvent } from './watch-event.ts'

/**
 * From here on the stream tells everything; before, it may have missed something. Whoever keeps a picture of the tree
 * reads it anew.
 *
 * - `start`: the watch is set; the first thing that a stream tells
 * - `reconnected`: the connection was lost for a while, the session was not
 * - `session`: it is another session: ephemeral znodes of the last one are gone
 * - `overflow`: more came than the stream keeps for a reader that is behind
 */
export interface Resync {
  readonly type: 'resync'
  readonly reason: 'start' | 'reconnected' | 'session' | 'overflow'
}

export type StreamEvent = NodeEvent | Resync

/** What a stream asks of the client. */
export interface StreamSource {
  /** Sets the watch; settles when the server has. */
  start(): Promise<void>
  stop(): void
}

type Waiter = { resolve(result: IteratorResult<StreamEvent, undefined>): void; reject(error: unknown): void }

/** The changes that a persistent watch tells, to be read with `for await`. Ends when the client is closed. */
export class WatchStream implements AsyncIterableIterator<StreamEvent, undefined> {
  readonly #limit: number
  readonly #signal: AbortSignal | null
  readonly #events: StreamEvent[] = []
  #source: StreamSource | null = null
  #started = false
  #over = false
  #error: { readonly reason: unknown } | null = null
  #waiter: Waiter | null = null

  /** @param limit how many events are kept for a reader that is behind */
  constructor(limit: number, signal: AbortSignal | null) {
    this.#limit = limit
    this.#signal = signal
  }

  /** For the client: sets the watch. */
  open(source: StreamSource): void {
    this.#source = source
    if (this.#signal?.aborted) return this.#finish({ reason: this.#signal.reason })
    this.#signal?.addEventListener('abort', this.#aborted, { once: true })
    source.start().then(
      () => {
        if (this.#over) return
        this.#started = true
        this.#add({ type: 'resync', reason: 'start' })
      },
      (reason) => this.#finish({ reason }),
    )
  }

  /** For the client: what the watch told. */
  readonly tell = (event: WatchEvent): void => {
    if (event.type === 'WatchLost') {
      this.#finish(null)
      return
    }
    // What comes before the start is seen by whoever reads at the start.
    if (this.#started) this.#add(event)
  }

  /** For the client: the watch was set again. */
  readonly rearmed = (reason: 'reconnected' | 'session'): void => {
    if (this.#started) this.#add({ type: 'resync', reason })
  }

  next(): Promise<IteratorResult<StreamEvent, undefined>> {
    const event = this.#events.shift()
    if (event !== undefined) return Promise.resolve({ value: event, done: false })
    if (this.#error !== null) {
      const { reason } = this.#error
      this.#error = null
      return Promise.reject(reason)
    }
    if (this.#over) return Promise.resolve({ value: undefined, done: true })
    if (this.#waiter !== null) return Promise.reject(new Error('a stream has one reader at a time'))
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
    })
  }

  /** Ends the stream and takes its watch away, as leaving the loop does. */
  return(): Promise<IteratorResult<StreamEvent, undefined>> {
    this.#events.length = 0
    this.#finish(null)
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #add(event: StreamEvent): void {
    if (this.#over) return
    if (this.#waiter !== null) {
      const { resolve } = this.#waiter
      this.#waiter = null
      resolve({ value: event, done: false })
      return
    }
    if (this.#events.length >= this.#limit) {
      this.#events.length = 0
      this.#events.push({ type: 'resync', reason: 'overflow' })
    }
    this.#events.push(event)
  }

  #finish(error: { readonly reason: unknown } | null): void {
    if (this.#over) return
    this.#over = true
    this.#error = error
    this.#signal?.removeEventListener('abort', this.#aborted)
    this.#source?.stop()
    const waiter = this.#waiter
    this.#waiter = null
    if (waiter === null) return
    if (error === null) waiter.resolve({ value: undefined, done: true })
    else {
      this.#error = null
      waiter.reject(error.reason)
    }
  }

  readonly #aborted = (): void => {
    this.#events.length = 0
    this.#finish({ reason: this.#signal?.reason })
  }
}
