import type { Random } from '@vivarium/env'

/** From 0 to below 1. */
export function fraction(random: Random): number {
  return random.uint32() / 0x1_0000_0000
}

/** A copy of `list` in an order that is as likely as any other. */
export function shuffled<T>(list: readonly T[], random: Random): T[] {
  const copy = [...list]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(fraction(random) * (i + 1))
    ;[copy[i], copy[j]] = [copy[j] as T, copy[i] as T]
  }
  return copy
}

/** A version 4 UUID (RFC 9562). */
export function uuid(random: Random): string {
  const words = [0, 0, 0, 0].map(() => random.uint32())
  words[1] = ((words[1] as number) & 0xffff_0fff) | 0x4000
  words[2] = ((words[2] as number) & 0x3fff_ffff) | 0x8000_0000
  const hex = words.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** `count` bytes. */
export function randomBytes(count: number, random: Random): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.uint32() & 0xff)
}
