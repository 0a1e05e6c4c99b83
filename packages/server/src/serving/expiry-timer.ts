import type { Clock, Timer } from '@vivarium/env'

/** Calls when sessions may have expired, again and again, for as long as it is not stopped (SessionTrackerImpl.run). */
export class ExpiryTimer {
  #timer: Timer | null = null

  /** @param waitMs how long there is nothing to look at, in milliseconds; asked at a monotonic time */
  constructor(clock: Clock, waitMs: (nowMs: number) => number, expire: () => void) {
    this.#next(clock, waitMs, expire)
  }

  stop(): void {
    this.#timer?.cancel()
  }

  #next(clock: Clock, waitMs: (nowMs: number) => number, expire: () => void): void {
    this.#timer = clock.after(Math.max(1, waitMs(clock.monotonicMs())), () => {
      // First of all: what is done about the sessions may stop this.
      this.#next(clock, waitMs, expire)
      expire()
    })
  }
}
