const NUMBER = new Intl.NumberFormat('en')
const TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const
const SPANS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const

/** `1,234,567` */
export const count = (value: number): string => NUMBER.format(value)

/** `1 byte`, `1.5 KiB` */
export function bytes(value: number): string {
  let unit = 0
  let amount = value
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024
    unit++
  }
  if (unit === 0) return value === 1 ? '1 byte' : `${value} bytes`
  return `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[unit]}`
}

/** A time of the wall clock in milliseconds, in the place of who reads it. */
export const time = (ms: number): string => (ms > 0 && ms < 8.64e15 ? TIME.format(ms) : '—')

/** A while in milliseconds, in its two largest units: `2 h 5 min` */
export function span(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  const at = SPANS.findIndex(([size]) => ms >= size)
  const [size, unit] = SPANS[at]!
  const smaller = SPANS[at + 1]
  const whole = Math.floor(ms / size)
  const rest = smaller === undefined ? 0 : Math.floor((ms % size) / smaller[0])
  return rest === 0 ? `${whole} ${unit}` : `${whole} ${unit} ${rest} ${smaller![1]}`
}

/** How long ago, for what need not be exact. */
export const ago = (ms: number, nowMs: number): string => (nowMs - ms < 1000 ? 'just now' : `${span(nowMs - ms)} ago`)

/** What went wrong, as programs say it, as a sentence. */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`
