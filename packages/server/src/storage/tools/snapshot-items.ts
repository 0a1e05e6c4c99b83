import { type ACL, DEFAULT_MAX_FIELD, Reader, StatPersisted } from '@vivarium/protocol'
import { readUint32 } from '../log-format.ts'

/** A znode as it stands in a snapshot. Data are a copy. */
export interface SnapshotNode {
  readonly path: string
  readonly data: Uint8Array | null
  readonly acl: readonly ACL[]
  readonly stat: StatPersisted
}

/** The longest path or data that is taken; no snapshot's are longer than a server's fields may be. */
const MAX_FIELD_BYTES = 2 ** 31 - 1
const STAT_BYTES = 60
/** What `int -1` means where lists are kept (ReferenceCountedACLCache). */
const OPEN_ACL: readonly ACL[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]

type Section = 'sessions' | 'lists' | 'list' | 'nodes' | 'done'

/**
 * Takes the body of a snapshot apart, given in pieces of any size: sessions, lists, znodes. Unlike core's `SnapshotReader`
 * it keeps no tree, so that memory is for a piece, the longest item, the sessions and the lists.
 */
export class SnapshotItems {
  /** Timeouts in milliseconds, by session id. */
  readonly sessions = new Map<bigint, number>()
  /** What is wrong with the bytes; null as long as nothing is. */
  error: string | null = null
  readonly #lists = new Map<number, readonly ACL[]>([[-1, OPEN_ACL]])
  #section: Section = 'sessions'
  /** Elements to come in the section; −1: their number is next. */
  #left = -1
  #listId = 0
  #listLeft = 0
  #list: ACL[] = []
  /** The start of an item that the last piece ended in, and how much of it must be there before it is looked at again. */
  #rest: Uint8Array[] = []
  #restBytes = 0
  #need = 0

  get done(): boolean {
    return this.#section === 'done'
  }

  /** Takes a piece; what it completes is added to `nodes`. Returns how many of its bytes belong to the body. */
  feed(piece: Uint8Array, nodes: SnapshotNode[]): number {
    if (this.#restBytes + piece.length < this.#need) {
      this.#keep(piece)
      return piece.length
    }
    const before = this.#restBytes
    const bytes = before === 0 ? piece : Buffer.concat([...this.#rest, piece])
    this.#rest = []
    this.#restBytes = 0
    let at = 0
    while (!this.done && this.error === null) {
      const size = this.#item(bytes, at, nodes)
      if (size === 0) break
      at += size
    }
    if (this.done || this.error !== null) return at - before
    this.#keep(bytes.subarray(at))
    return piece.length
  }

  #keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#rest.push(Uint8Array.from(bytes))
    this.#restBytes += bytes.length
  }

  /** Reads one item, and returns how long it is; 0 if it is not all there, or wrong. */
  #item(bytes: Uint8Array, at: number, nodes: SnapshotNode[]): number {
    switch (this.#section) {
      case 'sessions':
        return this.#session(bytes, at)
      case 'lists':
        return this.#listHead(bytes, at)
      case 'list':
        return this.#entry(bytes, at)
      default:
        return this.#node(bytes, at, nodes)
    }
  }

  #session(bytes: Uint8Array, at: number): number {
    if (this.#left === -1) return this.#count(bytes, at, 'lists')
    if (!this.#has(12, bytes, at)) return 0
    const reader = new Reader(bytes, at, at + 12)
    this.sessions.set(reader.long(), reader.int())
    if (--this.#left === 0) this.#enter('lists')
    return 12
  }

  #listHead(bytes: Uint8Array, at: number): number {
    if (this.#left === -1) return this.#count(bytes, at, 'nodes')
    if (!this.#has(12, bytes, at)) return 0
    this.#listId = Number(new Reader(bytes, at, at + 8).long())
    this.#list = []
    this.#listLeft = readUint32(bytes, at + 8) | 0
    this.#section = 'list'
    if (this.#listLeft <= 0) this.#endList()
    return 12
  }

  #entry(bytes: Uint8Array, at: number): number {
    if (!this.#has(8, bytes, at)) return 0
    const schemeBytes = this.#length(bytes, at + 4)
    if (schemeBytes < 0 || !this.#has(12 + schemeBytes, bytes, at)) return 0
    const idBytes = this.#length(bytes, at + 8 + schemeBytes)
    const size = 12 + schemeBytes + idBytes
    if (idBytes < 0 || !this.#has(size, bytes, at)) return 0
    const reader = new Reader(bytes, at, at + size, DEFAULT_MAX_FIELD)
    this.#list.push({ perms: reader.int(), id: { scheme: reader.string(), id: reader.string() } })
    if (--this.#listLeft === 0) this.#endList()
    return size
  }

  #endList(): void {
    this.#lists.set(this.#listId, this.#list)
    this.#section = 'lists'
    if (--this.#left === 0) this.#enter('nodes')
  }

  #node(bytes: Uint8Array, at: number, nodes: SnapshotNode[]): number {
    if (!this.#has(5, bytes, at)) return 0
    const pathBytes = this.#length(bytes, at)
    if (pathBytes < 0) return 0
    if (pathBytes === 1 && bytes[at + 4] === 0x2f) {
      this.#section = 'done'
      return 5
    }
    if (!this.#has(8 + pathBytes, bytes, at)) return 0
    const dataBytes = this.#length(bytes, at + 4 + pathBytes)
    const size = 8 + pathBytes + dataBytes + 8 + STAT_BYTES
    if (dataBytes < 0 || !this.#has(size, bytes, at)) return 0
    const reader = new Reader(bytes, at, at + size, MAX_FIELD_BYTES)
    const path = reader.text()
    const data = reader.buffer()
    const acl = this.#lists.get(Number(reader.long())) ?? []
    const stat = StatPersisted.read(reader)
    nodes.push({ path: path === '' ? '/' : path, data: data === null ? null : Uint8Array.from(data), acl, stat })
    return size
  }

  /** Reads how many there are of what the section is of; none: the next section follows. */
  #count(bytes: Uint8Array, at: number, next: Section): number {
    if (!this.#has(4, bytes, at)) return 0
    this.#left = Math.max(0, readUint32(bytes, at) | 0)
    if (this.#left === 0) this.#enter(next)
    return 4
  }

  #enter(section: Section): void {
    this.#section = section
    this.#left = -1
  }

  /** The length of a field as it stands there, 0 for null; −1 if there can be none of that length. */
  #length(bytes: Uint8Array, at: number): number {
    const length = readUint32(bytes, at) | 0
    if (length >= -1) return Math.max(0, length)
    this.error ??= `a field of ${length} bytes`
    return -1
  }

  /** Whether the first `size` bytes of an item are there; if not, notes that they are needed. */
  #has(size: number, bytes: Uint8Array, at: number): boolean {
    this.#need = size
    return at + size <= bytes.length
  }
}
