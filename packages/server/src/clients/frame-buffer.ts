/**
 * The part of a frame that has arrived so far. It grows with what arrives, never with what a length prefix promises, so
 * that a peer pays for every byte that it makes the server keep.
 */
export class FrameBuffer {
  bytes: Uint8Array = EMPTY
  length = 0

  append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.length + end - start
    if (needed > this.bytes.length) {
      // At most twice what has arrived, and by doubling: a large frame in many pieces is not copied at each of them.
      const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2, 256))
      grown.set(this.bytes.subarray(0, this.length))
      this.bytes = grown
    }
    this.bytes.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end), this.length)
    this.length = needed
  }

  /** Forgets the first `count` bytes. */
  consume(count: number): void {
    if (count === this.length) {
      this.bytes = EMPTY
      this.length = 0
      return
    }
    if (count === 0) return
    this.bytes.copyWithin(0, count, this.length)
    this.length -= count
  }
}

const EMPTY = new Uint8Array(0)
