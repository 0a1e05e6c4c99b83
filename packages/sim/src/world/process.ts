import type { Timer } from '@vivarium/env'
import type { World } from './world.ts'

/** A process of the simulated machine: nothing runs in it once it has ended, and everything is late while it is paused. */
export class SimProcess {
  readonly name: string
  readonly world: World
  alive = true
  #pausedUntilMs = 0
  readonly #whenEnded: (() => void)[] = []

  constructor(world: World, name: string) {
    this.world = world
    this.name = name
  }

  get paused(): boolean {
    return this.#pausedUntilMs > this.world.nowMs
  }

  /** Calls `fire` in this process: now, after a pause, or never if it has ended. */
  run(fire: () => void): void {
    if (!this.alive) return
    if (this.paused) {
      this.world.queue.at(this.#pausedUntilMs, () => this.run(fire))
      return
    }
    try {
      fire()
    } catch (error) {
      this.world.crashed(`${this.name} threw`, error)
    }
  }

  at(atMs: number, fire: () => void): Timer {
    let live = true
    const event = this.world.queue.at(atMs, () => this.run(() => void (live && fire())))
    return {
      cancel: () => {
        // It may be waiting for the end of a pause already.
        live = false
        event.fire = null
      },
    }
  }

  after(ms: number, fire: () => void): Timer {
    return this.at(this.world.nowMs + ms, fire)
  }

  /** As SIGSTOP, and SIGCONT after `ms`. */
  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.world.nowMs + ms)
  }

  /** What the system does when the process ends. */
  whenEnded(action: () => void): void {
    this.#whenEnded.push(action)
  }

  end(): void {
    if (!this.alive) return
    this.alive = false
    for (const action of this.#whenEnded) action()
  }
}
