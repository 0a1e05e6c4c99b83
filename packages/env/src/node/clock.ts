import type { Clock, Timer } from '../clock.ts'

/** What a Node timer can count at most; a longer one would fire at once. */
const LONGEST_MS = 2 ** 31 - 1

/** One timer, which takes several of Node's when it is longer than `LONGEST_MS`. */
class NodeTimer implements Timer {
  readonly #fire: () => void
  readonly #periodMs: number | null
  #handle: NodeJS.Timeout

  constructor(ms: number, periodMs: number | null, fire: () => void) {
    this.#fire = fire
    this.#periodMs = periodMs
    this.#handle = this.#start(ms)
  }

  cancel(): void {
    clearTimeout(this.#handle)
  }

  #start(ms: number): NodeJS.Timeout {
    if (ms > LONGEST_MS) {
      return setTimeout(() => {
        this.#handle = this.#start(ms - LONGEST_MS)
      }, LONGEST_MS)
    }
    return setTimeout(() => {
      // Set again first, so that `fire` may cancel it.
      if (this.#periodMs !== null) this.#handle = this.#start(this.#periodMs)
      this.#fire()
    }, ms)
  }
}

/** A timer that repeats; Node's own interval keeps its pace, so it serves wherever the period fits. */
function interval(ms: number, fire: () => void): Timer {
  if (ms > LONGEST_MS) return new NodeTimer(ms, ms, fire)
  const handle = setInterval(fire, ms)
  return { cancel: () => clearInterval(handle) }
}

/** The machine's clocks and the event loop's timers. */
export const nodeClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (ms, fire) => new NodeTimer(ms, null, fire),
  every: interval,
  soon: (fire) => {
    setImmediate(fire)
  },
}
