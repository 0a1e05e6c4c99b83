import { StatsTrack } from './stats-track.ts'

const DIGIT_0 = 48
const MINUS = 45
const COUNT_KEY = 'count='
const BYTES_KEY = ',bytes='

/**
 * The bytes of a text of which each character is one byte. Quota texts are ASCII; what a client may have put in them
 * besides goes through unchanged.
 */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

export function textOf(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}

/**
 * The usage text with `countDiff` and `bytesDiff` added to it, or null where it is malformed.
 *
 * Every write below a quota comes through here, so the usual text, `count=N,bytes=N` and nothing else, is read straight
 * from its bytes; any other goes through {@link StatsTrack}.
 */
export function addUsage(usage: Uint8Array, countDiff: number, bytesDiff: number): Uint8Array | null {
  const count = readNumber(usage, 0, COUNT_KEY)
  const bytes = count === null ? null : readNumber(usage, numberEnd, BYTES_KEY)
  if (count !== null && bytes !== null && numberEnd === usage.length) {
    return bytesOf(`count=${count + countDiff},bytes=${bytes + bytesDiff}`)
  }
  const track = StatsTrack.parse(textOf(usage))
  if (track === null) return null
  track.set('count', track.count + BigInt(countDiff))
  track.set('bytes', track.bytes + BigInt(bytesDiff))
  return bytesOf(track.toString())
}

/** Where the number that was read last ended. */
let numberEnd = 0

/** The number after `key` at `offset`, if it is short enough to be exact. */
function readNumber(bytes: Uint8Array, offset: number, key: string): number | null {
  for (let i = 0; i < key.length; i++) if (bytes[offset + i] !== key.charCodeAt(i)) return null
  offset += key.length
  const negative = bytes[offset] === MINUS
  if (negative) offset++
  const start = offset
  let value = 0
  for (; offset < bytes.length; offset++) {
    const digit = (bytes[offset] as number) - DIGIT_0
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  if (offset === start || offset - start > 15) return null
  numberEnd = offset
  return negative && value !== 0 ? -value : value
}
