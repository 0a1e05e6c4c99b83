import { type ArenaChunk, HANDLE_CHUNK_SHIFT, HANDLE_UNIT_MASK } from './arena.ts'
import { putInt } from './big-endian.ts'
import { copyRange } from './copy-range.ts'
import {
  AVERSION,
  CVERSION,
  EXTENSION_INTS,
  extensionInts,
  extensionStart,
  MTIME,
  MZXID,
  OWNER,
  OWNER_LOW,
  PZXID,
  VERSION,
} from './extensions.ts'
import {
  BLOCK,
  CTIME,
  CZXID,
  EXTENSION,
  NAME,
  NONE,
  PARENTAL,
  ROW_CHUNK_BITS,
  ROW_INTS,
  ROW_MASK,
  SEQUENCE,
} from './rows.ts'
import { UNIT_SHIFT } from './size-classes.ts'

/**
 * A tree's shared memory at the moment a snapshot began. Can be posted to a worker thread (structured clone), where a
 * {@link SharedTreeReader} reads it while the tree goes on changing.
 */
export interface SharedTree {
  /** The tree's lastProcessedZxid then: the snapshot's zxid. */
  readonly zxid: number
  readonly rowCount: number
  readonly rowChunks: readonly SharedArrayBuffer[]
  readonly arenaChunks: readonly (SharedArrayBuffer | null)[]
}

/**
 * Reads rows, their extensions and their blocks out of memory that another thread may be changing, each in a consistent state.
 *
 * Only znodes from before the snapshot are seen: one that was created meanwhile has a larger czxid, and the log has its
 * transaction. So a row, an extension or a block
 * that is freed and used again meanwhile needs no protection but the row's seqlock.
 */
export class SharedTreeReader {
  readonly zxid: number
  readonly rowCount: number
  /** The row as it was when {@link open} last succeeded. */
  readonly row: Int32Array
  /** The row's extension at that moment, if it had one. */
  readonly #extension: Int32Array
  readonly #rowChunks: Int32Array<SharedArrayBuffer>[]
  readonly #arenaChunks: (Uint8Array<SharedArrayBuffer> | undefined)[]
  readonly #arenaWords: (Int32Array<SharedArrayBuffer> | undefined)[]
  readonly #moreChunks: () => readonly ArenaChunk[]
  readonly #fence: Int32Array
  #opened: number
  #sequence: number

  /**
   * @param moreChunks the chunks that `beginSnapshot`'s callback was given since the last call. Asked when a block or
   * an extension is in none of those known; the callback runs before a znode can be seen that has it, so what it sent
   * is on its way at the latest (in a worker: `receiveMessageOnPort`).
   */
  constructor(tree: SharedTree, moreChunks: () => readonly ArenaChunk[]) {
    this.zxid = tree.zxid
    this.rowCount = tree.rowCount
    this.row = new Int32Array(ROW_INTS)
    this.#extension = new Int32Array(EXTENSION_INTS)
    this.#rowChunks = tree.rowChunks.map((buffer) => new Int32Array(buffer))
    this.#arenaChunks = tree.arenaChunks.map((buffer) => (buffer === null ? undefined : new Uint8Array(buffer)))
    this.#arenaWords = tree.arenaChunks.map((buffer) => (buffer === null ? undefined : new Int32Array(buffer)))
    this.#moreChunks = moreChunks
    this.#fence = new Int32Array(1)
    this.#opened = 0
    this.#sequence = 0
  }

