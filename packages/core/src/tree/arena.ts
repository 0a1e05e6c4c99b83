import {
  LARGEST_CLASS_BYTES,
  LARGEST_PAGED_BYTES,
  SIZE_CLASSES,
  sizeClassOf,
  UNIT_SHIFT,
  unitsOfClass,
} from './size-classes.ts'

/** A chunk is 4 MiB; a handle's chunk is `handle >>> HANDLE_CHUNK_SHIFT`, the rest counts units of 8 bytes in it. */
export const HANDLE_CHUNK_SHIFT = 19
const UNITS_PER_CHUNK = 1 << HANDLE_CHUNK_SHIFT
export const HANDLE_UNIT_MASK = UNITS_PER_CHUNK - 1
const CHUNK_BYTES = UNITS_PER_CHUNK << UNIT_SHIFT
const MAX_CHUNKS = 1 << (32 - HANDLE_CHUNK_SHIFT)
/** Empty chunks kept for later; more than that go back to the system. */
const MAX_SPARE_CHUNKS = 8

/** A page is 64 KiB, counted in units here. */
const PAGE_SHIFT = 13
const UNITS_PER_PAGE = 1 << PAGE_SHIFT
const PAGES_SHIFT = HANDLE_CHUNK_SHIFT - PAGE_SHIFT
const PAGES_PER_CHUNK = 1 << PAGES_SHIFT

// What a chunk is used for.
const ABSENT = 0 // It was never allocated, or given back.
const PAGED = 1 // 64 pages, each with blocks of one class.
const WHOLE = 2 // One page of 4 MiB, with blocks of one large class.
const SINGLE = 3 // One block, in a buffer of just its size.
const SPARE = 4 // Allocated, but empty.

/** The list of pages without a class, kept beside the lists of the classes. */
const UNCLASSED = SIZE_CLASSES
const END = -1

/** A chunk as another thread needs it: see {@link Arena.onChunk}. */
export interface ArenaChunk {
  readonly id: number
  readonly buffer: SharedArrayBuffer
}

/**
 * A slab allocator in shared memory for names, data and the extensions of rows.
 *
 * Blocks of one size class share a page, so that freed memory fits the next block of that class exactly; a page that
 * runs empty serves any class again, and so does a chunk. Blocks too large for a class have a buffer of their own,
 * which is dropped when they are freed. Only the blocks are shared memory: the bookkeeping is this thread's.
 */
export class Arena {
  /** The chunks by id; `null` where there is none. Handles are unsigned: `chunks[handle >>> HANDLE_CHUNK_SHIFT]`. */
  readonly chunks: (Uint8Array<SharedArrayBuffer> | null)[]
  /** The same memory as 32-bit integers, of which a unit has two. */
  readonly words: (Int32Array<SharedArrayBuffer> | null)[]
  /** Called with each buffer made from now on, before any handle into it exists. */
  onChunk: ((chunk: ArenaChunk) => void) | null
  /** Bytes in blocks that are in use, rounded up to their class. */
  usedBytes: number
  /** Bytes of shared memory held. */
  reservedBytes: number

  readonly #chunkUse: number[]
  /** In a PAGED chunk, how many of its pages are in use. */
  readonly #pagesInUse: number[]
  readonly #spareChunks: number[]
  readonly #freeIds: number[]
  /** Ids dropped while they are kept: see {@link keepIds}. */
  readonly #keptIds: number[]
  #idsKept: boolean

  // By page: chunk × 64 + page in the chunk. A WHOLE chunk uses its first page's place.
  #pageClass: Int32Array
  #blocksInUse: Int32Array
  /** Blocks from this index on were never handed out. */
  #firstFresh: Int32Array
  /** The index of the first freed block; each of them holds the index of the next. */
  #firstFreed: Int32Array
  #nextPage: Int32Array
  #previousPage: Int32Array
  /** By class, the first page with room; under UNCLASSED, the first page without a class. */
  readonly #firstPage: Int32Array

