import type { File } from '@vivarium/env'

/** How much is read at a time. */
const CHUNK_BYTES = 4 * 1024 * 1024
/** Room before a chunk for the start of a record that ends in it. */
const MARGIN_BYTES = 256 * 1024

/**
 * The part of a file that is being parsed. Of two buffers, one is parsed while the other is being read into; what is
 * left of a record at the end of one is copied to before the start of the next.
 */
export class LogWindow {
  /** What has been read and not been parsed is `bytes[at, end)`. */
  bytes: Uint8Array = new Uint8Array(0)
  at = 0
  end = 0
  /** How many bytes from `at` must be there after `next`, if the file has them. */
  wanted = 0
  readonly #file: File
  readonly #chunkBytes: number
  readonly #marginBytes: number
  /** Where the file is being read into. */
  #filling: Uint8Array
  #spare: Uint8Array
  /** Where in the file `bytes[end]` would be. */
  #endPosition: number
  #ahead: Promise<number>

  constructor(file: File, position: number, size: number) {
    this.#file = file
    // Of a small file, no more than there is.
    this.#chunkBytes = Math.max(1, Math.min(CHUNK_BYTES, size - position))
    this.#marginBytes = Math.min(MARGIN_BYTES, this.#chunkBytes)
    this.#filling = new Uint8Array(this.#marginBytes + this.#chunkBytes)
    this.#spare = new Uint8Array(this.#marginBytes + this.#chunkBytes)
    this.#endPosition = position
    this.#ahead = this.#readAhead()
  }

  /** Where in the file `bytes[at]` is. */
  get position(): number {
    return this.#endPosition - (this.end - this.at)
  }

  /** Adds at least one chunk and resolves to how many bytes it was: 0 at the end of the file. */
  async next(): Promise<number> {
    const rest = this.bytes.subarray(this.at, this.end)
    const count = await this.#ahead
    const filled = this.#filling
    this.#endPosition += count
    const missing = this.wanted - rest.length - count
    if (rest.length > this.#marginBytes || (missing > 0 && count === this.#chunkBytes)) {
      await this.#join(rest, filled.subarray(this.#marginBytes, this.#marginBytes + count), missing)
    } else {
      this.bytes = filled
      this.at = this.#marginBytes - rest.length
      this.end = this.#marginBytes + count
      filled.set(rest, this.at)
    }
    this.#filling = this.#spare
    this.#spare = filled
    this.#ahead = this.#readAhead()
    return count
  }

  /** Resolves when the file is not being read any more. */
  async settle(): Promise<void> {
    await this.#ahead.catch(() => {})
  }

  /** Puts together a record that is longer than the buffers have room for. */
  async #join(rest: Uint8Array, chunk: Uint8Array, missing: number): Promise<void> {
    const have = rest.length + chunk.length
    this.bytes = new Uint8Array(have + Math.max(0, missing))
    this.bytes.set(rest)
    this.bytes.set(chunk, rest.length)
    const more = await this.#file.readInto(this.bytes, have, this.bytes.length, this.#endPosition)
    this.#endPosition += more
    this.at = 0
    this.end = have + more
  }

  #readAhead(): Promise<number> {
    const ahead = this.#file.readInto(
      this.#filling,
      this.#marginBytes,
      this.#marginBytes + this.#chunkBytes,
      this.#endPosition,
    )
    // Whoever waits for it is told.
    ahead.catch(() => {})
    return ahead
  }
}