  /** Copies a row to {@link row}. False if it holds no znode, or one created after the snapshot began. */
  open(row: number): boolean {
    const chunk = this.#rowChunks[row >>> ROW_CHUNK_BITS]!
    const base = (row & ROW_MASK) * ROW_INTS
    this.#opened = row
    for (;;) {
      do this.#sequence = Atomics.load(chunk, base + SEQUENCE)
      while ((this.#sequence & 1) === 1)
      for (let field = 0; field < ROW_INTS; field += 1) this.row[field] = chunk[base + field]!
      if (!this.unchanged()) continue
      if (!this.#isFromBefore()) return false
      if (this.#copyExtension()) return true
    }
  }

  /** Writes the opened row's StatPersisted as jute writes it: 60 bytes. */
  writeStat(target: Uint8Array, at: number): void {
    const row = this.row
    const changed = row[EXTENSION] !== NONE
    const parental = (row[NAME]! & PARENTAL) !== 0
    const words = this.#extension
    putLong(target, at, row, CZXID)
    if (changed) putLong(target, at + 8, words, MZXID)
    else putLong(target, at + 8, row, CZXID)
    putLong(target, at + 16, row, CTIME)
    if (changed) putLong(target, at + 24, words, MTIME)
    else putLong(target, at + 24, row, CTIME)
    putInt(target, at + 32, changed ? words[VERSION]! : 0)
    putInt(target, at + 36, parental ? words[CVERSION]! : 0)
    putInt(target, at + 40, changed ? words[AVERSION]! : 0)
    putInt(target, at + 44, changed ? words[OWNER]! : 0)
    putInt(target, at + 48, changed ? words[OWNER_LOW]! : 0)
    if (parental) putLong(target, at + 52, words, PZXID)
    else putLong(target, at + 52, row, CZXID)
  }

  /**
   * Copies bytes of the opened row's block, which holds the name and behind it the data. They mean something only if
   * the row is {@link unchanged} afterwards.
   */
  copyBlock(from: number, length: number, target: Uint8Array, at: number): void {
    if (length === 0) return
    const handle = this.row[BLOCK]!
    const id = handle >>> HANDLE_CHUNK_SHIFT
    if (this.#arenaChunks[id] === undefined) this.#receive()
    const block = this.#arenaChunks[id]
    // Where there is none, the row has changed meanwhile, and the chunk is gone.
    if (block !== undefined) copyRange(block, ((handle & HANDLE_UNIT_MASK) << UNIT_SHIFT) + from, target, at, length)
  }

  /** Whether the row is as it was when it was opened, and what was copied of its block therefore what it had then. */
  unchanged(): boolean {
    // Loads before a release store are done before it, and an acquire load behind it is done after it: so nothing was
    // read later than the sequence is read here.
    Atomics.store(this.#fence, 0, 0)
    const at = (this.#opened & ROW_MASK) * ROW_INTS + SEQUENCE
    return Atomics.load(this.#rowChunks[this.#opened >>> ROW_CHUNK_BITS]!, at) === this.#sequence
  }

  #isFromBefore(): boolean {
    if (this.row[NAME]! >= 0) return false
    return this.row[CZXID]! * 0x1_0000_0000 + (this.row[CZXID + 1]! >>> 0) <= this.zxid
  }

  /** Copies the opened row's extension, if it has one. False if the row has changed meanwhile. */
  #copyExtension(): boolean {
    const handle = this.row[EXTENSION]!
    if (handle === NONE) return true
    const id = handle >>> HANDLE_CHUNK_SHIFT
    if (this.#arenaWords[id] === undefined) this.#receive()
    const words = this.#arenaWords[id]
    if (words === undefined) return false // The row has changed, and the chunk is gone.
    const start = extensionStart(handle)
    const count = extensionInts(this.row[NAME]!)
    for (let i = 0; i < count; i += 1) this.#extension[i] = words[start + i]!
    return this.unchanged()
  }

  #receive(): void {
    for (const { id, buffer } of this.#moreChunks()) {
      this.#arenaChunks[id] = new Uint8Array(buffer)
      this.#arenaWords[id] = new Int32Array(buffer)
    }
  }
}

function putLong(target: Uint8Array, at: number, from: Int32Array, field: number): void {
  putInt(target, at, from[field]!)
  putInt(target, at + 4, from[field + 1]!)
}
