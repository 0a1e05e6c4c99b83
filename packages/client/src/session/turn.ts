import type { Clock } from '@vivarium/env'

/** One turn of the event loop: its time is read once, and what was written in it is sent at its end. */
export class Turn {
  readonly #clock: Clock
  readonly #end: (nowMs: number) => void
  #isScheduled = false
  #nowMs = 0

  /** @param end called at the end of each turn in which someone asked for the time */
  constructor(clock: Clock, end: (nowMs: number) => void) {
    this.#clock = clock
    this.#end = end
  }

  /** The time of this turn. */
  now(): number {
    if (!this.#isScheduled) {
      this.#isScheduled = true
      this.#nowMs = this.#clock.monotonicMs()
      this.#clock.soon(this.#over)
    }
    return this.#nowMs
  }

  readonly #over = (): void => {
    this.#isScheduled = false
    this.#end(this.#clock.monotonicMs())
  }
}
