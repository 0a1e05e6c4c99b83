/** What {@link Frames} finds in the bytes. Bytes are valid only during the call. */
export interface FrameSink {
  /** `bytes[start, end)` is a whole frame. False: nothing more is wanted. */
  frame(bytes: Uint8Array, start: number, end: number): boolean
  /** A frame of `length` bytes is longer than the limit; it begins with `bytes[start, end)`, and the rest is skipped. */
  oversized(bytes: Uint8Array, start: number, end: number, length: number): boolean
}

const PREFIX = 4
/** As much of an oversized frame as tells what it answers: a reply header. */
const HEADER = 16

/**
 * Cuts a stream of bytes into frames, each behind its length. A frame that is all there is read where it stands; one that
 * comes in pieces is put together in a buffer that grows with what has arrived, never with what the length promises.
 */
export class Frames {
  readonly #sink: FrameSink
  readonly #maxBytes: number
  #partial = NOTHING
  #length = 0
  /** Bytes of an oversized frame that are still to come. */
  #skip = 0

  constructor(sink: FrameSink, maxBytes: number) {
    this.#sink = sink
    this.#maxBytes = maxBytes
  }

  /** Takes in `bytes[start, end)`. False: the bytes make no sense, or the sink wants no more. */
  push(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start
    for (;;) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, end - at)
        this.#skip -= skipped
        at += skipped
      }
      if (at === end) return true
      if (this.#length === 0 && end - at >= PREFIX) {
        const length = readInt(bytes, at)
        if (length >= 0 && length <= this.#maxBytes && end - at - PREFIX >= length) {
          at += PREFIX + length
          if (!this.#sink.frame(bytes, at - length, at)) return false
          continue
        }
      }
      const taken = this.#collect(bytes, at, end)
      if (taken === -1) return false
      at += taken
    }
  }

  /** Adds to the frame that is put together; returns how many bytes it took, −1 to end it all. */
  #collect(bytes: Uint8Array, start: number, end: number): number {
    let at = this.#fill(PREFIX, bytes, start, end)
    if (this.#length < PREFIX) return at - start
    const length = readInt(this.#partial, 0)
    if (length < 0) return -1
    const fits = length <= this.#maxBytes
    const wanted = PREFIX + (fits ? length : Math.min(length, HEADER))
    at = this.#fill(wanted, bytes, at, end)
    if (this.#length < wanted) return at - start
    const frame = this.#partial
    this.#partial = NOTHING
    this.#length = 0
    this.#skip = length - (wanted - PREFIX)
    const goOn = fits ? this.#sink.frame(frame, PREFIX, wanted) : this.#sink.oversized(frame, PREFIX, wanted, length)
    return goOn ? at - start : -1
  }

  /** Takes in bytes until there are `wanted`; returns where it stopped. */
  #fill(wanted: number, bytes: Uint8Array, start: number, end: number): number {
    const stop = Math.min(end, start + Math.max(0, wanted - this.#length))
    if (stop > start) this.#append(bytes, start, stop)
    return stop
  }

  #append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#length + end - start
    if (needed > this.#partial.length) {
      const grown = new Uint8Array(Math.max(needed, this.#partial.length * 2, 256))
      grown.set(this.#partial.subarray(0, this.#length))
      this.#partial = grown
    }
    this.#partial.set(bytes.subarray(start, end), this.#length)
    this.#length = needed
  }
}

const NOTHING = new Uint8Array(0)

function readInt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
