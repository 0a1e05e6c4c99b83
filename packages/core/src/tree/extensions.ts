import { type Arena, HANDLE_CHUNK_SHIFT, HANDLE_UNIT_MASK } from './arena.ts'
import {
  CTIME,
  CZXID,
  EXTENSION,
  NAME,
  NONE,
  PARENTAL,
  ROW_CHUNK_BITS,
  ROW_INTS,
  ROW_MASK,
  type RowField,
  type Rows,
} from './rows.ts'

/** A place in an extension. See {@link RowField}. */
export type ExtensionField = number & { readonly brand: 'extension' }

// What every extension has. As long as there is none, mzxid and mtime are czxid and ctime, and the others 0.
/** The high half of the `ephemeralOwner`, before the low one. */
export const OWNER = 0 as ExtensionField
export const OWNER_LOW = 1 as ExtensionField
export const MZXID = 2 as ExtensionField
export const MTIME = 4 as ExtensionField
export const VERSION = 6 as ExtensionField
export const AVERSION = 7 as ExtensionField
const CHANGED_INTS = 8

// What the extension of a parent has as well. As long as it has not, the pzxid is the czxid, and there are no children.
export const PZXID = 8 as ExtensionField
export const CVERSION = 10 as ExtensionField
export const CHILDREN = 11 as ExtensionField
export const FIRST_CHILD = 12 as ExtensionField

/** The 32-bit integers of the longer kind of extension. */
export const EXTENSION_INTS = 13

/** How many integers the extension of a row has, given the row's NAME field. */
export function extensionInts(name: number): number {
  return (name & PARENTAL) === 0 ? CHANGED_INTS : EXTENSION_INTS
}

/** Where an extension starts in `Arena.words[handle >>> HANDLE_CHUNK_SHIFT]`. */
export function extensionStart(handle: number): number {
  return (handle & HANDLE_UNIT_MASK) << 1
}

/**
 * The part of a row that most znodes never need, because they are not changed once they are created, and have no
 * children and no owner: 48 of 108 bytes. It is a block of the arena, made when one of its fields is first set and
 * freed with the znode; a leaf's is the front of a parent's, and gives way to one when that is needed.
 *
 * Another thread may copy it along with its row, so that whatever makes or changes it happens between the row's
 * `beginChange` and `endChange`. Only the children are this thread's alone.
 */
export class Extensions {
  readonly #rows: Rows
  readonly #arena: Arena

  constructor(rows: Rows, arena: Arena) {
    this.#rows = rows
    this.#arena = arena
  }

