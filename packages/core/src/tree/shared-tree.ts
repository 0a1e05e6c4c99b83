import { type ArenaChunk, HANDLE_CHUNK_SHIFT, HANDLE_UNIT_MASK } from './arena.ts'
import { copyRange } from './copy-range.ts'
import { BLOCK, CZXID, NAME, ROW_CHUNK_BITS, ROW_INTS, ROW_MASK, SEQUENCE } from './rows.ts'
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
 * Reads rows and their blocks out of memory that another thread may be changing, each in a consistent state.
 *
 * Only znodes from before the snapshot are seen: one that was created meanwhile has a larger czxid, and the log has its
 * transaction. So a row or block that is freed and used again meanwhile needs no protection.
 */
export class SharedTreeReader {
  readonly zxid: number
  readonly rowCount: number
  /** The row as it was when {@link open} last succeeded. */
  readonly row: Int32Array
  readonly #rowChunks: Int32Array<SharedArrayBuffer>[]
  readonly #arenaChunks: (Uint8Array<SharedArrayBuffer> | undefined)[]
  readonly #moreChunks: () => readonly ArenaChunk[]
  readonly #fence: Int32Array
  #opened: number
  #sequence: number

  /**
   * @param moreChunks the chunks that `beginSnapshot`'s callback was given since the last call. Asked when a block is
   * in none of those known; the callback runs before the block's znode can be seen, so what it sent is on its way at
   * the latest (in a worker: `receiveMessageOnPort`).
   */
  constructor(tree: SharedTree, moreChunks: () => readonly ArenaChunk[]) {
    this.zxid = tree.zxid
    this.rowCount = tree.rowCount
    this.row = new Int32Array(ROW_INTS)
    this.#rowChunks = tree.rowChunks.map((buffer) => new Int32Array(buffer))
    this.#arenaChunks = tree.arenaChunks.map((buffer) => (buffer === null ? undefined : new Uint8Array(buffer)))
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
    do {
      do this.#sequence = Atomics.load(chunk, base + SEQUENCE)
      while ((this.#sequence & 1) === 1)
      for (let field = 0; field < ROW_INTS; field += 1) this.row[field] = chunk[base + field]!
    } while (!this.#unchanged())
    if (this.row[NAME]! >= 0) return false
    return this.row[CZXID]! * 0x1_0000_0000 + (this.row[CZXID + 1]! >>> 0) <= this.zxid
  }

  /**
   * Copies bytes of the opened row's block, which holds the name and behind it the data. False if the row has changed
   * since it was opened: what was copied then means nothing, and the row has to be opened again.
   */
  copyBlock(from: number, length: number, target: Uint8Array, at: number): boolean {
    if (length === 0) return true
    const handle = this.row[BLOCK]!
    const id = handle >>> HANDLE_CHUNK_SHIFT
    const block = this.#arenaChunks[id] ?? this.#receive(id)
    if (block !== undefined) copyRange(block, ((handle & HANDLE_UNIT_MASK) << UNIT_SHIFT) + from, target, at, length)
    return this.#unchanged() && block !== undefined
  }

  #unchanged(): boolean {
    // Loads before a release store are done before it, and an acquire load behind it is done after it: so nothing was
    // read later than the sequence is read here.
    Atomics.store(this.#fence, 0, 0)
    const at = (this.#opened & ROW_MASK) * ROW_INTS + SEQUENCE
    return Atomics.load(this.#rowChunks[this.#opened >>> ROW_CHUNK_BITS]!, at) === this.#sequence
  }

  #receive(id: number): Uint8Array<SharedArrayBuffer> | undefined {
    for (const { id, buffer } of this.#moreChunks()) this.#arenaChunks[id] = new Uint8Array(buffer)
    return this.#arenaChunks[id]
  }
}
