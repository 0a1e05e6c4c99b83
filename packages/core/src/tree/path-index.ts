import { type Arena, HANDLE_CHUNK_SHIFT, HANDLE_UNIT_MASK } from './arena.ts'
import { halfSipHash } from './half-sip-hash.ts'
import { BLOCK, NAME, NAME_LENGTH_MASK, NONE, PARENT, ROW_CHUNK_BITS, ROW_INTS, ROW_MASK, type Rows } from './rows.ts'
import { UNIT_SHIFT } from './size-classes.ts'

const SLASH = 0x2f

// A bucket is 16 integers, one cache line: the hashes of its entries, their rows, the number (from 1) of the bucket
// that it runs over into, and the count of its entries.
const BUCKET_INTS = 16
const BUCKET_ENTRIES = 7
const ROWS_AT = 7
const OVERFLOW = 14
const COUNT = 15

const CHUNK_BITS = 14
const CHUNK_MASK = (1 << CHUNK_BITS) - 1
/** Where a chunk's first bucket starts: large buffers begin 16 bytes into a page, so this is at a cache line. */
const FIRST_AT = 12
/** Of which the first chunk has room for no more, and grows with them: most trees are small. */
const FIRST_BUCKETS = 64
/** How full buckets are on average before the next one is split: 5 of 7. */
const MEAN_ENTRIES = 5

/**
 * Finds a znode's row by the bytes of its path, where they stand: no string is made.
 *
 * A linear hash table: buckets are split one at a time, in order, as entries are added, so there is never a pause in
 * which everything is rehashed. Entries carry the whole hash, so that an insertion or a split touches no row, and a
 * search touches hardly any but the one it finds: at a million znodes, time goes by cache misses. A path is stored
 * nowhere: a candidate's name is compared with the path's end, its parent's with what stands before, and so on.
 */
export class PathIndex {
  readonly #rows: Rows
  readonly #arena: Arena
  readonly #key0: number
  readonly #key1: number
  /** The buckets by hash, and those they run over into, in chunks. */
  readonly #buckets: Int32Array[]
  readonly #overflow: Int32Array[]
  /** Buckets in use: the `#mask + 1` of this round, and those split off so far. */
  #bucketCount: number
  #mask: number
  #size: number
  #overflowCount: number
  /** The number (from 1) of the first free overflow bucket; each has the next one's as its own overflow. */
  #freeOverflow: number
  /** The entries of a bucket being split: hash, row, hash, row. */
  readonly #moving: number[]

  /** `seed` keys the hash; it should be random for each process. All 53 bits of an integer count. */
  constructor(rows: Rows, arena: Arena, seed: number) {
    this.#rows = rows
    this.#arena = arena
    this.#key0 = seed | 0
    this.#key1 = (seed / 0x1_0000_0000) | 0
    this.#buckets = [newChunk(FIRST_BUCKETS)]
    this.#overflow = []
    this.#bucketCount = FIRST_BUCKETS
    this.#mask = FIRST_BUCKETS - 1
    this.#size = 0
    this.#overflowCount = 0
    this.#freeOverflow = 0
    this.#moving = []
  }

