import { isUtf8 } from 'node:buffer'

/**
 * Jute's primitive encoding, written a second time.
 *
 * These tests deliberately do not use the codecs of `@vivarium/protocol`: a mistake in those would be made by the server
 * and by its test alike, and nobody would see it.
 */

/** Appends big-endian values to a growing buffer. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(256)
  #length = 0

  int(value: number): this {
    this.#reserve(4)
    this.#length = this.#bytes.writeInt32BE(value | 0, this.#length)
    return this
  }

  long(value: bigint | number): this {
    this.#reserve(8)
    this.#length = this.#bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)), this.#length)
    return this
  }

  bool(value: boolean): this {
    this.#reserve(1)
    this.#bytes[this.#length++] = value ? 1 : 0
    return this
  }

  /** A length and that many bytes; `null` is length −1. */
  buffer(value: Uint8Array | null): this {
    if (value === null) return this.int(-1)
    this.int(value.length)
    return this.raw(value)
  }

  /** A string as a buffer of UTF-8, in which a surrogate that stands alone becomes three bytes that are malformed. */
  string(value: string | null): this {
    return this.buffer(value === null ? null : encode(value))
  }

  /** A count and that many items; `null` is count −1. */
  vector<T>(items: readonly T[] | null, write: (writer: ByteWriter, item: T) => void): this {
    if (items === null) return this.int(-1)
    this.int(items.length)
    for (const item of items) write(this, item)
    return this
  }

  raw(value: Uint8Array): this {
    this.#reserve(value.length)
    this.#bytes.set(value, this.#length)
    this.#length += value.length
    return this
  }

  /** A copy of what has been written. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#length))
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + count))
    this.#bytes.copy(larger, 0, 0, this.#length)
    this.#bytes = larger
  }
}

/** Reads big-endian values; throws a `RangeError` where bytes are missing, which in a reply is the server's fault. */
export class ByteReader {
  readonly #bytes: Buffer
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  int(): number {
    const value = this.#bytes.readInt32BE(this.#offset)
    this.#offset += 4
    return value
  }

  long(): bigint {
    const value = this.#bytes.readBigInt64BE(this.#offset)
    this.#offset += 8
    return value
  }

  bool(): boolean {
    const value = this.#bytes.readUInt8(this.#offset)
    this.#offset += 1
    return value !== 0
  }

  buffer(): Buffer | null {
    const length = this.int()
    if (length === -1) return null
    if (length < 0 || length > this.remaining)
      throw new RangeError(`a field of ${length} bytes, ${this.remaining} left`)
    this.#offset += length
    return this.#bytes.subarray(this.#offset - length, this.#offset)
  }

  /** Text as it is; bytes that are no UTF-8, such as Java's surrogates, in hex, so that none are mistaken for others. */
  string(): string | null {
    const bytes = this.buffer()
    return bytes === null || isUtf8(bytes) ? (bytes?.toString() ?? null) : `bytes ${bytes.toString('hex')}`
  }

  vector<T>(read: (reader: ByteReader) => T): T[] | null {
    const count = this.int()
    if (count === -1) return null
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(read(this))
    return items
  }

  /** Everything that has not been read. */
  rest(): Buffer {
    const rest = this.#bytes.subarray(this.#offset)
    this.#offset = this.#bytes.length
    return rest
  }
}

function encode(text: string): Buffer {
  if (!SURROGATE.test(text)) return Buffer.from(text)
  return Buffer.concat(
    Array.from(text, (character) => {
      if (!SURROGATE.test(character)) return Buffer.from(character)
      const code = character.charCodeAt(0)
      return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)])
    }),
  )
}

/** A surrogate without its other half. */
const SURROGATE = /\p{Surrogate}/u
