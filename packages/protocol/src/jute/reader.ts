import { copyBytes } from './copy-bytes.ts'
import { JuteError } from './jute-error.ts'
import { joinLong } from './sixty-four.ts'
import { readUtf8 } from './utf8.ts'

/** The longest string or buffer: `jute.maxbuffer` plus `zookeeper.jute.maxbuffer.extrasize`, both at their defaults. */
export const DEFAULT_MAX_FIELD = 0xfffff * 2

const NO_BYTES = new Uint8Array(0)

/**
 * Reads jute's primitives from bytes (BinaryInputArchive). Whatever the bytes, a method returns a value or throws a
 * {@link JuteError}, and allocates no more than in proportion to the bytes that are there.
 *
 * `offset` and `end` may be moved by the caller, who then answers for `offset <= end <= bytes.length`.
 */
export class Reader {
  bytes: Uint8Array
  /** Where the next value starts. */
  offset: number
  /** The first byte that is not to be read any more. */
  end: number
  /** The longest string or buffer that is accepted, in bytes. */
  readonly maxField: number

  constructor(bytes: Uint8Array = NO_BYTES, start = 0, end = bytes.length, maxField = DEFAULT_MAX_FIELD) {
    this.bytes = bytes
    this.offset = start
    this.end = end
    this.maxField = maxField
  }

  /** Goes on with other bytes. */
  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes
    this.offset = start
    this.end = end
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.end - this.offset
  }

  bool(): boolean {
    if (this.offset >= this.end) throw truncated()
    return this.bytes[this.offset++] !== 0
  }

  int(): number {
    const at = this.offset
    if (at + 4 > this.end) throw truncated()
    const { bytes } = this
    this.offset = at + 4
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }

  /** A 64-bit integer that may use all its bits: a session id, the owner of an ephemeral znode. */
  long(): bigint {
    if (this.offset + 8 > this.end) throw truncated()
    const high = this.int()
    const low = this.int()
    return (high | low) === 0 ? 0n : joinLong(high, low) // Most owners are 0, which needs no new bigint.
  }

  /** A 64-bit integer that has to be exact as a number, as zxids are while epochs are below 2^21. */
  zxid(): number {
    const value = this.approximateLong()
    if (!Number.isSafeInteger(value)) throw new JuteError('a zxid is beyond 53 bits')
    return value
  }

  /** A time or duration in milliseconds; see {@link approximateLong}. */
  millis(): number {
    return this.approximateLong()
  }

  /** A 64-bit integer of which only the size matters: exact up to 53 bits, and rounded beyond. */
  approximateLong(): number {
    const at = this.offset
    if (at + 8 > this.end) throw truncated()
    const { bytes } = this
    this.offset = at + 8
    const high = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
    const low = (bytes[at + 4]! << 24) | (bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!
    return high * 0x1_0000_0000 + (low >>> 0)
  }

  string(): string | null {
    const length = this.#fieldLength()
    if (length === -1) return null
    const start = this.offset
    this.offset = start + length
    return readUtf8(this.bytes, start, this.offset)
  }

  /** A string where null is no possible value, such as a path. */
  text(): string {
    const text = this.string()
    if (text === null) throw new JuteError('a string is null')
    return text
  }

  /** A view of the bytes that are being read, not a copy: who keeps it copies it. */
  buffer(): Uint8Array | null {
    const length = this.#fieldLength()
    if (length === -1) return null
    const start = this.offset
    this.offset = start + length
    return this.bytes.subarray(start, this.offset)
  }

  /** The bytes of a {@link buffer} as a copy, without the view in between: for small ones, that takes half of the time. */
  copiedBuffer(): Uint8Array | null {
    const length = this.#fieldLength()
    if (length === -1) return null
    const start = this.offset
    this.offset = start + length
    return copyBytes(this.bytes, start, this.offset)
  }

  /**
   * A list whose elements `read` takes from this reader. Count −1 is null and other negative ones are an empty list, as
   * in BinaryInputArchive.startVector. The list grows as elements are found: a count alone allocates nothing.
   */
  vector<T>(read: (reader: Reader) => T): T[] | null {
    const count = this.int()
    if (count === -1) return null
    const list: T[] = []
    for (let i = 0; i < count; i++) list.push(read(this))
    return list
  }

  /** The length in front of a string or buffer (BinaryInputArchive.checkLength), all of which is there if it is not −1. */
  #fieldLength(): number {
    const length = this.int()
    if (length === -1) return -1
    if (length < 0 || length > this.maxField) throw new JuteError(`unreasonable length ${length}`)
    if (length > this.end - this.offset) throw truncated()
    return length
  }
}

function truncated(): JuteError {
  return new JuteError('the bytes end within a record', true)
}
