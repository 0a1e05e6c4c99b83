import type { Clock, Timer } from '@vivarium/env'

/** One timer for everything that is due some time: it can be asked to ring earlier, and rings at the earliest. */
export class Alarm {
  readonly #clock: Clock
  readonly #ring: () => void
  #timer: Timer | null = null
  #dueMs = Number.POSITIVE_INFINITY

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock
    this.#ring = ring
  }

  /** Rings at `dueMs` of the monotonic clock, or sooner: whoever is called looks what is due, and asks again. */
  at(dueMs: number): void {
    if (dueMs >= this.#dueMs) return
    this.cancel()
    this.#dueMs = dueMs
    this.#timer = this.#clock.after(Math.max(0, Math.ceil(dueMs - this.#clock.monotonicMs())), () => {
      this.cancel()
      // What has arrived by now comes first: after a long turn, a reply may lie in the kernel that settles the matter.
      this.#clock.soon(this.#ring)
    })
  }

  cancel(): void {
    this.#timer?.cancel()
    this.#timer = null
    this.#dueMs = Number.POSITIVE_INFINITY
  }
}