  constructor() {
    this.chunks = []
    this.words = []
    this.onChunk = null
    this.usedBytes = 0
    this.reservedBytes = 0
    this.#chunkUse = []
    this.#pagesInUse = []
    this.#spareChunks = []
    this.#freeIds = []
    this.#keptIds = []
    this.#idsKept = false
    this.#pageClass = new Int32Array(PAGES_PER_CHUNK)
    this.#blocksInUse = new Int32Array(PAGES_PER_CHUNK)
    this.#firstFresh = new Int32Array(PAGES_PER_CHUNK)
    this.#firstFreed = new Int32Array(PAGES_PER_CHUNK)
    this.#nextPage = new Int32Array(PAGES_PER_CHUNK)
    this.#previousPage = new Int32Array(PAGES_PER_CHUNK)
    this.#firstPage = new Int32Array(SIZE_CLASSES + 1).fill(END)
  }

  /**
   * Takes a block of at least `bytes` bytes (> 0) and returns its handle, an unsigned 32-bit integer. The block's
   * content is whatever was there. Throws a RangeError beyond 32 GiB, as the system does when it is out of memory.
   */
  allocate(bytes: number): number {
    if (bytes > LARGEST_CLASS_BYTES) return this.#allocateSingle(bytes)
    const sizeClass = sizeClassOf(bytes)
    const units = unitsOfClass(sizeClass)
    let page = this.#firstPage[sizeClass]!
    if (page === END) page = this.#openPage(sizeClass, units)
    const base = page * UNITS_PER_PAGE
    let index = this.#firstFreed[page]!
    if (index === END) {
      index = this.#firstFresh[page]!
      this.#firstFresh[page] = index + 1
    } else {
      const handle = base + index * units
      this.#firstFreed[page] = this.words[handle >>> HANDLE_CHUNK_SHIFT]![(handle & HANDLE_UNIT_MASK) << 1]!
    }
    const inUse = this.#blocksInUse[page]! + 1
    this.#blocksInUse[page] = inUse
    if (inUse === this.#capacity(page, units)) this.#unlist(page, sizeClass)
    this.usedBytes += units << UNIT_SHIFT
    return base + index * units
  }

  /** Gives back a block that `allocate` returned; the handle may have become signed in an Int32Array. */
  free(handle: number): void {
    handle >>>= 0
    const chunk = handle >>> HANDLE_CHUNK_SHIFT
    const use = this.#chunkUse[chunk]!
    if (use === SINGLE) {
      this.usedBytes -= this.chunks[chunk]!.length
      this.#dropChunk(chunk)
      return
    }
    const page = use === WHOLE ? chunk << PAGES_SHIFT : handle >>> PAGE_SHIFT
    const sizeClass = this.#pageClass[page]!
    const units = unitsOfClass(sizeClass)
    this.words[chunk]![(handle & HANDLE_UNIT_MASK) << 1] = this.#firstFreed[page]!
    this.#firstFreed[page] = (handle - page * UNITS_PER_PAGE) / units
    this.usedBytes -= units << UNIT_SHIFT
    const inUse = this.#blocksInUse[page]! - 1
    this.#blocksInUse[page] = inUse
    if (inUse + 1 === this.#capacity(page, units)) this.#list(page, sizeClass)
    if (inUse === 0) this.#closePage(page, sizeClass)
  }

  /** Whether blocks of these sizes are of one class, so that one can become the other in place. */
  sameBlock(bytes: number, otherBytes: number): boolean {
    if (bytes > LARGEST_CLASS_BYTES || otherBytes > LARGEST_CLASS_BYTES) return bytes === otherBytes
    return sizeClassOf(bytes) === sizeClassOf(otherBytes)
  }

  /**
   * While `keep` is on, the id of a dropped chunk is not given to a new one. A thread that reads the arena knows
   * chunks by id, and must never look for a new chunk's block in an old buffer.
   */
  keepIds(keep: boolean): void {
    this.#idsKept = keep
    if (keep) return
    for (const id of this.#keptIds) this.#freeIds.push(id)
    this.#keptIds.length = 0
  }

  #capacity(page: number, units: number): number {
    const room = this.#chunkUse[page >>> PAGES_SHIFT] === WHOLE ? UNITS_PER_CHUNK : UNITS_PER_PAGE
    return (room / units) | 0
  }

  #openPage(sizeClass: number, units: number): number {
    const page = units << UNIT_SHIFT > LARGEST_PAGED_BYTES ? this.#takeWhole() : this.#takePage()
    this.#pageClass[page] = sizeClass
    this.#blocksInUse[page] = 0
    this.#firstFresh[page] = 0
    this.#firstFreed[page] = END
    this.#list(page, sizeClass)
    return page
  }

  #closePage(page: number, sizeClass: number): void {
    this.#unlist(page, sizeClass)
    const chunk = page >>> PAGES_SHIFT
    if (this.#chunkUse[chunk] === PAGED) {
      this.#list(page, UNCLASSED)
      this.#pagesInUse[chunk]! -= 1
      if (this.#pagesInUse[chunk]! > 0) return
      const firstPage = chunk << PAGES_SHIFT
      for (let i = 0; i < PAGES_PER_CHUNK; i += 1) this.#unlist(firstPage + i, UNCLASSED)
    }
    this.#chunkUse[chunk] = SPARE
    if (this.#spareChunks.length < MAX_SPARE_CHUNKS) this.#spareChunks.push(chunk)
    else this.#dropChunk(chunk)
  }

  #takeWhole(): number {
    const chunk = this.#spareChunks.pop() ?? this.#makeChunk(CHUNK_BYTES)
    this.#chunkUse[chunk] = WHOLE
    return chunk << PAGES_SHIFT
  }

  #takePage(): number {
    if (this.#firstPage[UNCLASSED] === END) {
      const chunk = this.#spareChunks.pop() ?? this.#makeChunk(CHUNK_BYTES)
      this.#chunkUse[chunk] = PAGED
      this.#pagesInUse[chunk] = 0
      const firstPage = chunk << PAGES_SHIFT
      for (let i = PAGES_PER_CHUNK - 1; i >= 0; i -= 1) this.#list(firstPage + i, UNCLASSED)
    }
    const page = this.#firstPage[UNCLASSED]!
    this.#unlist(page, UNCLASSED)
    this.#pagesInUse[page >>> PAGES_SHIFT]! += 1
    return page
  }

