/** Stands for "no row" wherever a row number is expected. */
export const NONE = -1

/** Rows in one chunk; a row's chunk is `row >>> ROW_CHUNK_BITS`. */
export const ROW_CHUNK_BITS = 16
const ROWS_PER_CHUNK = 1 << ROW_CHUNK_BITS
/** Mask of a row's place inside its chunk. */
export const ROW_MASK = ROWS_PER_CHUNK - 1

/** A place in a row. A type of its own, so that no field of an extension is looked for here, nor the other way round. */
export type RowField = number & { readonly brand: 'row' }

/** The 32-bit integers of one row. */
export const ROW_INTS = 15

/** Sequence counter of the row's seqlock: odd while the row, its extension or its block is being changed. */
export const SEQUENCE = 0 as RowField
export const PARENT = 1 as RowField
/** Arena handle of the block that holds the name and, right behind it, the data. */
export const BLOCK = 2 as RowField
/** Length of the name in bytes, with the flags in the top five bits. */
export const NAME = 3 as RowField
/** Arena handle of what else there is to know (see `Extensions`); {@link NONE} while all of it has its first value. */
export const EXTENSION = 4 as RowField
/** Length of the data in bytes; -1 when the data is null, which differs from empty. */
export const DATA_LENGTH = 5 as RowField
export const ACL_ID = 6 as RowField
/** CRC-32 of the path and the data: the part of the digest that a change of the Stat alone leaves as it is. */
export const PREFIX_CRC = 7 as RowField
// 64-bit values take two integers: high half first.
export const CZXID = 8 as RowField
export const CTIME = 10 as RowField
/** The next child of the same parent; in a free row, the next free row. */
export const NEXT_SIBLING = 12 as RowField
export const PREVIOUS_SIBLING = 13 as RowField
/** What the row has added to the digest of the tree: to be taken out again before a change without computing it anew. */
export const DIGEST = 14 as RowField

/** Flags of the NAME field. A live row is therefore a negative integer there. */
export const LIVE = 1 << 31
/** The znode lies under /zookeeper/ and does not count in the tree digest. */
export const UNDIGESTED = 1 << 30
/** Where the two bits of the `NodeKind` are. */
export const KIND_SHIFT = 28
export const KIND_MASK = 3
/** The extension has the fields of a parent, too. */
export const PARENTAL = 1 << 27
export const NAME_LENGTH_MASK = PARENTAL - 1

/**
 * The znodes' fixed-size part: rows of {@link ROW_INTS} integers in chunks of shared memory, numbered from 0.
 *
 * Chunks never move or shrink, so a worker thread that was given their buffers can read rows while this thread changes
 * them. The seqlock makes that safe: `beginChange` makes the row's sequence odd, `endChange` makes it even again, and
 * a reader that saw an odd value, or different ones before and after, reads again.
 */
export class Rows {
  readonly chunks: Int32Array<SharedArrayBuffer>[]
  /** Rows ever used; every row number in use is below it. */
  highWater: number
  /** Rows in use. */
  live: number
  #firstFree: number

  constructor() {
    this.chunks = []
    this.highWater = 0
    this.live = 0
    this.#firstFree = NONE
  }

  /** Takes a free row, or a new one. Its fields hold leftovers; the caller sets them all, under the seqlock. */
  allocate(): number {
    this.live += 1
    const free = this.#firstFree
    if (free !== NONE) {
      this.#firstFree = this.get(free, NEXT_SIBLING)
      return free
    }
    const row = this.highWater
    if (row >>> ROW_CHUNK_BITS === this.chunks.length) {
      if (row >= 2 ** 31 - ROWS_PER_CHUNK) throw new RangeError(`a tree holds at most ${row} znodes`)
      this.chunks.push(new Int32Array(new SharedArrayBuffer(ROWS_PER_CHUNK * ROW_INTS * 4)))
    }
    this.highWater = row + 1
    return row
  }

  /** Gives a row back. It reads as not live from here on. */
  free(row: number): void {
    this.beginChange(row)
    this.set(row, NAME, 0)
    this.set(row, NEXT_SIBLING, this.#firstFree)
    this.endChange(row)
    this.#firstFree = row
    this.live -= 1
  }

  get(row: number, field: RowField): number {
    return this.chunks[row >>> ROW_CHUNK_BITS]![(row & ROW_MASK) * ROW_INTS + field]!
  }

  set(row: number, field: RowField, value: number): void {
    this.chunks[row >>> ROW_CHUNK_BITS]![(row & ROW_MASK) * ROW_INTS + field] = value
  }

  /** A 64-bit field as a number: exact up to 2^53. */
  getLong(row: number, field: RowField): number {
    const chunk = this.chunks[row >>> ROW_CHUNK_BITS]!
    const at = (row & ROW_MASK) * ROW_INTS + field
    return chunk[at]! * 0x1_0000_0000 + (chunk[at + 1]! >>> 0)
  }

  setLong(row: number, field: RowField, value: number): void {
    const chunk = this.chunks[row >>> ROW_CHUNK_BITS]!
    const at = (row & ROW_MASK) * ROW_INTS + field
    chunk[at] = Math.floor(value / 0x1_0000_0000)
    chunk[at + 1] = value | 0
  }

  /** Opens the row's seqlock. Nothing another thread may copy is written outside `beginChange` … `endChange`. */
  beginChange(row: number): void {
    const chunk = this.chunks[row >>> ROW_CHUNK_BITS]!
    const at = (row & ROW_MASK) * ROW_INTS + SEQUENCE
    Atomics.store(chunk, at, chunk[at]! | 1)
    // A release store alone lets later plain stores overtake it (ARM); an acquire load behind it does not.
    Atomics.load(chunk, at)
  }

  endChange(row: number): void {
    const chunk = this.chunks[row >>> ROW_CHUNK_BITS]!
    const at = (row & ROW_MASK) * ROW_INTS + SEQUENCE
    Atomics.store(chunk, at, (chunk[at]! | 1) + 1)
  }

  /** Bytes of shared memory held. */
  get reservedBytes(): number {
    return this.chunks.length * ROWS_PER_CHUNK * ROW_INTS * 4
  }
}
