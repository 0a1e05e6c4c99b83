import type { Clock, Timer } from '@vivarium/env'
import type { SimProcess } from './process.ts'

/** The wall clock of a machine: all its processes see it jump. */
export class WallClock {
  /** What it shows when the virtual time is 0. */
  offsetMs: number

  constructor(offsetMs: number) {
    this.offsetMs = offsetMs
  }
}

/** Time as one process sees it. */
export class SimClock implements Clock {
  readonly #process: SimProcess
  readonly #wall: WallClock

  constructor(process: SimProcess, wall: WallClock) {
    this.#process = process
    this.#wall = wall
  }

  wallMs(): number {
    return Math.floor(this.#process.world.nowMs + this.#wall.offsetMs)
  }

  monotonicMs(): number {
    return this.#process.world.nowMs
  }

  after(ms: number, fire: () => void): Timer {
    return this.#process.after(ms, fire)
  }

  every(ms: number, fire: () => void): Timer {
    let timer = this.after(ms, tick)
    let cancelled = false
    const again = (): void => {
      if (!cancelled) timer = this.after(ms, tick)
    }
    function tick(): void {
      fire()
      again()
    }
    return {
      cancel: () => {
        cancelled = true
        timer.cancel()
      },
    }
  }

  /** What is due at this very moment happens before, as I/O events of one turn do. */
  soon(fire: () => void): void {
    const process = this.#process
    process.world.queue.after(0, () => process.run(fire))
  }
}
