/** What a quota limits, and what its statistics count. Absent: −1. */
export type QuotaKey = 'count' | 'bytes' | 'countHardLimit' | 'byteHardLimit'

/** The limits or the statistics of a quota, as they are stored (`StatsTrack`). */
export class QuotaLimits {
  readonly #values = new Map<string, bigint>()

  /** Reads what stands in a znode; what is no number counts as absent. */
  constructor(text = '') {
    for (const pair of text.split(/[,;]+/)) {
      const [key = '', value = ''] = pair.split('=')
      if (key !== '') this.#values.set(key, /^-?\d+$/.test(value) ? BigInt(value) : -1n)
    }
  }

  get(key: QuotaKey): bigint {
    return this.#values.get(key) ?? -1n
  }

  set(key: QuotaKey, value: bigint): this {
    this.#values.set(key, value)
    return this
  }

  /** The first two are for old servers, which read them by place; the `=` in front keeps the others from them. */
  toString(): string {
    const others = [...this.#values].filter(([key]) => key !== 'count' && key !== 'bytes').sort()
    const rest = others.map(([key, value]) => `;${key}=${value}`).join('')
    return `count=${this.get('count')},bytes=${this.get('bytes')}${rest === '' ? '' : `=${rest}`}`
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries([...this.#values].map(([key, value]) => [key, Number(value)]))
  }
}
