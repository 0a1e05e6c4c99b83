import type { World } from './world.ts'

/** The faults of a simulation that last for some time, until all of them end. */
export class LastingFaults {
  /** Whether all have ended: none begins any more. */
  over = false
  readonly #world: World
  readonly #remedies = new Set<() => void>()

  constructor(world: World) {
    this.#world = world
  }

  /** `begin` now, and what it returns after `ms`, or when all faults end. */
  begin(text: string, ms: number, begin: () => () => void): void {
    if (this.over) return
    const { trace, queue } = this.#world
    trace.add('fault', text)
    const end = begin()
    const remedy = (): void => {
      if (!this.#remedies.delete(remedy)) return
      end()
      trace.add('fault', `over: ${text}`)
    }
    this.#remedies.add(remedy)
    queue.after(ms, remedy)
  }

  endAll(): void {
    this.over = true
    for (const remedy of [...this.#remedies]) remedy()
  }
}
