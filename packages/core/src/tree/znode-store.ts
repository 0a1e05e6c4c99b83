import { Arena, HANDLE_CHUNK_SHIFT, HANDLE_UNIT_MASK } from './arena.ts'
import { copyRange } from './copy-range.ts'
import { CHILDREN, Extensions, FIRST_CHILD } from './extensions.ts'
import { PathIndex } from './path-index.ts'
import {
  BLOCK,
  DATA_LENGTH,
  EXTENSION,
  LIVE,
  NAME,
  NAME_LENGTH_MASK,
  NEXT_SIBLING,
  NONE,
  PARENT,
  PREVIOUS_SIBLING,
  ROW_CHUNK_BITS,
  ROW_INTS,
  ROW_MASK,
  Rows,
} from './rows.ts'
import { UNIT_SHIFT } from './size-classes.ts'

const SLASH = 0x2f

/** The root's row. */
export const ROOT = 0

/**
 * Znodes as rows, blocks and an index over them: their shape, names and data. What their Stats mean, and which changes
 * are allowed, is {@link DataTree}'s business.
 */
export class ZnodeStore {
  readonly rows: Rows
  readonly arena: Arena
  readonly extensions: Extensions
  readonly index: PathIndex
  /** Bytes of all paths and data. */
  contentBytes: number

  constructor(hashSeed: number) {
    this.rows = new Rows()
    this.arena = new Arena()
    this.extensions = new Extensions(this.rows, this.arena)
    this.index = new PathIndex(this.rows, this.arena, hashSeed)
    this.contentBytes = 0
  }

  /** The row of a path's znode, or {@link NONE}. The root is both "" and "/"; no other path may end with a slash. */
  lookup(path: Uint8Array, start: number, end: number): number {
    if (end - start > 1) return this.index.find(path, start, end, this.index.hash(path, start, end))
    if (this.rows.highWater === 0) return NONE
    return start === end || path[start] === SLASH ? ROOT : NONE
  }

  /**
   * Adds a znode under `parent`, where none of this path may be, and leaves its row open for change: the caller sets
   * the rest of the fields and then calls `rows.endChange`. The first one added, with an empty path, is the root.
   *
   * @param nameStart where the last element of the path starts
   * @param hash the index's hash of the path
   */
  add(
    parent: number,
    path: Uint8Array,
    start: number,
    nameStart: number,
    end: number,
    hash: number,
    flags: number,
    data: Uint8Array | null,
    dataStart: number,
    dataLength: number,
  ): number {
    const { rows } = this
    const row = rows.allocate()
    rows.beginChange(row)
    const chunk = rows.chunks[row >>> ROW_CHUNK_BITS]!
    const base = (row & ROW_MASK) * ROW_INTS
    const nameLength = end - nameStart
    const blockLength = nameLength + Math.max(dataLength, 0)
    chunk[base + NAME] = LIVE | flags | nameLength
    chunk[base + DATA_LENGTH] = dataLength
    chunk[base + BLOCK] = 0
    if (blockLength > 0) {
      const handle = this.arena.allocate(blockLength)
      chunk[base + BLOCK] = handle
      const block = this.arena.chunks[handle >>> HANDLE_CHUNK_SHIFT]!
      const at = blockStart(handle)
      copyRange(path, nameStart, block, at, nameLength)
      if (data !== null) copyRange(data, dataStart, block, at + nameLength, dataLength)
    }
    chunk[base + EXTENSION] = NONE
    chunk[base + PARENT] = parent
    if (parent === NONE) {
      chunk[base + NEXT_SIBLING] = NONE
      chunk[base + PREVIOUS_SIBLING] = NONE
    } else {
      this.#link(row, parent)
      this.index.insert(row, hash)
    }
    this.contentBytes += end - start + Math.max(dataLength, 0)
    return row
  }

  /** Removes a znode without children, which is not the root, given the index's hash of its path. */
  remove(row: number, hash: number): void {
    const { rows } = this
    this.contentBytes -= this.pathLength(row) + Math.max(rows.get(row, DATA_LENGTH), 0)
    this.index.remove(row, hash)
    this.#unlink(row)
    const block = rows.get(row, BLOCK)
    const extension = rows.get(row, EXTENSION)
    rows.free(row)
    // Only now, so that who reads these finds the row changed.
    this.arena.free(block)
    if (extension !== NONE) this.arena.free(extension)
  }

