import type { Clock, Timer } from '@vivarium/env'

/** Lets everything happen that is under way: promises, what is due `soon`, and what that leads to. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve))
}

interface Due {
  readonly atMs: number
  readonly fire: () => void
}

/** A clock that a test moves. */
export class ManualClock implements Clock {
  nowMs = 1000
  #timers: Due[] = []

  wallMs(): number {
    return this.nowMs
  }

  monotonicMs(): number {
    return this.nowMs
  }

  after(ms: number, fire: () => void): Timer {
    const timer = { atMs: this.nowMs + ms, fire }
    this.#timers.push(timer)
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer)
      },
    }
  }

  every(): Timer {
    throw new Error('nothing here repeats')
  }

  soon(fire: () => void): void {
    setImmediate(fire)
  }

  get timers(): number {
    return this.#timers.length
  }

  /** Moves the time on, and lets happen what is due meanwhile, each thing at its time. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms
    await settle()
    for (;;) {
      const next = this.#timers.reduce<Due | null>(
        (first, timer) => (timer.atMs <= untilMs && (first === null || timer.atMs < first.atMs) ? timer : first),
        null,
      )
      if (next === null) break
      this.nowMs = Math.max(this.nowMs, next.atMs)
      this.#timers = this.#timers.filter((timer) => timer !== next)
      next.fire()
      await settle()
    }
    this.nowMs = untilMs
    await settle()
  }
}
