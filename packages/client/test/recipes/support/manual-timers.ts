import type { Clock, Timer } from '@vivarium/env'
import { nodeClock } from '@vivarium/env/node'

/** The machine's clock, but for timers of chosen lengths, which a test fires by hand, and the time that it adds. */
export class ManualTimers implements Clock {
  readonly #lengths: ReadonlySet<number>
  readonly #timers = new Set<{ ms: number; fire: () => void }>()
  aheadMs = 0

  constructor(...lengths: number[]) {
    this.#lengths = new Set(lengths)
  }

  /** Fires all timers of this length that are set. Returns how many. */
  fire(ms: number): number {
    const due = [...this.#timers].filter((timer) => timer.ms === ms)
    for (const { fire } of due) fire()
    return due.length
  }

  wallMs(): number {
    return nodeClock.wallMs() + this.aheadMs
  }

  monotonicMs(): number {
    return nodeClock.monotonicMs() + this.aheadMs
  }

  after(ms: number, fire: () => void): Timer {
    if (!this.#lengths.has(ms)) return nodeClock.after(ms, fire)
    const timer = this.#add(ms, () => {
      timer.cancel()
      fire()
    })
    return timer
  }

  every(ms: number, fire: () => void): Timer {
    return this.#lengths.has(ms) ? this.#add(ms, fire) : nodeClock.every(ms, fire)
  }

  soon(fire: () => void): void {
    nodeClock.soon(fire)
  }

  #add(ms: number, fire: () => void): Timer {
    const timer = { ms, fire }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }
}
