const NONE: readonly never[] = []

/** What a machine wants done, in order, until somebody takes it. Costs nothing where there is nothing. */
export class Effects<Effect> {
  #waiting: Effect[] = []

  push(effect: Effect): void {
    this.#waiting.push(effect)
  }

  take(): readonly Effect[] {
    if (this.#waiting.length === 0) return NONE
    const taken = this.#waiting
    this.#waiting = []
    return taken
  }
}
