/**
 * Strings as Java's jute writes and reads them.
 *
 * Written per UTF-16 unit in one to three bytes (BinaryOutputArchive.stringToByteBuffer): a supplementary character
 * comes out as two three-byte surrogates. Read as `new String(bytes, UTF_8)` does: what is malformed becomes U+FFFD, a
 * three-byte surrogate one of them, where the WHATWG's decoder makes three of it.
 */

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Up to this many bytes, a loop over ASCII takes less time (8 ns for a few bytes) than calling a decoder (50 to 70 ns). */
const SHORT = 10

/** How many bytes {@link writeUtf8} will write. */
export function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0x80) length += unit < 0x800 ? 1 : 2
  }
  return length
}

/**
 * Writes `text` into `target` from offset `at` on, which needs three bytes of room for each UTF-16 unit (or
 * {@link utf8Length} in all), and returns the number of bytes written.
 */
export function writeUtf8(text: string, target: Uint8Array, at: number): number {
  let offset = at
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) {
      target[offset++] = unit
    } else if (unit < 0x800) {
      target[offset++] = 0xc0 | (unit >> 6)
      target[offset++] = 0x80 | (unit & 0x3f)
    } else {
      target[offset++] = 0xe0 | (unit >> 12)
      target[offset++] = 0x80 | ((unit >> 6) & 0x3f)
      target[offset++] = 0x80 | (unit & 0x3f)
    }
  }
  return offset - at
}

/** The bytes of `text`, as jute writes them. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text))
  writeUtf8(text, bytes, 0)
  return bytes
}

/** The text that stands in `bytes` from `start` to before `end`. Never fails: malformed bytes become U+FFFD. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= SHORT) {
    let text = ''
    let i = start
    for (; i < end; i++) {
      const byte = bytes[i]!
      if (byte >= 0x80) break
      text += String.fromCharCode(byte)
    }
    if (i === end) return text
  }
  const text = bytes instanceof Buffer ? bytes.toString('utf8', start, end) : decoder.decode(bytes.subarray(start, end))
  return text.includes('\ufffd') ? decodeSurrogates(bytes, start, end) : text
}

/**
 * Decodes once more, with every surrogate replaced by what decodes to the one U+FFFD that Java makes of it: a whole one
 * (ED, A0 to BF, and a continuation byte) by U+FFFD itself, one that is cut short by the start of another character.
 */
function decodeSurrogates(bytes: Uint8Array, start: number, end: number): string {
  const copy = new Uint8Array(bytes.subarray(start, end)) // Not slice, which gives a view of a Buffer.
  for (let i = 0; i + 1 < copy.length; i++) {
    if (copy[i] !== 0xed || (copy[i + 1]! & 0xe0) !== 0xa0) continue
    const whole = i + 2 < copy.length && (copy[i + 2]! & 0xc0) === 0x80
    if (whole) copy.set([0xef, 0xbf, 0xbd], i)
    else copy[i] = 0xec
  }
  return decoder.decode(copy)
}
