/** The unit in which space is used up. */
export const BLOCK_BYTES = 4096

/** Nothing but zeros, to be looked at only: a pre-allocated log has many. */
const ZEROS = new Uint8Array(1024 * 1024)

/** All blocks of zeros are this one. */
const ZERO_BLOCK = ZEROS.subarray(0, BLOCK_BYTES)

/** A copy of some bytes, to be looked at only. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return isZero(bytes, start, end) ? ZEROS.subarray(0, end - start) : bytes.slice(start, end)
}

/**
 * Bytes of a file that takes memory only where something other than zeros was written, as a pre-allocated log needs. What a
 * copy has in common with its original it shares until one of them is written to.
 */
export class SparseBytes {
  size = 0
  readonly #blocks = new Map<number, Uint8Array>()
  /** Those of the blocks that nobody else has. */
  readonly #own = new Set<number>()

  /** How many bytes of disk the contents occupy. */
  get usedBytes(): number {
    return this.#blocks.size * BLOCK_BYTES
  }

  copy(): SparseBytes {
    const copy = new SparseBytes()
    copy.size = this.size
    for (const [index, block] of this.#blocks) copy.#blocks.set(index, block)
    this.#own.clear()
    return copy
  }

  /** How many bytes of disk a write would newly occupy. */
  growthBytes(position: number, length: number): number {
    let growth = 0
    for (let index = Math.floor(position / BLOCK_BYTES); index * BLOCK_BYTES < position + length; index++) {
      if (!this.#blocks.has(index)) growth += BLOCK_BYTES
    }
    return growth
  }

  write(position: number, bytes: Uint8Array): void {
    let done = 0
    while (done < bytes.length) {
      const index = Math.floor((position + done) / BLOCK_BYTES)
      const offset = position + done - index * BLOCK_BYTES
      const count = Math.min(BLOCK_BYTES - offset, bytes.length - done)
      if (this.#blocks.has(index) || !isZero(bytes, done, done + count)) {
        this.#ownBlock(index).set(bytes.subarray(done, done + count), offset)
      } else this.#blocks.set(index, ZERO_BLOCK)
      done += count
    }
    if (bytes.length > 0) this.size = Math.max(this.size, position + bytes.length)
  }

  read(position: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - position)))
    this.#copyTo(bytes, position)
    return bytes
  }

  /** As {@link read}, into the place of `bytes[start, end)`. Returns how many there were. */
  readInto(bytes: Uint8Array, start: number, end: number, position: number): number {
    const count = Math.max(0, Math.min(end - start, this.size - position))
    const target = bytes.subarray(start, start + count)
    target.fill(0)
    this.#copyTo(target, position)
    return count
  }

  /** To where there are zeros already. */
  #copyTo(bytes: Uint8Array, position: number): void {
    let done = 0
    while (done < bytes.length) {
      const index = Math.floor((position + done) / BLOCK_BYTES)
      const offset = position + done - index * BLOCK_BYTES
      const count = Math.min(BLOCK_BYTES - offset, bytes.length - done)
      const block = this.#blocks.get(index)
      if (block !== undefined && block !== ZERO_BLOCK) bytes.set(block.subarray(offset, offset + count), done)
      done += count
    }
  }

  /** Whether there are only zeros from `position` on. Looks at what was written, not at all the room there is. */
  isZeroFrom(position: number): boolean {
    for (const [index, block] of this.#blocks) {
      const from = Math.max(0, position - index * BLOCK_BYTES)
      if (from < BLOCK_BYTES && block !== ZERO_BLOCK && !isZero(block, from, BLOCK_BYTES)) return false
    }
    return true
  }

  truncate(size: number): void {
    for (const [index, block] of [...this.#blocks]) {
      const start = index * BLOCK_BYTES
      if (start >= size) {
        this.#blocks.delete(index)
        this.#own.delete(index)
      } else if (start + BLOCK_BYTES > size && block !== ZERO_BLOCK) this.#ownBlock(index).fill(0, size - start)
    }
    this.size = size
  }

  /** A block that may be written to. */
  #ownBlock(index: number): Uint8Array {
    let block = this.#blocks.get(index) ?? ZERO_BLOCK
    if (this.#own.has(index)) return block
    block = block.slice()
    this.#blocks.set(index, block)
    this.#own.add(index)
    return block
  }
}

/** Of at most as many bytes as {@link ZEROS} has. */
function isZero(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== 0 || end - start > ZEROS.length) return false
  return (
    bytes.buffer === ZEROS.buffer || Buffer.compare(bytes.subarray(start, end), ZEROS.subarray(0, end - start)) === 0
  )
}
