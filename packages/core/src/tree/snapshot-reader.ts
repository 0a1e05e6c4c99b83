import { type ACL, DEFAULT_MAX_FIELD, readUtf8 } from '@vivarium/protocol'
import { OPEN_ACL_ID, UNKNOWN_ACL_ID } from './acl-table.ts'
import { getInt } from './big-endian.ts'
import { DataTree } from './data-tree.ts'
import type { DataTreeOptions } from './stored-tree.ts'

const SLASH = 0x2f
/** The ACL id and the StatPersisted, which stand behind a znode's data. */
const ACL_ID_BYTES = 8
const STAT_BYTES = 60

// What comes next in the bytes.
const SESSION_COUNT = 0
const SESSION = 1
const ACL_COUNT = 2
const ACL_LIST = 3
const ACL_ENTRY = 4
const ZNODE = 5
const DONE = 6
const FAILED = 7

export interface SnapshotReaderOptions extends DataTreeOptions {
  /** The longest path or data that is accepted, in bytes (BinaryInputArchive.checkLength). */
  readonly maxFieldBytes?: number
}

/**
 * Loads the body of a snapshot, given in pieces of any size, into a new tree (FileSnap.deserialize,
 * DataTree.deserialize): what stands between the file's header and its first seal.
 *
 * Whatever the bytes, it reads on or ends with an {@link error}, and takes memory only for what is there. After an
 * error the tree is half filled and has to be dropped with the reader.
 *
 * @example
 * const reader = new SnapshotReader({ hashSeed })
 * while (!reader.done) {
 *   const consumed = reader.feed(piece, 0, piece.length)
 *   if (reader.error !== null) return corrupt(reader.error)
 *   …
 * }
 * reader.tree.lastProcessedZxid = zxidOfFileName
 */
export class SnapshotReader {
  /** Complete when {@link done} is true. */
  readonly tree: DataTree
  /** The sessions' timeouts in milliseconds, by session id. */
  readonly sessions: Map<bigint, number>
  /** What is wrong with the bytes, and where; null as long as nothing is. */
  error: string | null

  readonly #maxFieldBytes: number
  #next: number
  /** Elements that are still to come in the list being read, and lists in the ACL table. */
  #left: number
  #listsLeft: number
  #aclFileId: number
  #acl: ACL[]
  /** The ids of this tree by those of the file. */
  readonly #aclIds: Map<number, number>
  /** Bytes taken before the piece (or the carried bytes) being read. */
  #offset: number
  /** How many bytes the item being read has, as far as known: more than there are when it could not be read. */
  #need: number
  /** The start of an item that the last piece ended in. */
  #carried: Uint8Array
  #carriedLength: number

  constructor(options: SnapshotReaderOptions) {
    this.tree = new DataTree(options, true)
    this.sessions = new Map()
    this.error = null
    this.#maxFieldBytes = options.maxFieldBytes ?? DEFAULT_MAX_FIELD
    this.#next = SESSION_COUNT
    this.#left = 0
    this.#listsLeft = 0
    this.#aclFileId = 0
    this.#acl = []
    this.#aclIds = new Map([[OPEN_ACL_ID, OPEN_ACL_ID]])
    this.#offset = 0
    this.#need = 0
    this.#carried = new Uint8Array(4096)
    this.#carriedLength = 0
  }

  /** Whether the body has been read to its end. */
  get done(): boolean {
    return this.#next === DONE
  }

