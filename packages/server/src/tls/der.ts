import { KeyStoreError } from './key-store-error.ts'

export const Tag = { INTEGER: 2, OCTET_STRING: 4, OBJECT_ID: 6, UTF8_STRING: 12, SEQUENCE: 0x30, SET: 0x31 } as const

/** Deeper than anything that is read here. */
const DEEPEST = 32

/** One value of a text in ASN.1's distinguished encoding rules (X.690). What is malformed throws a KeyStoreError. */
export class Der {
  readonly tag: number
  /** With its tag and length. */
  readonly encoded: Uint8Array
  readonly content: Uint8Array
  readonly #depth: number

  private constructor(encoded: Uint8Array, contentAt: number, depth: number) {
    this.tag = encoded[0]!
    this.encoded = encoded
    this.content = encoded.subarray(contentAt)
    this.#depth = depth
  }

  /** The value that `bytes` begin with; what follows it is left alone. */
  static read(bytes: Uint8Array, depth = 0): Der {
    if (bytes.length < 2) throw new KeyStoreError('an ASN.1 value ends too early')
    if (depth > DEEPEST) throw new KeyStoreError('ASN.1 values are nested too deeply')
    if ((bytes[0]! & 0x1f) === 0x1f) throw new KeyStoreError('an ASN.1 tag of more than one byte')
    let length = bytes[1]!
    let at = 2
    if (length >= 0x80) {
      const count = length - 0x80
      if (count === 0 || count > 4) throw new KeyStoreError('an ASN.1 length that DER does not have')
      length = 0
      for (const end = at + count; at < end; at++) length = length * 256 + (bytes[at] ?? 0)
    }
    if (length > bytes.length - at) throw new KeyStoreError('an ASN.1 value ends too early')
    return new Der(bytes.subarray(0, at + length), at, depth)
  }

  /** What a SEQUENCE, a SET or an explicit tag has in it. */
  children(): Der[] {
    const found: Der[] = []
    for (let rest = this.content; rest.length > 0; ) {
      const child = Der.read(rest, this.#depth + 1)
      found.push(child)
      rest = rest.subarray(child.encoded.length)
    }
    return found
  }

  /** The child at `index`, which must have this tag if one is given. */
  child(index: number, tag?: number): Der {
    const found = this.children()[index]
    if (found === undefined || (tag !== undefined && found.tag !== tag)) {
      throw new KeyStoreError('an ASN.1 value is not what it should be')
    }
    return found
  }

  /** `1.2.840.113549`, of an OBJECT IDENTIFIER. */
  objectId(): string {
    const [first, ...parts] = base128(this.content)
    if (this.tag !== Tag.OBJECT_ID || first === undefined) throw new KeyStoreError('an ASN.1 value is no object id')
    const top = Math.min(2, Math.floor(first / 40))
    return [top, first - top * 40, ...parts].join('.')
  }

  /** A small INTEGER that is not negative. */
  number(): number {
    const { content } = this
    if (this.tag !== Tag.INTEGER || content.length === 0 || content.length > 5 || content[0]! >= 0x80) {
      throw new KeyStoreError('an ASN.1 value is no small number')
    }
    return content.reduce((value, byte) => value * 256 + byte, 0)
  }
}

function base128(bytes: Uint8Array): number[] {
  const values: number[] = []
  let value = 0
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    values.push(value)
    value = 0
  }
  return values
}
