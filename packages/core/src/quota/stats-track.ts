const COUNT = 'count'
const BYTES = 'bytes'

/** What Java's Long.parseLong reads, but for digits of other scripts. */
const LONG = /^[+-]?[0-9]+$/

/**
 * The text of a quota: of its limits, and of what is used of them. Values are 64-bit; −1 is no limit.
 *
 * @example
 * StatsTrack.parse('count=4,bytes=-1=;byteHardLimit=10')?.byteHardLimit // 10n
 */
export class StatsTrack {
  readonly #values: Map<string, bigint> = new Map()

  /**
   * Null where the text is malformed; Java throws there. Pairs are separated by commas or semicolons, keys that are not
   * known are kept, and what follows a second `=` in a pair is ignored.
   */
  static parse(text: string): StatsTrack | null {
    const track = new StatsTrack()
    if (text === '') return track
    for (const pair of splitAsJava(text, /[,;]+/)) {
      const [key, value] = splitAsJava(pair, '=')
      if (key === undefined || value === undefined) return null
      const number = value === '' ? -1n : parseLong(value)
      if (number === null) return null
      track.#values.set(key, number)
    }
    return track
  }

  /** What is used, as the server keeps it. */
  static usage(count: bigint, bytes: bigint): StatsTrack {
    const track = new StatsTrack()
    track.set(COUNT, count)
    track.set(BYTES, bytes)
    return track
  }

  get count(): bigint {
    return this.get(COUNT)
  }

  get bytes(): bigint {
    return this.get(BYTES)
  }

  get countHardLimit(): bigint {
    return this.get('countHardLimit')
  }

  get byteHardLimit(): bigint {
    return this.get('byteHardLimit')
  }

  /** −1 for what is not there. */
  get(key: string): bigint {
    return this.#values.get(key) ?? -1n
  }

  set(key: string, value: bigint): void {
    this.#values.set(key, BigInt.asIntN(64, value))
  }

  /**
   * `count` and `bytes` first, with a comma between them, as the parsers of 3.4 want it; then the others in order, behind
   * semicolons. The `=` without a key in front of the first of those makes old parsers ignore them.
   */
  toString(): string {
    let text = `${COUNT}=${this.count},${BYTES}=${this.bytes}`
    const others = [...this.#values.keys()].filter((key) => key !== COUNT && key !== BYTES).sort()
    if (others.length > 0) text += '='
    for (const key of others) text += `;${key}=${this.get(key)}`
    return text
  }
}

/** String.split of Java: empty parts at the end are dropped, but a text without a separator is its only part. */
function splitAsJava(text: string, separator: string | RegExp): string[] {
  const parts = text.split(separator)
  if (parts.length === 1) return parts
  while (parts.at(-1) === '') parts.pop()
  return parts
}

function parseLong(text: string): bigint | null {
  // Nineteen digits at most, after a sign and zeros: no need to make a number of a megabyte of them.
  if (!LONG.test(text)) return null
  const digits = text.replace(/^[+-]?0*/, '')
  if (digits.length > 19) return null
  const magnitude = BigInt(digits === '' ? '0' : digits)
  const value = text.startsWith('-') ? -magnitude : magnitude
  return BigInt.asIntN(64, value) === value ? value : null
}
