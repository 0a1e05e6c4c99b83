import type { Emit, Metric } from './metric.ts'
import { Summary } from './metric-summary.ts'

/** Values below this have a bucket each. */
const EXACT = 32
/** Each doubling above has so many buckets: a percentile is off by 1/32 at most. */
const PER_DOUBLING = 16
const DOUBLINGS = 26
const BUCKETS = EXACT + DOUBLINGS * PER_DOUBLING
const GREATEST = 2 ** 31 - 1

/**
 * A summary with percentiles. Where Java keeps a random sample of 4096 values (AvgMinMaxPercentileCounter), this counts
 * all of them in a histogram of fixed size whose buckets grow with the value.
 */
export class Percentiles implements Metric {
  readonly summary = new Summary()
  readonly #counts = new Float64Array(BUCKETS)

  observe(value: number): void {
    this.summary.observe(value)
    this.#counts[bucketOf(value)]!++
  }

  /** The value below which the share `quantile` of all values lies; 0 while there is none. */
  percentile(quantile: number): number {
    const { count, min, max } = this.summary
    let left = Math.max(1, Math.ceil(quantile * count))
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket]!
      if (left <= 0) return Math.min(max, Math.max(min, middleOf(bucket)))
    }
    return 0
  }

  emit(name: string, emit: Emit): void {
    this.summary.emit(name, emit)
    emit(`p50_${name}`, String(Math.round(this.percentile(0.5))))
    emit(`p95_${name}`, String(Math.round(this.percentile(0.95))))
    emit(`p99_${name}`, String(Math.round(this.percentile(0.99))))
    emit(`p999_${name}`, String(Math.round(this.percentile(0.999))))
  }

  reset(): void {
    this.summary.reset()
    this.#counts.fill(0)
  }
}

function bucketOf(value: number): number {
  if (value < EXACT) return value > 0 ? value | 0 : 0
  const whole = value < GREATEST ? value | 0 : GREATEST
  const exponent = 31 - Math.clz32(whole)
  return EXACT + (exponent - 5) * PER_DOUBLING + ((whole >> (exponent - 4)) & (PER_DOUBLING - 1))
}

function middleOf(bucket: number): number {
  if (bucket < EXACT) return bucket
  const doubling = Math.floor((bucket - EXACT) / PER_DOUBLING)
  const width = 2 ** (doubling + 1)
  return 2 ** (doubling + 5) + ((bucket - EXACT) % PER_DOUBLING) * width + width / 2
}