  /** Replaces the data and leaves the row open for change: the caller ends it. */
  replaceData(row: number, data: Uint8Array | null): void {
    const { rows, arena } = this
    const chunk = rows.chunks[row >>> ROW_CHUNK_BITS]!
    const base = (row & ROW_MASK) * ROW_INTS
    const nameLength = chunk[base + NAME]! & NAME_LENGTH_MASK
    const oldLength = nameLength + Math.max(chunk[base + DATA_LENGTH]!, 0)
    const newLength = nameLength + (data === null ? 0 : data.length)
    const oldHandle = chunk[base + BLOCK]!
    rows.beginChange(row)
    if (oldLength === 0 || newLength === 0 || !arena.sameBlock(oldLength, newLength)) {
      // From one block to another, or, at the root, which has no name, to or from none.
      const handle = newLength === 0 ? 0 : arena.allocate(newLength)
      if (nameLength > 0) {
        const from = arena.chunks[oldHandle >>> HANDLE_CHUNK_SHIFT]!
        const to = arena.chunks[handle >>> HANDLE_CHUNK_SHIFT]!
        copyRange(from, blockStart(oldHandle), to, blockStart(handle), nameLength)
      }
      chunk[base + BLOCK] = handle
      if (oldLength > 0) arena.free(oldHandle)
    }
    chunk[base + DATA_LENGTH] = data === null ? -1 : data.length
    if (data !== null && data.length > 0) {
      const handle = chunk[base + BLOCK]!
      copyRange(data, 0, arena.chunks[handle >>> HANDLE_CHUNK_SHIFT]!, blockStart(handle) + nameLength, data.length)
    }
    this.contentBytes += newLength - oldLength
  }

  /** Copies the data into `target` from offset `at` on. */
  copyData(row: number, target: Uint8Array, at: number): void {
    const chunk = this.rows.chunks[row >>> ROW_CHUNK_BITS]!
    const base = (row & ROW_MASK) * ROW_INTS
    const length = chunk[base + DATA_LENGTH]!
    if (length <= 0) return
    const handle = chunk[base + BLOCK]!
    const nameLength = chunk[base + NAME]! & NAME_LENGTH_MASK
    copyRange(this.arena.chunks[handle >>> HANDLE_CHUNK_SHIFT]!, blockStart(handle) + nameLength, target, at, length)
  }

  nameLength(row: number): number {
    return this.rows.get(row, NAME) & NAME_LENGTH_MASK
  }

  copyName(row: number, target: Uint8Array, at: number): void {
    const chunk = this.rows.chunks[row >>> ROW_CHUNK_BITS]!
    const base = (row & ROW_MASK) * ROW_INTS
    const length = chunk[base + NAME]! & NAME_LENGTH_MASK
    if (length === 0) return
    const handle = chunk[base + BLOCK]!
    copyRange(this.arena.chunks[handle >>> HANDLE_CHUNK_SHIFT]!, blockStart(handle), target, at, length)
  }

  /** Length of the path in bytes; the root's is empty. */
  pathLength(row: number): number {
    let length = 0
    for (let at = row; at !== ROOT; at = this.rows.get(at, PARENT)) length += this.nameLength(at) + 1
    return length
  }

  /** Writes the path so that it ends before offset `end`: {@link pathLength} bytes. */
  copyPathBefore(row: number, target: Uint8Array, end: number): void {
    let at = end
    for (let node = row; node !== ROOT; node = this.rows.get(node, PARENT)) {
      at -= this.nameLength(node)
      this.copyName(node, target, at)
      at -= 1
      target[at] = SLASH
    }
  }

  /** The links between siblings are for this thread alone, so they need no seqlock. */
  #link(row: number, parent: number): void {
    const { rows, extensions } = this
    const first = extensions.addChild(parent, row)
    rows.set(row, NEXT_SIBLING, first)
    rows.set(row, PREVIOUS_SIBLING, NONE)
    if (first !== NONE) rows.set(first, PREVIOUS_SIBLING, row)
  }

  #unlink(row: number): void {
    const { rows, extensions } = this
    const parent = rows.get(row, PARENT)
    const next = rows.get(row, NEXT_SIBLING)
    const previous = rows.get(row, PREVIOUS_SIBLING)
    if (next !== NONE) rows.set(next, PREVIOUS_SIBLING, previous)
    if (previous !== NONE) rows.set(previous, NEXT_SIBLING, next)
    else extensions.set(parent, FIRST_CHILD, next)
    extensions.set(parent, CHILDREN, extensions.get(parent, CHILDREN, 0) - 1)
  }
}

/** Where a block starts in its chunk, in bytes. */
function blockStart(handle: number): number {
  return (handle & HANDLE_UNIT_MASK) << UNIT_SHIFT
}
