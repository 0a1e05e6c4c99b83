import { javaDouble } from './java-format.ts'
import type { Emit, Metric } from './metric.ts'

/** A number that is read when it is asked for; it is not shown before it has a source. */
export class Gauge implements Metric {
  source: (() => number) | null = null
  readonly #decimal: boolean

  constructor(decimal: boolean) {
    this.#decimal = decimal
  }

  emit(name: string, emit: Emit): void {
    if (this.source === null) return
    const value = this.source()
    emit(name, this.#decimal ? javaDouble(value) : String(Math.trunc(value)))
  }

  reset(): void {}
}

/** Gauges by key. */
export class GaugeSet implements Metric {
  source: (() => Iterable<readonly [key: string, value: number]>) | null = null

  emit(name: string, emit: Emit): void {
    if (this.source === null) return
    for (const [key, value] of this.source()) emit(`${key}_${name}`, String(value))
  }

  reset(): void {}
}
