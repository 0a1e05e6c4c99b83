/** How the text of a configuration key becomes a value, and back. */
export interface ValueType<T> {
  /** What may be written, as it reads in a message: `a whole number from 0 to 65535`. */
  readonly allowed: string
  /** The value of `text` (trimmed), undefined when it is not allowed. */
  parse(text: string): T | undefined
  /** The text that stands for `value`. */
  format(value: T): string
  /** Whether Java would take `text` without a word and mean something the writer may not expect. */
  isDoubtful?(text: string): boolean
}

const INT_MIN = -(2 ** 31)
const INT_MAX = 2 ** 31 - 1

function wholeNumber(min: number, max: number, lowest: number, highest: number): ValueType<number> {
  const range = min === lowest ? (max === highest ? '' : ` up to ${max}`) : ` from ${min}`
  return {
    allowed: `a whole number${range}${min !== lowest && max !== highest ? ` to ${max}` : ''}`,
    parse(text) {
      // Java reads system properties with Integer.decode, which knows hexadecimal.
      if (!/^[+-]?(?:\d+|0x[0-9a-f]+)$/i.test(text)) return undefined
      const magnitude = Number(text.replace(/^[+-]/, ''))
      const value = text.startsWith('-') && magnitude !== 0 ? -magnitude : magnitude
      return value >= min && value <= max ? value : undefined
    },
    format: String,
  }
}

/** A Java `int`. */
export const int = (min = INT_MIN, max = INT_MAX): ValueType<number> => wholeNumber(min, max, INT_MIN, INT_MAX)

/** A Java `long`, as far as a number counts exactly. */
export const long = (min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): ValueType<number> =>
  wholeNumber(min, max, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)

export const port: ValueType<number> = int(0, 65535)

/** Written in KiB, held in bytes. Zero and negative numbers, which switch most limits off, stay what they are. */
export const kib = (min?: number): ValueType<number> => {
  const number = long(min)
  return {
    allowed: `${number.allowed} (in KiB)`,
    parse(text) {
      const value = number.parse(text)
      return value === undefined || value <= 0 ? value : value * 1024
    },
    format: (value) => String(value <= 0 ? value : value / 1024),
  }
}

/** A number that may have a fraction. */
export const decimal = (min = -Infinity, max = Infinity): ValueType<number> => ({
  allowed: `a number${min === -Infinity ? '' : ` from ${min}`}${max === Infinity ? '' : ` to ${max}`}`,
  parse(text) {
    const value = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? value : undefined
  },
  format: String,
})

/** True or false and nothing else: what the configuration parser itself reads (QuorumPeerConfig.parseBoolean). */
export const strictBool: ValueType<boolean> = {
  allowed: 'true or false',
  parse: (text) => (/^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined),
  format: String,
}

/** `true` is true, and anything else false: what Java reads as a system property (Boolean.parseBoolean). */
export const looseBool: ValueType<boolean> = {
  allowed: 'true or false',
  parse: (text) => /^true$/i.test(text),
  format: String,
  isDoubtful: (text) => !/^(?:true|false)$/i.test(text),
}

/** On unless it is exactly `word`. */
export const onUnless = (word: string, on: string): ValueType<boolean> => ({
  allowed: `${on} or ${word}`,
  parse: (text) => text !== word,
  format: (value) => (value ? on : word),
  isDoubtful: (text) => text !== on && text !== word,
})

/** Off unless it is exactly `word`. */
export const onIf = (word: string, off: string): ValueType<boolean> => ({
  allowed: `${word} or ${off}`,
  parse: (text) => text === word,
  format: (value) => (value ? word : off),
  isDoubtful: (text) => text !== word && text !== off,
})

/** One of several words. */
export const oneOf = <const Word extends string>(words: readonly Word[], exact = true): ValueType<Word> => ({
  allowed: `one of ${words.map((word) => (word === '' ? '(empty)' : word)).join(', ')}`,
  parse: (text) => words.find((word) => word === text || (!exact && word.toLowerCase() === text.toLowerCase())),
  format: String,
})

export const text: ValueType<string> = { allowed: 'any text', parse: (value) => value, format: String }

/** A path of the file system. */
export const path: ValueType<string> = {
  allowed: 'a path',
  parse: (value) => (value === '' || value.includes('\0') ? undefined : value),
  format: String,
}

/** Words separated by commas. */
export const list: ValueType<readonly string[]> = {
  allowed: 'words separated by commas',
  parse: (value) =>
    Object.freeze(
      value
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== ''),
    ),
  format: (words) => words.join(','),
}

/** A value that may also be absent: then it is null, and no text stands for it. */
export const optional = <T>(type: ValueType<T>): ValueType<T | null> => ({
  allowed: type.allowed,
  parse: (value) => type.parse(value),
  format: (value) => (value === null ? '' : type.format(value)),
})
