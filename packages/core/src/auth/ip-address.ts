const DECIMAL = /^[+-]?[0-9]+$/
const HEXADECIMAL = /^[+-]?[0-9a-fA-F]+$/

/**
 * The 4 bytes of an IPv4 address or the 16 of an IPv6 one; null for anything else. Zones (`%eth0`) and IPv4 addresses
 * inside IPv6 ones are not read, signs in front of the numbers are: that is how Java's IPAuthenticationProvider does it.
 */
export function parseIpAddress(text: string): Uint8Array | null {
  if (text.includes(':')) return parseIpv6(text)
  return text.includes('.') ? parseIpv4(text) : null
}

/** A decimal number as Java's Integer.parseInt reads it, or NaN if it is none or outside of `min` to `max`. */
export function parseDecimal(text: string, min: number, max: number): number {
  if (!DECIMAL.test(text)) return Number.NaN
  const value = Number(text)
  return value >= min && value <= max ? value + 0 : Number.NaN
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.', 5)
  if (parts.length !== 4) return null
  const bytes = new Uint8Array(4)
  for (let i = 0; i < 4; i++) {
    const value = parseDecimal(parts[i] as string, 0, 255)
    if (Number.isNaN(value)) return null
    bytes[i] = value
  }
  return bytes
}

function parseIpv6(text: string): Uint8Array | null {
  const halves = text.split('::', 3)
  if (halves.length > 2) return null
  const head = segmentsOf(halves[0] as string)
  const tail = segmentsOf(halves[1] ?? '')
  const count = head.length + tail.length
  if (halves.length === 1 ? count !== 8 : count >= 8) return null
  const bytes = new Uint8Array(16)
  return putSegments(bytes, 0, head) && putSegments(bytes, 16 - 2 * tail.length, tail) ? bytes : null
}

function segmentsOf(half: string): string[] {
  // Nine are too many already.
  return half === '' ? [] : half.split(':', 9)
}

function putSegments(bytes: Uint8Array, offset: number, segments: readonly string[]): boolean {
  for (const segment of segments) {
    if (segment.length > 4 || !HEXADECIMAL.test(segment)) return false
    const value = Number.parseInt(segment, 16)
    bytes[offset++] = value >> 8
    bytes[offset++] = value
  }
  return true
}

/**
 * An address as Java's InetAddress.getHostAddress writes it, which is what clients see of it and ACLs are compared to:
 * IPv6 with all eight groups and without leading zeros, IPv4 plain even where it arrived on an IPv6 socket.
 *
 * @example toHostAddress('::1') // '0:0:0:0:0:0:0:1'
 * toHostAddress('::ffff:10.0.0.1') // '10.0.0.1'
 */
export function toHostAddress(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1]
  if (mapped !== undefined && parseIpv4(mapped) !== null) return mapped
  const percent = address.indexOf('%')
  const bytes = parseIpv6(percent < 0 ? address : address.slice(0, percent))
  if (bytes === null || !address.includes(':')) return address
  const groups: string[] = []
  for (let i = 0; i < 16; i += 2) groups.push((((bytes[i] as number) << 8) | (bytes[i + 1] as number)).toString(16))
  return groups.join(':') + (percent < 0 ? '' : address.slice(percent))
}
