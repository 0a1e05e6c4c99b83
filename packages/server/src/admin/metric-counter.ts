import type { Emit, Metric } from './metric.ts'

/** A number that grows, counted here or, where that is done already, read from elsewhere. */
export class Counter implements Metric {
  /** May be raised directly where each nanosecond counts. */
  value = 0
  /** What is counted elsewhere, since its beginning; it is added to `value`. */
  source: (() => number) | null = null
  /** What the source had counted at the last reset. */
  #base = 0

  add(amount: number): void {
    this.value += amount
  }

  /** What has been counted since the last reset. */
  get total(): number {
    return this.value + this.#counted() - this.#base
  }

  emit(name: string, emit: Emit): void {
    emit(name, String(this.total))
  }

  reset(): void {
    this.value = 0
    this.#base = this.#counted()
  }

  #counted(): number {
    return this.source === null ? 0 : this.source()
  }
}