  #allocateSingle(bytes: number): number {
    const chunk = this.#makeChunk(Math.ceil(bytes / 8) * 8)
    this.#chunkUse[chunk] = SINGLE
    this.usedBytes += this.chunks[chunk]!.length
    return chunk * UNITS_PER_CHUNK
  }

  #list(page: number, list: number): void {
    const first = this.#firstPage[list]!
    this.#nextPage[page] = first
    this.#previousPage[page] = END
    if (first !== END) this.#previousPage[first] = page
    this.#firstPage[list] = page
  }

  #unlist(page: number, list: number): void {
    const next = this.#nextPage[page]!
    const previous = this.#previousPage[page]!
    if (next !== END) this.#previousPage[next] = previous
    if (previous !== END) this.#nextPage[previous] = next
    else this.#firstPage[list] = next
  }

  #makeChunk(bytes: number): number {
    const id = this.#freeIds.pop() ?? this.chunks.length
    if (id >= MAX_CHUNKS) throw new RangeError(`the arena holds at most ${MAX_CHUNKS} chunks`)
    const buffer = new SharedArrayBuffer(bytes)
    this.chunks[id] = new Uint8Array(buffer)
    this.words[id] = new Int32Array(buffer)
    this.#growPageTables((id + 1) << PAGES_SHIFT)
    this.reservedBytes += bytes
    this.onChunk?.({ id, buffer })
    return id
  }

  #dropChunk(chunk: number): void {
    this.reservedBytes -= this.chunks[chunk]!.length
    this.chunks[chunk] = null
    this.words[chunk] = null
    this.#chunkUse[chunk] = ABSENT
    if (this.#idsKept) this.#keptIds.push(chunk)
    else this.#freeIds.push(chunk)
  }

  #growPageTables(pages: number): void {
    if (pages <= this.#pageClass.length) return
    const grow = (table: Int32Array): Int32Array => {
      const grown = new Int32Array(Math.max(pages, table.length * 2))
      grown.set(table)
      return grown
    }
    this.#pageClass = grow(this.#pageClass)
    this.#blocksInUse = grow(this.#blocksInUse)
    this.#firstFresh = grow(this.#firstFresh)
    this.#firstFreed = grow(this.#firstFreed)
    this.#nextPage = grow(this.#nextPage)
    this.#previousPage = grow(this.#previousPage)
  }
}
