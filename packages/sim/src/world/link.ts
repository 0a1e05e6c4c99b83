import type { World } from './world.ts'

/** How long TCP waits before it sends a packet for the second time; twice as long before the third, and so on. */
const RETRANSMIT_MS = 200

/** The way from one host to another: how long it takes, and whether anything gets through. */
export class Link {
  latencyMs: number
  jitterMs: number
  /** The share of packets that are lost; TCP sends them again, so that all that follows is late. */
  loss = 0
  readonly #world: World
  /** How many faults block it. */
  #blocks = 0
  #parked: (() => void)[] = []

  constructor(world: World, latencyMs: number, jitterMs: number) {
    this.#world = world
    this.latencyMs = latencyMs
    this.jitterMs = jitterMs
  }

  get blocked(): boolean {
    return this.#blocks > 0
  }

  /** When something that is sent now arrives, if nothing is in its way. */
  arrivalMs(): number {
    const { random } = this.#world
    let atMs = this.#world.nowMs + this.latencyMs + random.fraction() * this.jitterMs
    for (let againMs = RETRANSMIT_MS; this.loss > 0 && random.chance(this.loss); againMs *= 2) atMs += againMs
    return atMs
  }

  /** Nothing arrives until {@link unblock}: what is sent is sent again, as TCP does. */
  block(): void {
    this.#blocks++
  }

  unblock(): void {
    if (this.#blocks === 0 || --this.#blocks > 0) return
    const parked = this.#parked
    this.#parked = []
    for (const retry of parked) this.#world.queue.at(this.arrivalMs(), retry)
  }

  /** Calls `retry` once the way is free again. */
  park(retry: () => void): void {
    this.#parked.push(retry)
  }
}
