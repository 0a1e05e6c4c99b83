/** Puts the frames of a connection together again: each is its length in four bytes, and so many bytes. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0)

  /** Takes bytes that are not valid afterwards, and calls `take` for each frame that is complete. */
  add(bytes: Uint8Array, start: number, end: number, take: (frame: Uint8Array) => void): void {
    this.#rest = Buffer.concat([this.#rest, bytes.subarray(start, end)])
    while (this.#rest.length >= 4) {
      const length = this.#rest.readInt32BE(0)
      if (length < 0 || length > 1 << 24) throw new Error(`a frame of ${length} bytes`)
      if (this.#rest.length < 4 + length) return
      const frame = this.#rest.subarray(4, 4 + length)
      this.#rest = this.#rest.subarray(4 + length)
      take(frame)
    }
  }
}
