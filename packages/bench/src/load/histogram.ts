/** Values below this have a bucket each; above, every power of two has half as many. */
const EXACT = 256
const HALF = EXACT / 2
const EXACT_BITS = 8
/** What one unit of a recorded value is: a tenth of a microsecond. */
const UNITS_PER_MS = 10_000
const LARGEST = 2 ** 31 - 1

/**
 * Counts latencies in buckets whose width grows with the value, so that each is known to 1 part in 128: recording costs
 * an increment, and any number of values takes the same memory. Values beyond 214 seconds count as 214 seconds.
 */
export class Histogram {
  count = 0
  readonly #counts = new Float64Array(EXACT + HALF * (31 - EXACT_BITS))
  #sumMs = 0
  #largest = 0

  record(ms: number): void {
    const value = ms <= 0 ? 0 : Math.min(Math.round(ms * UNITS_PER_MS), LARGEST)
    this.#counts[bucketOf(value)]! += 1
    this.count += 1
    this.#sumMs += ms
    if (value > this.#largest) this.#largest = value
  }

  /** The latency, in milliseconds, that a part of the values is not above: `percentile(0.99)`. 0 when there are none. */
  percentile(part: number): number {
    const rank = Math.max(1, Math.ceil(this.count * part))
    let seen = 0
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket]!
      if (seen >= rank) return Math.min(highestOf(bucket), this.#largest) / UNITS_PER_MS
    }
    return 0
  }

  get meanMs(): number {
    return this.count === 0 ? 0 : this.#sumMs / this.count
  }

  get maxMs(): number {
    return this.#largest / UNITS_PER_MS
  }
}

function bucketOf(value: number): number {
  if (value < EXACT) return value
  const shift = 32 - EXACT_BITS - Math.clz32(value)
  return HALF * shift + (value >>> shift)
}

/** The highest value that falls into a bucket. */
function highestOf(bucket: number): number {
  if (bucket < EXACT) return bucket
  const shift = Math.floor(bucket / HALF) - 1
  return (bucket - HALF * shift + 1) * 2 ** shift - 1
}
