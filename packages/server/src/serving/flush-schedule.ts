import type { Clock, Timer } from '@vivarium/env'

export interface FlushScheduleOptions {
  readonly clock: Clock
  /** How long a write may wait for others to share its sync, in milliseconds (`flushDelay`); 0: none waits. */
  readonly delayMs: number
  /** How long without a further write is waited at most, in milliseconds (`maxWriteQueuePollTime`). */
  readonly idleMs: number
  /** With so many transactions none waits any more (`maxBatchSize`); 0 or less: no limit. */
  readonly maxTransactions: number
  /** Starts to write what has been appended to the log. */
  readonly flush: () => void
}

/**
 * Says when what has been appended to the log goes to the disk. Without a delay, all that a turn of the event loop has
 * appended goes together at its end. With one, a write waits for others; as in Java (SyncRequestProcessor) until the
 * delay has passed since the last flush, or no write has come for a while, or enough are together.
 */
export class FlushSchedule {
  readonly #options: FlushScheduleOptions
  #flushedMs = Number.NEGATIVE_INFINITY
  #timer: Timer | null = null
  #soon = false
  /** How many transactions waited when the timer was set. */
  #waiting = 0

  constructor(options: FlushScheduleOptions) {
    this.#options = options
  }

  /** A turn has ended, with so many transactions that wait. */
  turnEnded(transactions: number): void {
    if (this.#soon) return
    const { clock, delayMs, idleMs, maxTransactions } = this.#options
    if (delayMs > 0 && !(maxTransactions > 0 && transactions >= maxTransactions)) {
      // Turns that only read do not put off what waits.
      if (this.#timer !== null && transactions === this.#waiting) return
      const nowMs = clock.monotonicMs()
      const waitMs = Math.min(this.#flushedMs + delayMs - nowMs, idleMs)
      if (waitMs > 0) {
        this.#waiting = transactions
        this.#timer?.cancel()
        this.#timer = clock.after(waitMs, () => this.#flush())
        return
      }
    }
    this.#soon = true
    clock.soon(() => this.#flush())
  }

  /** Flushes nothing more. */
  close(): void {
    this.#timer?.cancel()
  }

  #flush(): void {
    const { clock, delayMs, flush } = this.#options
    this.#timer?.cancel()
    this.#timer = null
    this.#soon = false
    if (delayMs > 0) this.#flushedMs = clock.monotonicMs()
    flush()
  }
}
