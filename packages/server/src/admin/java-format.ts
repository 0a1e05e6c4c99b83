/** Below and from these Java writes a double with an exponent. */
const LEAST_PLAIN = 1e-3
const LEAST_EXPONENT = 1e7

/** A number as Java prints a double: `0.0`, `12.5`, `1.0E7`. */
export function javaDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  const size = Math.abs(value)
  if (size === 0 || (size >= LEAST_PLAIN && size < LEAST_EXPONENT)) {
    const text = Object.is(value, -0) ? '-0' : String(value)
    return text.includes('.') ? text : `${text}.0`
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent.replace('+', '')}`
}

/** An average rounded half up to four places (AvgMinMaxCounter.getAvg). */
export function javaAverage(sum: number, count: number): number {
  if (count === 0) return 0
  const average = sum / count
  // Beyond this there is nothing behind the fourth place.
  return Math.abs(average) >= 1e11 ? average : Math.round(average * 1e4) / 1e4
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A time as `java.util.Date` prints it, in UTC: `Sat Nov 21 10:41:12 UTC 2026`. */
export function javaDate(wallMs: number): string {
  const date = new Date(wallMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`
  const day = `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${two(date.getUTCDate())}`
  return `${day} ${time} UTC ${date.getUTCFullYear()}`
}

/** An address as Java's InetSocketAddress prints it: `/127.0.0.1:2181`, `/[0:0:0:0:0:0:0:1]:2181`. */
export function javaAddress(address: string, port: number): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  return plain.includes(':') ? `/[${fullIpv6(plain)}]:${port}` : `/${plain}:${port}`
}

/** An IPv6 address with all its eight groups. */
function fullIpv6(address: string): string {
  const [bare = '', zone] = address.split('%', 2)
  const [head = '', tail] = bare.split('::', 2)
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length)
  const groups = [...before, ...Array.from({ length: zeros }, () => '0'), ...after]
  const text = groups.map((group) => group.replace(/^0+(?=.)/, '').toLowerCase()).join(':')
  return zone === undefined ? text : `${text}%${zone}`
}

/** A 64-bit number in hexadecimal, as Long.toHexString: without sign or leading zeros. */
export const javaHex = (value: bigint | number): string =>
  typeof value === 'number' && value >= 0 ? value.toString(16) : BigInt.asUintN(64, BigInt(value)).toString(16)
