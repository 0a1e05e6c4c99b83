/** A value in DER: its tag, and its content. */
export interface DerValue {
  readonly tag: number
  readonly content: Uint8Array
}

export const SEQUENCE = 0x30
export const OCTET_STRING = 0x04
const OBJECT_IDENTIFIER = 0x06
/** BER: the length is not said, and two zeros end the content. Java and OpenSSL write none for PKCS#12. */
const INDEFINITE = 0x80

/** The values one behind the other in `bytes`. @throws {Error} for what is no DER */
export function derValues(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] as number
    let length = bytes[at + 1] ?? 0
    let start = at + 2
    if (length === INDEFINITE) throw new Error('lengths that are not said are not supported')
    if (length > INDEFINITE) {
      const count = length - INDEFINITE
      if (count > 4) throw new Error('a length is too long')
      length = 0
      for (let i = 0; i < count; i++) length = length * 256 + (bytes[start + i] ?? 0)
      start += count
    }
    if (start + length > bytes.length) throw new Error('it is cut off')
    values.push({ tag, content: bytes.subarray(start, start + length) })
    at = start + length
  }
  return values
}

/** What a constructed value consists of, which must have at least so many parts. @throws {Error} */
export function derParts(value: DerValue | undefined, atLeast: number): DerValue[] {
  if (value === undefined) throw new Error('something is missing')
  const parts = derValues(value.content)
  if (parts.length < atLeast) throw new Error('something is missing')
  return parts
}

/** An object identifier with dots. @throws {Error} */
export function derObjectId(value: DerValue | undefined): string {
  if (value?.tag !== OBJECT_IDENTIFIER) throw new Error('an object identifier is wanted')
  const [first = 0, ...rest] = value.content
  const numbers = [Math.floor(first / 40), first % 40]
  let number = 0
  for (const byte of rest) {
    number = number * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      numbers.push(number)
      number = 0
    }
  }
  return numbers.join('.')
}

/** A whole number that is not negative, and small. */
export function derNumber(value: DerValue | undefined): number {
  return [...(value?.content ?? [])].reduce((sum, byte) => sum * 256 + byte, 0)
}
