import { readUtf8, type StatPersisted, type Writer, writeUtf8 } from '@vivarium/protocol'
import { HANDLE_CHUNK_SHIFT } from './arena.ts'
import { putInt } from './big-endian.ts'
import {
  AVERSION,
  CHILDREN,
  CVERSION,
  extensionStart,
  FIRST_CHILD,
  MTIME,
  MZXID,
  OWNER,
  OWNER_LOW,
  PZXID,
  VERSION,
} from './extensions.ts'
import { NodeKind, ttlOfOwner } from './node-kind.ts'
import {
  ACL_ID,
  CTIME,
  CZXID,
  DATA_LENGTH,
  EXTENSION,
  KIND_MASK,
  KIND_SHIFT,
  NAME,
  NEXT_SIBLING,
  NONE,
  PARENT,
  PARENTAL,
  PREFIX_CRC,
  ROW_CHUNK_BITS,
  ROW_INTS,
  ROW_MASK,
} from './rows.ts'
import { ROOT, type ZnodeStore } from './znode-store.ts'

/** Bytes of a Stat on the wire. */
export const STAT_BYTES = 68

/**
 * What can be asked of a tree of znodes.
 *
 * A znode is known by its node number, a small integer that holds good until the znode is deleted. Except for
 * {@link lookup}, {@link find} and {@link isLive}, methods take only the numbers of znodes that exist.
 */
export class TreeView {
  protected readonly store: ZnodeStore
  /** Where paths given as strings are written, and paths are put together. */
  #scratch: Uint8Array
  #hashedLength = 0

  protected constructor(store: ZnodeStore) {
    this.store = store
    this.#scratch = new Uint8Array(256)
  }

  /**
   * The znode whose path, in UTF-8, stands in `bytes` from `start` to before `end`; {@link NONE} if there is none. No
   * path is refused: "" and "/" are the root, and what is no valid path is not found.
   */
  lookup(bytes: Uint8Array, start: number, end: number): number {
    return this.store.lookup(bytes, start, end)
  }

