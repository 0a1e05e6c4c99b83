/** The keys `connection_throttle_*`, and what they are by default. */
export interface BlueThrottleOptions {
  /** Size of the bucket; 0 turns the throttle off. */
  readonly tokens: number
  /** `fillCount` tokens come back every `fillTimeMs` milliseconds. */
  readonly fillTimeMs: number
  readonly fillCount: number
  /** Milliseconds between two changes of the drop probability; −1 turns random dropping off. */
  readonly freezeTimeMs: number
  /** What is added to the probability while the bucket is empty. */
  readonly dropIncrease: number
  /** What is taken from it while at most `decreaseRatio` of the tokens are missing. */
  readonly dropDecrease: number
  readonly decreaseRatio: number
}

export const DEFAULT_BLUE_THROTTLE: BlueThrottleOptions = {
  tokens: 0,
  fillTimeMs: 1,
  fillCount: 1,
  freezeTimeMs: -1,
  dropIncrease: 0.02,
  dropDecrease: 0.002,
  decreaseRatio: 0,
}

/**
 * A token bucket for new connections, which can drop some of them at random before it is empty, so that those that come
 * late in each interval are not always the ones refused (BLUE, Feng et al. 1999). Inherited from BlueThrottle.
 */
export class BlueThrottle {
  #maxTokens: number
  fillTimeMs: number
  fillCount: number
  freezeTimeMs: number
  dropIncrease: number
  dropDecrease: number
  decreaseRatio: number
  readonly #random: () => number
  #tokens: number
  #lastFillMs: number
  #lastFreezeMs: number
  #dropChance = 0

  /**
   * @param random a number from 0 to before 1
   * @param nowMs monotonic time
   */
  constructor(options: BlueThrottleOptions, random: () => number, nowMs: number) {
    this.#maxTokens = options.tokens
    this.fillTimeMs = options.fillTimeMs
    this.fillCount = options.fillCount
    this.freezeTimeMs = options.freezeTimeMs
    this.dropIncrease = options.dropIncrease
    this.dropDecrease = options.dropDecrease
    this.decreaseRatio = options.decreaseRatio
    this.#random = random
    this.#tokens = options.tokens
    this.#lastFillMs = Math.floor(nowMs)
    this.#lastFreezeMs = Math.floor(nowMs)
  }

  get maxTokens(): number {
    return this.#maxTokens
  }

  /** Changes the size of the bucket; as many tokens as were missing are still missing. */
  set maxTokens(tokens: number) {
    this.#tokens += tokens - this.#maxTokens
    this.#maxTokens = tokens
  }

  /** How many tokens are missing: the metric `connection_token_deficit`. */
  get deficit(): number {
    return this.#maxTokens - this.#tokens
  }

  /** The probability with which a connection is refused before it is asked for tokens: `connection_drop_probability`. */
  get dropChance(): number {
    return this.#dropChance
  }

  /** Whether a connection that costs `need` tokens may go on; takes them if so. */
  admit(need: number, nowMs: number): boolean {
    if (this.#maxTokens === 0) return true
    const now = Math.floor(nowMs)
    this.#refill(now)
    if (this.freezeTimeMs !== -1 && this.#drops(now)) return false
    if (this.#tokens < need) return false
    this.#tokens -= need
    return true
  }

  #refill(now: number): void {
    const elapsed = now - this.#lastFillMs
    if (elapsed <= this.fillTimeMs) return
    const refill = Math.trunc((elapsed * this.fillCount) / Math.max(this.fillTimeMs, 1))
    this.#tokens = Math.min(this.#tokens + refill, this.#maxTokens)
    // Only a negative setting, or a bucket made smaller than what was missing from it, leads here.
    if (this.#tokens < 0) this.#tokens = this.#maxTokens
    this.#lastFillMs = now
  }

  #drops(now: number): boolean {
    if (now - this.#lastFreezeMs > this.freezeTimeMs) {
      const threshold = Math.round(this.#maxTokens * this.decreaseRatio)
      if (this.#tokens === 0 && this.#dropChance < 1) {
        this.#dropChance = Math.min(this.#dropChance + this.dropIncrease, 1)
      } else if (this.deficit <= threshold && this.#dropChance > 0) {
        this.#dropChance = Math.max(this.#dropChance - this.dropDecrease, 0)
      }
      this.#lastFreezeMs = now
    }
    return this.#random() < this.#dropChance
  }
}