  /** A field of one integer, or `otherwise` if the row has not been extended by it. */
  get(row: number, field: ExtensionField, otherwise: number): number {
    if (!this.#has(row, field)) return otherwise
    const handle = this.#rows.get(row, EXTENSION)
    return this.#arena.words[handle >>> HANDLE_CHUNK_SHIFT]![extensionStart(handle) + field]!
  }

  /** A 64-bit field as a number, which is that field of the row if it has not been extended by this one. */
  getLong(row: number, field: ExtensionField, otherwise: RowField): number {
    if (!this.#has(row, field)) return this.#rows.getLong(row, otherwise)
    const handle = this.#rows.get(row, EXTENSION)
    const words = this.#arena.words[handle >>> HANDLE_CHUNK_SHIFT]!
    const at = extensionStart(handle) + field
    return words[at]! * 0x1_0000_0000 + (words[at + 1]! >>> 0)
  }

  set(row: number, field: ExtensionField, value: number): void {
    const handle = this.#extend(row, field)
    this.#arena.words[handle >>> HANDLE_CHUNK_SHIFT]![extensionStart(handle) + field] = value
  }

  setLong(row: number, field: ExtensionField, value: number): void {
    this.setHalves(row, field, Math.floor(value / 0x1_0000_0000), value)
  }

  /** Sets a 64-bit field to its high and low half. */
  setHalves(row: number, field: ExtensionField, high: number, low: number): void {
    const handle = this.#extend(row, field)
    const words = this.#arena.words[handle >>> HANDLE_CHUNK_SHIFT]!
    const at = extensionStart(handle) + field
    words[at] = high
    words[at + 1] = low
  }

  /** Sets what a change of the data sets: several fields at once, as this takes most of the time of a small change. */
  setChanged(row: number, version: number, zxid: number, timeMs: number): void {
    const handle = this.#extend(row, VERSION)
    const words = this.#arena.words[handle >>> HANDLE_CHUNK_SHIFT]!
    const at = extensionStart(handle)
    words[at + MZXID] = Math.floor(zxid / 0x1_0000_0000)
    words[at + MZXID + 1] = zxid
    words[at + MTIME] = Math.floor(timeMs / 0x1_0000_0000)
    words[at + MTIME + 1] = timeMs
    words[at + VERSION] = version
  }

  /** Makes a row the first child of `parent`, and returns which was. Children are for this thread alone. */
  addChild(parent: number, row: number): number {
    let handle = this.#rows.get(parent, EXTENSION)
    if (!this.#has(parent, CHILDREN)) {
      this.#rows.beginChange(parent)
      handle = this.#extend(parent, CHILDREN)
      this.#rows.endChange(parent)
    }
    const words = this.#arena.words[handle >>> HANDLE_CHUNK_SHIFT]!
    const at = extensionStart(handle)
    const first = words[at + FIRST_CHILD]!
    words[at + FIRST_CHILD] = row
    words[at + CHILDREN]! += 1
    return first
  }

  #has(row: number, field: ExtensionField): boolean {
    if (field >= CHANGED_INTS) return (this.#rows.get(row, NAME) & PARENTAL) !== 0
    return this.#rows.get(row, EXTENSION) !== NONE
  }

  /** The handle of a row's extension, which has the field now. */
  #extend(row: number, field: ExtensionField): number {
    const rows = this.#rows
    const old = rows.get(row, EXTENSION)
    if (this.#has(row, field)) return old
    const parental = field >= CHANGED_INTS
    const handle = this.#arena.allocate((parental ? EXTENSION_INTS : CHANGED_INTS) * 4)
    const words = this.#arena.words[handle >>> HANDLE_CHUNK_SHIFT]!
    const at = extensionStart(handle)
    if (old === NONE) this.#fillChanged(row, words, at)
    else {
      const from = this.#arena.words[old >>> HANDLE_CHUNK_SHIFT]!
      const fromAt = extensionStart(old)
      for (let i = 0; i < CHANGED_INTS; i += 1) words[at + i] = from[fromAt + i]!
    }
    if (parental) this.#fillParental(row, words, at)
    rows.set(row, EXTENSION, handle)
    if (old !== NONE) this.#arena.free(old)
    return handle
  }

  #fillChanged(row: number, words: Int32Array, at: number): void {
    const chunk = this.#rows.chunks[row >>> ROW_CHUNK_BITS]!
    const base = (row & ROW_MASK) * ROW_INTS
    words[at + OWNER] = 0
    words[at + OWNER_LOW] = 0
    words[at + MZXID] = chunk[base + CZXID]!
    words[at + MZXID + 1] = chunk[base + CZXID + 1]!
    words[at + MTIME] = chunk[base + CTIME]!
    words[at + MTIME + 1] = chunk[base + CTIME + 1]!
    words[at + VERSION] = 0
    words[at + AVERSION] = 0
  }

  #fillParental(row: number, words: Int32Array, at: number): void {
    const chunk = this.#rows.chunks[row >>> ROW_CHUNK_BITS]!
    const base = (row & ROW_MASK) * ROW_INTS
    words[at + PZXID] = chunk[base + CZXID]!
    words[at + PZXID + 1] = chunk[base + CZXID + 1]!
    words[at + CVERSION] = 0
    words[at + CHILDREN] = 0
    words[at + FIRST_CHILD] = NONE
    chunk[base + NAME]! |= PARENTAL
  }
}