  /** {@link lookup} for a path that is a string already. */
  find(path: string): number {
    const length = this.encodePath(path)
    return this.store.lookup(this.#scratch, 0, length)
  }

  /** The hash of a path, keyed so that nobody can choose paths that collide. The path can be looked for by it at once. */
  hashOf(path: string): number {
    this.#hashedLength = this.encodePath(path)
    return this.store.index.hash(this.#scratch, 0, this.#hashedLength)
  }

  /** {@link find} for the path that was hashed last, by {@link hashOf}, with nothing else asked since. */
  findHashed(hash: number): number {
    const length = this.#hashedLength
    return length > 1
      ? this.store.index.find(this.#scratch, 0, length, hash)
      : this.store.lookup(this.#scratch, 0, length)
  }

  /** Whether there is a znode with this number. */
  isLive(node: number): boolean {
    return node >= 0 && node < this.store.rows.highWater && this.store.rows.get(node, NAME) < 0
  }

  /** The path; "/" for the root. */
  pathOf(node: number): string {
    if (node === ROOT) return '/'
    const length = this.store.pathLength(node)
    this.#reserve(length)
    this.store.copyPathBefore(node, this.#scratch, length)
    return readUtf8(this.#scratch, 0, length)
  }

  /** The last element of the path; "" for the root. */
  nameOf(node: number): string {
    const length = this.store.nameLength(node)
    this.#reserve(length)
    this.store.copyName(node, this.#scratch, 0)
    return readUtf8(this.#scratch, 0, length)
  }

  /** The parent, or {@link NONE} for the root. */
  parentOf(node: number): number {
    return this.store.rows.get(node, PARENT)
  }

  /** One of the children, from which {@link nextSibling} leads to all of them, in no particular order. */
  firstChild(node: number): number {
    return this.store.extensions.get(node, FIRST_CHILD, NONE)
  }

  nextSibling(node: number): number {
    return this.store.rows.get(node, NEXT_SIBLING)
  }

  /** Calls `visit` with each child. It may delete the child it is called with. */
  forEachChild(node: number, visit: (child: number) => void): void {
    for (let child = this.firstChild(node); child !== NONE; ) {
      const next = this.nextSibling(child)
      visit(child)
      child = next
    }
  }

  childCount(node: number): number {
    return this.store.extensions.get(node, CHILDREN, 0)
  }

  /** How many znodes there are below this one. Walks over them, but for the root. */
  descendantCount(node: number): number {
    if (node === ROOT) return this.store.rows.live - 1
    let count = 0
    for (let at = this.nextBelow(node, node); at !== NONE; at = this.nextBelow(at, node)) count += 1
    return count
  }

  /** How many there are, the root counted twice as Java counts it (under "" and under "/"). */
  get nodeCount(): number {
    return this.store.rows.live + 1
  }

  /** Bytes of all paths and data (DataTree.approximateDataSize, which counts a path's characters). */
  get approximateDataSize(): number {
    return this.store.contentBytes + 1 // "/", under which Java counts the root once more.
  }

  czxid(node: number): number {
    return this.store.rows.getLong(node, CZXID)
  }

  mzxid(node: number): number {
    return this.store.extensions.getLong(node, MZXID, CZXID)
  }

  pzxid(node: number): number {
    return this.store.extensions.getLong(node, PZXID, CZXID)
  }

  /** Milliseconds since 1970. */
  ctime(node: number): number {
    return this.store.rows.getLong(node, CTIME)
  }

  /** Milliseconds since 1970. */
  mtime(node: number): number {
    return this.store.extensions.getLong(node, MTIME, CTIME)
  }

  version(node: number): number {
    return this.store.extensions.get(node, VERSION, 0)
  }

  /** As stored: it counts the children ever created. Clients are shown twice that minus the children there are. */
  cversion(node: number): number {
    return this.store.extensions.get(node, CVERSION, 0)
  }

  aversion(node: number): number {
    return this.store.extensions.get(node, AVERSION, 0)
  }

  /** The id of the access control list in `DataTree.acls`. */
  aclId(node: number): number {
    return this.store.rows.get(node, ACL_ID)
  }

  kind(node: number): NodeKind {
    return ((this.store.rows.get(node, NAME) >>> KIND_SHIFT) & KIND_MASK) as NodeKind
  }

  /** Whether the znode belongs to a session, and goes with it. */
  ownerIsSession(node: number): boolean {
    return this.kind(node) === NodeKind.EPHEMERAL
  }

  /** The `ephemeralOwner` as stored: a session id, or what marks a container or a TTL znode. */
  owner(node: number): bigint {
    const high = this.store.extensions.get(node, OWNER, 0)
    const low = this.store.extensions.get(node, OWNER_LOW, 0)
    if (high === 0 && low === 0) return 0n
    return (BigInt(high) << 32n) | BigInt(low >>> 0)
  }

  /** The time to live of a TTL znode, in milliseconds. */
  ttl(node: number): number {
    const { extensions } = this.store
    return ttlOfOwner(extensions.get(node, OWNER, 0), extensions.get(node, OWNER_LOW, 0))
  }

  /** Bytes of data; 0 when it is null. */
  dataLength(node: number): number {
    return Math.max(this.store.rows.get(node, DATA_LENGTH), 0)
  }

  /** Whether the data is null, which is not the same as empty. */
  dataIsNull(node: number): boolean {
    return this.store.rows.get(node, DATA_LENGTH) < 0
  }

  /** A copy of the data. */
  data(node: number): Uint8Array | null {
    if (this.dataIsNull(node)) return null
    const copy = new Uint8Array(this.dataLength(node))
    this.store.copyData(node, copy, 0)
    return copy
  }

  /** Copies the data into `target` from offset `at` on: {@link dataLength} bytes. */
  copyData(node: number, target: Uint8Array, at: number): void {
    this.store.copyData(node, target, at)
  }

  /**
   * Writes the Stat that clients are told (DataNode.copyStat), {@link STAT_BYTES} bytes as jute writes it, without
   * making a record of it: 30 ns.
   */
  writeStat(node: number, target: Uint8Array, at: number): void {
    const row = this.store.rows.chunks[node >>> ROW_CHUNK_BITS]!
    const base = (node & ROW_MASK) * ROW_INTS
    const name = row[base + NAME]!
    const handle = row[base + EXTENSION]!
    const changed = handle !== NONE
    const parental = (name & PARENTAL) !== 0
    const session = ((name >>> KIND_SHIFT) & KIND_MASK) === NodeKind.EPHEMERAL
    // What is not extended is equal to the row's own fields, or zero.
    const words = changed ? this.store.arena.words[handle >>> HANDLE_CHUNK_SHIFT]! : row
    const from = extensionStart(handle)
    const mzxid = changed ? from + MZXID : base + CZXID
    const mtime = changed ? from + MTIME : base + CTIME
    const pzxid = parental ? from + PZXID : base + CZXID
    const pzxidIn = parental ? words : row
    const children = parental ? words[from + CHILDREN]! : 0
    putInt(target, at, row[base + CZXID]!)
    putInt(target, at + 4, row[base + CZXID + 1]!)
    putInt(target, at + 8, words[mzxid]!)
    putInt(target, at + 12, words[mzxid + 1]!)
    putInt(target, at + 16, row[base + CTIME]!)
    putInt(target, at + 20, row[base + CTIME + 1]!)
    putInt(target, at + 24, words[mtime]!)
    putInt(target, at + 28, words[mtime + 1]!)
    putInt(target, at + 32, changed ? words[from + VERSION]! : 0)
    putInt(target, at + 36, parental ? words[from + CVERSION]! * 2 - children : 0)
    putInt(target, at + 40, changed ? words[from + AVERSION]! : 0)
    putInt(target, at + 44, session ? words[from + OWNER]! : 0)
    putInt(target, at + 48, session ? words[from + OWNER_LOW]! : 0)
    putInt(target, at + 52, Math.max(row[base + DATA_LENGTH]!, 0))
    putInt(target, at + 56, children)
    putInt(target, at + 60, pzxidIn[pzxid]!)
    putInt(target, at + 64, pzxidIn[pzxid + 1]!)
  }

  /** Fills in the fields of a Stat as they are stored: one look at the row for all of them. */
  readStat(node: number, stat: StatPersisted): void {
    const row = this.store.rows.chunks[node >>> ROW_CHUNK_BITS]!
    const base = (node & ROW_MASK) * ROW_INTS
    const handle = row[base + EXTENSION]!
    const changed = handle !== NONE
    const parental = (row[base + NAME]! & PARENTAL) !== 0
    const words = changed ? this.store.arena.words[handle >>> HANDLE_CHUNK_SHIFT]! : row
    const from = extensionStart(handle)
    stat.czxid = longAt(row, base + CZXID)
    stat.ctime = longAt(row, base + CTIME)
    stat.mzxid = changed ? longAt(words, from + MZXID) : stat.czxid
    stat.mtime = changed ? longAt(words, from + MTIME) : stat.ctime
    stat.pzxid = parental ? longAt(words, from + PZXID) : stat.czxid
    stat.version = changed ? words[from + VERSION]! : 0
    stat.cversion = parental ? words[from + CVERSION]! : 0
    stat.aversion = changed ? words[from + AVERSION]! : 0
    stat.ephemeralOwner = this.kind(node) === NodeKind.PERSISTENT ? 0n : this.owner(node)
  }

  /** Writes the children's names as jute's vector of strings, in no particular order. */
  writeChildren(node: number, writer: Writer): void {
    const { store } = this
    writer.int(this.childCount(node))
    for (let child = this.firstChild(node); child !== NONE; child = this.nextSibling(child)) {
      const length = store.nameLength(child)
      writer.int(length)
      writer.ensure(length)
      store.copyName(child, writer.bytes, writer.length)
      writer.length += length
    }
  }

  /** The CRC-32 of path and data, from which `nodeDigest` goes on. Meaningful only while digests are kept. */
  prefixCrc(node: number): number {
    return this.store.rows.get(node, PREFIX_CRC) >>> 0
  }

  /** Bytes of memory held for znodes: shared chunks and the path index. */
  get reservedBytes(): number {
    const { rows, arena, index } = this.store
    return rows.reservedBytes + arena.reservedBytes + index.reservedBytes
  }

  /** Bytes of names, data and the rows' extensions in use, rounded up to the blocks that hold them. */
  get usedBytes(): number {
    return this.store.arena.usedBytes
  }

  /** The fullest bucket of the path index: a measure for tests and metrics. Walks everything. */
  longestChain(): number {
    return this.store.index.longestChain()
  }

  /** Writes a path into {@link pathBytes} and returns its length there. */
  protected encodePath(path: string): number {
    this.#reserve(path.length * 3)
    return writeUtf8(path, this.#scratch, 0)
  }

  protected get pathBytes(): Uint8Array {
    return this.#scratch
  }

  /** The znode after `node` on a walk, parents first, over what is below `top`; {@link NONE} at its end. */
  protected nextBelow(node: number, top: number): number {
    const child = this.firstChild(node)
    if (child !== NONE) return child
    for (let at = node; at !== top; at = this.parentOf(at)) {
      const sibling = this.nextSibling(at)
      if (sibling !== NONE) return sibling
    }
    return NONE
  }

  #reserve(length: number): void {
    if (length > this.#scratch.length) this.#scratch = new Uint8Array(length * 2)
  }
}

function longAt(words: Int32Array, at: number): number {
  return words[at]! * 0x1_0000_0000 + (words[at + 1]! >>> 0)
}
