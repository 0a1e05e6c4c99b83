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
 * How often which value was observed. Where Java keeps a random sample of 4096 values (AvgMinMaxPercentileCounter), this
 * counts all of them, in buckets that grow with the value.
 */
class Histogram {
  readonly #counts = new Float64Array(BUCKETS)

  count(value: number): void {
    this.#counts[bucketOf(value)]!++
  }

  /** The value below which the share `quantile` of all values lies, which are those of `summary`; 0 without any. */
  percentile(quantile: number, { count, min, max }: Summary): number {
    let left = Math.max(1, Math.ceil(quantile * count))
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket]!
      if (left <= 0) return Math.min(max, Math.max(min, middleOf(bucket)))
    }
    return 0
  }

  reset(): void {
    this.#counts.fill(0)
  }
}

/** A summary with percentiles. */
export class Percentiles implements Metric {
  readonly summary = new Summary()
  readonly #histogram = new Histogram()

  observe(value: number): void {
    this.summary.observe(value)
    this.#histogram.count(value)
  }

  /** The value below which the share `quantile` of all values lies; 0 while there is none. */
  percentile(quantile: number): number {
    return this.#histogram.percentile(quantile, this.summary)
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
    this.#histogram.reset()
  }
}

/** A summary that knows its median as well, which Prometheus is shown and `mntr` is not. */
export class MedianSummary extends Summary {
  readonly #histogram = new Histogram()

  override observe(value: number): void {
    super.observe(value)
    this.#histogram.count(value)
  }

  get median(): number {
    return this.#histogram.percentile(0.5, this)
  }

  override reset(): void {
    super.reset()
    this.#histogram.reset()
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
