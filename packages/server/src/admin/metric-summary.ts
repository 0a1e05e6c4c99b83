import { javaAverage, javaDouble } from './java-format.ts'
import type { Emit, Metric } from './metric.ts'

/** Average, least, greatest, count and sum of what was observed (AvgMinMaxCounter). */
export class Summary implements Metric {
  count = 0
  sum = 0
  #min = Infinity
  #max = -Infinity

  observe(value: number): void {
    this.count++
    this.sum += value
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
  }

  /** The least value; 0 while there is none. */
  get min(): number {
    return this.count === 0 ? 0 : this.#min
  }

  /** The greatest value; 0 while there is none. */
  get max(): number {
    return this.count === 0 ? 0 : this.#max
  }

  /** The average, rounded to four places; 0 while there is none. */
  get average(): number {
    return javaAverage(this.sum, this.count)
  }

  emit(name: string, emit: Emit): void {
    emit(`avg_${name}`, javaDouble(this.average))
    emit(`min_${name}`, String(Math.trunc(this.min)))
    emit(`max_${name}`, String(Math.trunc(this.max)))
    emit(`cnt_${name}`, String(this.count))
    emit(`sum_${name}`, String(Math.trunc(this.sum)))
  }

  reset(): void {
    this.count = 0
    this.sum = 0
    this.#min = Infinity
    this.#max = -Infinity
  }
}
