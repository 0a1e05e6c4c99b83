import { JuteError } from './jute-error.ts'
import { highHalf, lowHalf, splitLong } from './sixty-four.ts'
import { writeUtf8 } from './utf8.ts'

/**
 * Writes jute's primitives into bytes that grow as needed (BinaryOutputArchive).
 *
 * `bytes` beyond `length` is room. A caller may write there itself: {@link ensure} the room, then raise `length`.
 */
export class Writer {
  bytes: Uint8Array
  /** How many bytes have been written. */
  length: number
  /** How many may be: where room for more is needed, that is a {@link JuteError}. */
  limit: number

  /** @param capacity room to start with, in bytes */
  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity)
    this.length = 0
    this.limit = Number.POSITIVE_INFINITY
  }

  /** Forgets what was written and keeps the room. */
  clear(): void {
    this.length = 0
  }

  /** Makes room for `count` more bytes. `bytes` may be another array afterwards. */
  ensure(count: number): void {
    if (this.length + count > this.bytes.length) this.#grow(count)
  }

  bool(value: boolean): void {
    this.ensure(1)
    this.bytes[this.length++] = value ? 1 : 0
  }

  /** A 32-bit integer; of a larger number, its low 32 bits. */
  int(value: number): void {
    this.ensure(4)
    const { bytes, length } = this
    bytes[length] = value >> 24
    bytes[length + 1] = value >> 16
    bytes[length + 2] = value >> 8
    bytes[length + 3] = value
    this.length = length + 4
  }

  /** A 64-bit integer; of a larger bigint, its low 64 bits. */
  long(value: bigint): void {
    splitLong(value)
    this.int(highHalf())
    this.int(lowHalf())
  }

  zxid(value: number): void {
    this.int(Math.floor(value / 0x1_0000_0000))
    this.int(value | 0)
  }

  /** A time or a duration in milliseconds. */
  millis(value: number): void {
    this.approximateLong(value)
  }

  /** What {@link Reader.approximateLong} rounded up to 2^63 becomes the largest 64-bit integer again. */
  approximateLong(value: number): void {
    if (value < 2 ** 63) {
      this.zxid(value)
    } else {
      this.int(0x7fff_ffff)
      this.int(-1)
    }
  }

  string(value: string | null): void {
    if (value === null) {
      this.int(-1)
      return
    }
    this.ensure(4 + 3 * value.length)
    const at = this.length
    this.length = at + 4 + writeUtf8(value, this.bytes, at + 4)
    const { bytes } = this
    const length = this.length - at - 4
    bytes[at] = length >> 24
    bytes[at + 1] = length >> 16
    bytes[at + 2] = length >> 8
    bytes[at + 3] = length
  }

  /** A string where null is no possible value. */
  text(value: string): void {
    this.string(value)
  }

  buffer(value: Uint8Array | null): void {
    if (value === null) {
      this.int(-1)
      return
    }
    this.int(value.length)
    this.ensure(value.length)
    this.bytes.set(value, this.length)
    this.length += value.length
  }

  vector<T>(list: readonly T[] | null, write: (writer: Writer, element: T) => void): void {
    if (list === null) {
      this.int(-1)
      return
    }
    this.int(list.length)
    for (let i = 0; i < list.length; i++) write(this, list[i]!)
  }

  /** The bytes from `start` to before `end` as they are, without a length in front. */
  raw(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const count = end - start
    this.ensure(count)
    this.bytes.set(count === bytes.length ? bytes : bytes.subarray(start, end), this.length)
    this.length += count
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }

  #grow(count: number): void {
    const needed = this.length + count
    if (needed > this.limit) throw new JuteError(`more than ${this.limit} bytes to write`)
    const larger = new Uint8Array(Math.max(Math.min(this.bytes.length * 2, this.limit), needed))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }
}
