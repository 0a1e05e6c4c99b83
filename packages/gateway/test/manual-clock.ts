import type { Clock, Timer } from '@vivarium/env'

/** Time that passes when a test says so. */
export class ManualClock implements Clock {
  #now = 0
  readonly #timers = new Set<{ at: number; readonly everyMs: number | null; readonly fire: () => void }>()

  wallMs(): number {
    return this.#now
  }

  monotonicMs(): number {
    return this.#now
  }

  after(ms: number, fire: () => void): Timer {
    return this.#add({ at: this.#now + ms, everyMs: null, fire })
  }

  every(ms: number, fire: () => void): Timer {
    return this.#add({ at: this.#now + ms, everyMs: ms, fire })
  }

  soon(fire: () => void): void {
    setImmediate(fire)
  }

  pass(ms: number): void {
    this.#now += ms
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#now) continue
      if (timer.everyMs === null) this.#timers.delete(timer)
      else timer.at = this.#now + timer.everyMs
      timer.fire()
    }
  }

  #add(timer: { at: number; readonly everyMs: number | null; readonly fire: () => void }): Timer {
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }
}