  /**
   * Reads the bytes from `start` to before `end` and returns how many of them belong to the body: all, unless it ends
   * in them or has an error.
   */
  feed(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    while (this.#carriedLength > 0 && this.#next < DONE) {
      const count = Math.min(this.#need - this.#carriedLength, end - at)
      if (count === 0) return at - start
      this.#carry(bytes, at, at + count)
      at += count
      if (this.#carriedLength < this.#need) return at - start
      const size = this.#item(this.#carried, 0, this.#carriedLength)
      if (size === 0) continue // It turned out to be longer.
      this.#offset += size
      this.#carriedLength = 0
    }
    while (this.#next < DONE) {
      const size = this.#item(bytes, at, end)
      if (size === 0) break
      at += size
      this.#offset += size
    }
    if (this.#next < DONE) {
      this.#carry(bytes, at, end)
      at = end
    }
    return at - start
  }

  #carry(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#carriedLength + end - start
    if (length > this.#carried.length) {
      const larger = new Uint8Array(Math.max(length, this.#carried.length * 2))
      larger.set(this.#carried.subarray(0, this.#carriedLength))
      this.#carried = larger
    }
    this.#carried.set(bytes.subarray(start, end), this.#carriedLength)
    this.#carriedLength = length
  }

  /** Reads one item and returns its size; 0 if it does not end before `end` or is wrong. */
  #item(bytes: Uint8Array, at: number, end: number): number {
    switch (this.#next) {
      case SESSION_COUNT:
        return this.#sessionCount(bytes, at, end)
      case SESSION:
        return this.#session(bytes, at, end)
      case ACL_COUNT:
        return this.#aclCount(bytes, at, end)
      case ACL_LIST:
        return this.#aclList(bytes, at, end)
      case ACL_ENTRY:
        return this.#aclEntry(bytes, at, end)
      default:
        return this.#znode(bytes, at, end)
    }
  }

  #sessionCount(bytes: Uint8Array, at: number, end: number): number {
    if (!this.#has(4, at, end)) return 0
    this.#left = getInt(bytes, at)
    this.#next = this.#left > 0 ? SESSION : ACL_COUNT
    return 4
  }

  #session(bytes: Uint8Array, at: number, end: number): number {
    if (!this.#has(12, at, end)) return 0
    const sessionId = (BigInt(getInt(bytes, at)) << 32n) | BigInt(getInt(bytes, at + 4) >>> 0)
    this.sessions.set(sessionId, getInt(bytes, at + 8))
    this.#left -= 1
    if (this.#left === 0) this.#next = ACL_COUNT
    return 12
  }

  #aclCount(bytes: Uint8Array, at: number, end: number): number {
    if (!this.#has(4, at, end)) return 0
    this.#listsLeft = getInt(bytes, at)
    this.#next = this.#listsLeft > 0 ? ACL_LIST : ZNODE
    return 4
  }

  #aclList(bytes: Uint8Array, at: number, end: number): number {
    if (!this.#has(12, at, end)) return 0
    this.#aclFileId = this.#aclId(bytes, at)
    this.#left = getInt(bytes, at + 8)
    if (this.#left === -1) return this.#fail('an ACL is null')
    this.#acl = []
    this.#next = ACL_ENTRY
    if (this.#left <= 0) this.#endAcl()
    return this.error === null ? 12 : 0
  }

  #aclEntry(bytes: Uint8Array, at: number, end: number): number {
    if (!this.#has(8, at, end)) return 0
    const perms = getInt(bytes, at)
    const schemeLength = getInt(bytes, at + 4)
    if (!this.#isLength(schemeLength)) return 0
    const idAt = at + 12 + Math.max(schemeLength, 0)
    if (!this.#has(idAt - at, at, end)) return 0
    const idLength = getInt(bytes, idAt - 4)
    if (!this.#isLength(idLength)) return 0
    const size = idAt - at + Math.max(idLength, 0)
    if (!this.#has(size, at, end)) return 0
    const scheme = schemeLength < 0 ? null : readUtf8(bytes, at + 8, at + 8 + schemeLength)
    const id = idLength < 0 ? null : readUtf8(bytes, idAt, idAt + idLength)
    this.#acl.push({ perms, id: { scheme, id } })
    this.#left -= 1
    if (this.#left === 0) this.#endAcl()
    return size
  }

  #endAcl(): void {
    this.#aclIds.set(this.#aclFileId, this.tree.acls.load(this.#acl))
    this.#listsLeft -= 1
    this.#next = this.#listsLeft > 0 ? ACL_LIST : ZNODE
  }

  #znode(bytes: Uint8Array, at: number, end: number): number {
    if (!this.#has(5, at, end)) return 0
    const pathLength = getInt(bytes, at)
    if (pathLength === -1) return this.#fail('a path is null')
    if (!this.#isLength(pathLength)) return 0
    if (pathLength === 1 && bytes[at + 4] === SLASH) return this.#end()
    const dataAt = at + 8 + pathLength
    if (!this.#has(dataAt - at, at, end)) return 0
    const dataLength = getInt(bytes, dataAt - 4)
    if (!this.#isLength(dataLength)) return 0
    const aclAt = dataAt + Math.max(dataLength, 0)
    const size = aclAt - at + ACL_ID_BYTES + STAT_BYTES
    if (!this.#has(size, at, end)) return 0
    const aclId = this.#aclIds.get(this.#aclId(bytes, aclAt)) ?? UNKNOWN_ACL_ID
    if (this.error !== null) return 0
    const wrong = this.tree.loadNode(bytes, at + 4, pathLength, dataAt, dataLength, aclId, aclAt + ACL_ID_BYTES)
    return wrong === null ? size : this.#fail(wrong)
  }

  #end(): number {
    if (!this.tree.isLive(0)) return this.#fail('there is no root')
    this.tree.acls.purgeUnused()
    this.#next = DONE
    return 5
  }

  /** Whether the item's first `size` bytes are there, and if not, notes that they are needed. */
  #has(size: number, at: number, end: number): boolean {
    this.#need = size
    return at + size <= end
  }

  #isLength(length: number): boolean {
    if (length >= -1 && length <= this.#maxFieldBytes) return true
    this.#fail(`unreasonable length ${length}`)
    return false
  }

  #aclId(bytes: Uint8Array, at: number): number {
    const id = getInt(bytes, at) * 0x1_0000_0000 + (getInt(bytes, at + 4) >>> 0)
    if (!Number.isSafeInteger(id)) this.#fail(`unreasonable ACL id ${id}`)
    return id
  }

  #fail(what: string): number {
    this.error ??= `${what}, in what starts at byte ${this.#offset} of the snapshot's body`
    this.#next = FAILED
    return 0
  }
}
