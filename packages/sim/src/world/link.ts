import type { World } from './world.ts'

/** The way from one host to another: how long it takes, and whether anything gets through. */
export class Link {
  latencyMs: number
  jitterMs: number
  readonly #world: World
  #blocked = false
  #parked: (() => void)[] = []

  constructor(world: World, latencyMs: number, jitterMs: number) {
    this.#world = world
    this.latencyMs = latencyMs
    this.jitterMs = jitterMs
  }

  get blocked(): boolean {
    return this.#blocked
  }

  /** When something that is sent now arrives, if nothing is in its way. */
  arrivalMs(): number {
    return this.#world.nowMs + this.latencyMs + this.#world.random.fraction() * this.jitterMs
  }

  /** Nothing arrives until {@link unblock}: what is sent is sent again, as TCP does. */
  block(): void {
    this.#blocked = true
  }

  unblock(): void {
    if (!this.#blocked) return
    this.#blocked = false
    const parked = this.#parked
    this.#parked = []
    for (const retry of parked) this.#world.queue.at(this.arrivalMs(), retry)
  }

  /** Calls `retry` once the way is free again. */
  park(retry: () => void): void {
    this.#parked.push(retry)
  }
}