  hash(bytes: Uint8Array, start: number, end: number): number {
    return halfSipHash(bytes, start, end, this.#key0, this.#key1)
  }

  /** The row of the znode with this path, which is not the root's; {@link NONE} if there is none. */
  find(bytes: Uint8Array, start: number, end: number, hash: number): number {
    let bucket = this.#bucketOf(hash)
    let chunk = this.#buckets[bucket >>> CHUNK_BITS]!
    for (;;) {
      const base = FIRST_AT + (bucket & CHUNK_MASK) * BUCKET_INTS
      const count = chunk[base + COUNT]!
      for (let i = base; i < base + count; i += 1) {
        if (chunk[i] === hash && this.#matches(chunk[i + ROWS_AT]!, bytes, start, end)) return chunk[i + ROWS_AT]!
      }
      if (chunk[base + OVERFLOW] === 0) return NONE
      bucket = chunk[base + OVERFLOW]! - 1
      chunk = this.#overflow[bucket >>> CHUNK_BITS]!
    }
  }

  /** Adds a row under the hash of its path. */
  insert(row: number, hash: number): void {
    this.#put(this.#bucketOf(hash), row, hash)
    this.#size += 1
    if (this.#size > this.#bucketCount * MEAN_ENTRIES) this.#split()
  }

  /** Removes a row that was inserted under this hash. */
  remove(row: number, hash: number): void {
    let bucket = this.#bucketOf(hash)
    let chunk = this.#buckets[bucket >>> CHUNK_BITS]!
    let base = FIRST_AT + (bucket & CHUNK_MASK) * BUCKET_INTS
    let foundIn = chunk
    let found = NONE
    let before: Int32Array | null = null
    let beforeBase = 0
    for (;;) {
      const count = chunk[base + COUNT]!
      for (let i = base; i < base + count; i += 1) {
        if (chunk[i + ROWS_AT] !== row) continue
        foundIn = chunk
        found = i
      }
      if (chunk[base + OVERFLOW] === 0) break
      before = chunk
      beforeBase = base
      bucket = chunk[base + OVERFLOW]! - 1
      chunk = this.#overflow[bucket >>> CHUNK_BITS]!
      base = FIRST_AT + (bucket & CHUNK_MASK) * BUCKET_INTS
    }
    if (found === NONE) throw new Error(`row ${row} is not in the path index`)
    // The last entry takes the place of the removed one.
    const last = chunk[base + COUNT]! - 1
    foundIn[found] = chunk[base + last]!
    foundIn[found + ROWS_AT] = chunk[base + ROWS_AT + last]!
    chunk[base + COUNT] = last
    this.#size -= 1
    if (last > 0 || before === null) return
    before[beforeBase + OVERFLOW] = 0
    chunk[base + OVERFLOW] = this.#freeOverflow
    this.#freeOverflow = bucket + 1
  }

  /** The number of entries of the fullest bucket: a measure of how well the hash spreads. Walks everything. */
  longestChain(): number {
    let longest = 0
    for (let bucket = 0; bucket < this.#bucketCount; bucket += 1) {
      let chunk = this.#buckets[bucket >>> CHUNK_BITS]!
      let base = FIRST_AT + (bucket & CHUNK_MASK) * BUCKET_INTS
      let length = chunk[base + COUNT]!
      while (chunk[base + OVERFLOW] !== 0) {
        const next = chunk[base + OVERFLOW]! - 1
        chunk = this.#overflow[next >>> CHUNK_BITS]!
        base = FIRST_AT + (next & CHUNK_MASK) * BUCKET_INTS
        length += chunk[base + COUNT]!
      }
      longest = Math.max(longest, length)
    }
    return longest
  }

  get reservedBytes(): number {
    return [...this.#buckets, ...this.#overflow].reduce((bytes, chunk) => bytes + chunk.byteLength, 0)
  }

  #bucketOf(hash: number): number {
    const wide = hash & (this.#mask * 2 + 1)
    return wide < this.#bucketCount ? wide : hash & this.#mask
  }

  #put(bucket: number, row: number, hash: number): void {
    let chunk = this.#buckets[bucket >>> CHUNK_BITS]!
    let base = FIRST_AT + (bucket & CHUNK_MASK) * BUCKET_INTS
    // Only the last bucket of a chain has room.
    while (chunk[base + COUNT] === BUCKET_ENTRIES) {
      if (chunk[base + OVERFLOW] === 0) chunk[base + OVERFLOW] = this.#takeOverflow()
      const next = chunk[base + OVERFLOW]! - 1
      chunk = this.#overflow[next >>> CHUNK_BITS]!
      base = FIRST_AT + (next & CHUNK_MASK) * BUCKET_INTS
    }
    const count = chunk[base + COUNT]!
    chunk[base + count] = hash
    chunk[base + ROWS_AT + count] = row
    chunk[base + COUNT] = count + 1
  }

  #takeOverflow(): number {
    const free = this.#freeOverflow
    if (free !== 0) {
      const chunk = this.#overflow[(free - 1) >>> CHUNK_BITS]!
      const base = FIRST_AT + ((free - 1) & CHUNK_MASK) * BUCKET_INTS
      this.#freeOverflow = chunk[base + OVERFLOW]!
      chunk[base + OVERFLOW] = 0
      return free
    }
    if (this.#overflowCount >>> CHUNK_BITS === this.#overflow.length) this.#overflow.push(newChunk(1 << CHUNK_BITS))
    this.#overflowCount += 1
    return this.#overflowCount
  }

  /** Adds one bucket and moves to it the entries that belong there, all from the one bucket it is split off. */
  #split(): void {
    const added = this.#bucketCount
    if (added >>> CHUNK_BITS === this.#buckets.length) this.#buckets.push(newChunk(1 << CHUNK_BITS))
    else this.#growFirstChunk(added)
    this.#empty(added & this.#mask)
    const wideMask = this.#mask * 2 + 1
    this.#bucketCount = added + 1
    for (let i = 0; i < this.#moving.length; i += 2) {
      this.#put(this.#moving[i]! & wideMask, this.#moving[i + 1]!, this.#moving[i]!)
    }
    if (added === wideMask) this.#mask = wideMask
  }

  /** Doubles the first chunk if it is full. No chunk may be in anybody's hands. */
  #growFirstChunk(buckets: number): void {
    const chunk = this.#buckets[0]!
    if (chunk.length !== FIRST_AT + BUCKET_INTS * buckets) return
    const grown = newChunk(2 * buckets)
    grown.set(chunk)
    this.#buckets[0] = grown
  }

  /** Takes the entries of a bucket into {@link #moving}. */
  #empty(bucket: number): void {
    this.#moving.length = 0
    let chunk = this.#buckets[bucket >>> CHUNK_BITS]!
    let base = FIRST_AT + (bucket & CHUNK_MASK) * BUCKET_INTS
    let overflow = 0
    for (;;) {
      const count = chunk[base + COUNT]!
      for (let i = base; i < base + count; i += 1) this.#moving.push(chunk[i]!, chunk[i + ROWS_AT]!)
      const next = chunk[base + OVERFLOW]!
      chunk[base + COUNT] = 0
      chunk[base + OVERFLOW] = overflow === 0 ? 0 : this.#freeOverflow
      if (overflow !== 0) this.#freeOverflow = overflow
      if (next === 0) return
      overflow = next
      chunk = this.#overflow[(next - 1) >>> CHUNK_BITS]!
      base = FIRST_AT + ((next - 1) & CHUNK_MASK) * BUCKET_INTS
    }
  }

  #matches(row: number, bytes: Uint8Array, start: number, end: number): boolean {
    let at = end
    while (row !== 0) {
      const chunk = this.#rows.chunks[row >>> ROW_CHUNK_BITS]!
      const base = (row & ROW_MASK) * ROW_INTS
      const length = chunk[base + NAME]! & NAME_LENGTH_MASK
      at -= length
      if (at <= start || bytes[at - 1] !== SLASH) return false
      const handle = chunk[base + BLOCK]!
      const block = this.#arena.chunks[handle >>> HANDLE_CHUNK_SHIFT]!
      const from = (handle & HANDLE_UNIT_MASK) << UNIT_SHIFT
      for (let i = 0; i < length; i += 1) if (block[from + i] !== bytes[at + i]) return false
      at -= 1
      row = chunk[base + PARENT]!
    }
    return at === start
  }
}

function newChunk(buckets: number): Int32Array {
  return new Int32Array(FIRST_AT + BUCKET_INTS * buckets)
}
