import { type OwnerOptions, READ_ACL_UNSAFE, readUtf8 } from '@vivarium/protocol'
import { AclTable, OPEN_ACL_ID } from './acl-table.ts'
import type { ArenaChunk } from './arena.ts'
import { getInt } from './big-endian.ts'
import { crc32 } from './crc32.ts'
import { isUndigested, pathDataCrc, rowDigest, TreeDigest } from './digest.ts'
import { kindOfOwner, NodeKind } from './node-kind.ts'
import { OwnerIndex } from './owner-index.ts'
import {
  ACL_ID,
  AVERSION,
  CTIME,
  CVERSION,
  CZXID,
  DATA_LENGTH,
  KIND_SHIFT,
  MTIME,
  MZXID,
  NAME,
  NONE,
  OWNER,
  PREFIX_CRC,
  PZXID,
  ROW_CHUNK_BITS,
  ROW_INTS,
  ROW_MASK,
  UNDIGESTED,
  VERSION,
} from './rows.ts'
import type { SharedTree } from './shared-tree.ts'
import { TreeView } from './tree-view.ts'
import { ROOT, ZnodeStore } from './znode-store.ts'

const SLASH = 0x2f
const SPECIAL_PATHS = ['', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'] as const
const CONFIG_PATH = SPECIAL_PATHS[3]
// Where a StatPersisted has these fields; before the pzxid, it is in the order of a row.
const PERSISTED_OWNER = 44
const PERSISTED_PZXID = 52
const EMPTY = new Uint8Array(0)

/** A change was made and has no znode to return. */
export const OK = 0
/** There is no such znode: the number of Java's KeeperException.Code.NONODE. */
export const NO_NODE = -101
/** There is such a znode already: the number of Java's KeeperException.Code.NODEEXISTS. */
export const NODE_EXISTS = -110

export interface DataTreeOptions extends Partial<OwnerOptions> {
  /** Keys the path index's hash: an integer of up to 53 bits, random for each process. */
  readonly hashSeed: number
  /** Keep the digest of the tree (`zookeeper.digest.enabled`). On unless told otherwise. */
  readonly digestEnabled?: boolean
}

/**
 * The znodes of a server, as transactions change them (Java's DataTree, without watches and quotas).
 *
 * Changes are made once for each transaction, in zxid order. A log is also replayed over a snapshot that was taken
 * while the tree changed; then they meet znodes that come from transactions still ahead, and bring the tree to the
 * same state all the same. They return a node number, or a negative code for what is no failure of the server.
 *
 * @example
 * const tree = new DataTree({ hashSeed })
 * const node = tree.createNode('/a', data, tree.acls.intern(acl), 0n, 1, zxid, timeMs)
 * if (node >= 0) tree.writeStat(node, reply, 0)
 */
export class DataTree extends TreeView {
  /** The access control lists that ids refer to. */
  readonly acls: AclTable
  /** The zxid of the last transaction that is completely applied. Kept by who applies transactions. */
  lastProcessedZxid: number
  readonly digestEnabled: boolean

  readonly #digest: TreeDigest
  readonly #ownerOptions: OwnerOptions
  readonly #owners: OwnerIndex
  /** The snapshots under way, with what is to be called for a new chunk. */
  readonly #snapshots: Map<SharedTree, (chunk: ArenaChunk) => void>

  /**
   * A tree as it is before any transaction: the root, /zookeeper, /zookeeper/quota and /zookeeper/config.
   *
   * @param empty without any znode, not even a root, for {@link loadNode}
   */
  constructor(options: DataTreeOptions, empty = false) {
    super(new ZnodeStore(options.hashSeed))
    this.acls = new AclTable()
    this.lastProcessedZxid = 0
    this.digestEnabled = options.digestEnabled ?? true
    this.#digest = new TreeDigest()
    this.#ownerOptions = { extendedTypes: options.extendedTypes ?? false, emulate353: options.emulate353 ?? false }
    this.#owners = new OwnerIndex()
    this.#snapshots = new Map()
    if (empty) return
    for (const path of SPECIAL_PATHS) {
      if (path === CONFIG_PATH) this.addConfigNode()
      else this.#addSpecial(path)
    }
  }

  /** Adds /zookeeper/config, which snapshots of old versions lack, if it is not there (DataTree.addConfigNode). */
  addConfigNode(): void {
    if (this.find(CONFIG_PATH) !== NONE) return
    const node = this.#addSpecial(CONFIG_PATH)
    if (node === NONE) return
    // As by setACL with version -1. Not everyone may reconfigure (ZOOKEEPER-2014).
    this.store.rows.set(node, ACL_ID, this.acls.intern(READ_ACL_UNSAFE))
    this.store.rows.set(node, AVERSION, -1)
  }

  /** The upper and lower half of the tree digest: the sum of its znodes' digests in 64 bits, as unsigned integers. */
  get digestHigh(): number {
    return this.#digest.high
  }

  get digestLow(): number {
    return this.#digest.low
  }

  /** Paths of a session's ephemeral znodes. */
  ephemeralsOf(sessionId: bigint): string[] {
    return Array.from(this.#owners.ephemerals.get(sessionId) ?? [], (node) => this.pathOf(node))
  }

  /** The sessions that have ephemeral znodes. */
  sessionsWithEphemerals(): bigint[] {
    return [...this.#owners.ephemerals.keys()]
  }

  get ephemeralCount(): number {
    return this.#owners.ephemeralCount
  }

  /** Node numbers of the containers, for the sweeper. */
  get containers(): ReadonlySet<number> {
    return this.#owners.containers
  }

  /** Node numbers of the znodes with a time to live, for the sweeper. */
  get ttlNodes(): ReadonlySet<number> {
    return this.#owners.ttls
  }

  /**
   * Adds a znode (DataTree.createNode). Returns its number, {@link NO_NODE} if it has no parent or the path no name,
   * or {@link NODE_EXISTS}.
   *
   * A znode that exists already, which happens when a log is replayed, takes over the ACL (ZOOKEEPER-4846), and its
   * parent is raised as by the creation. Java raises it for `create` only, not for create2, createTTL and
   * createContainer, and so can lose a parent's change of cversion in a replay.
   *
   * @param aclId from `acls.intern`; the use counted there becomes the tree's, whatever is returned
   * @param owner the `ephemeralOwner`
   * @param parentCversion the parent's cversion afterwards, which is only ever raised; -1 adds one to what it is
   * @param timeMs becomes ctime and mtime
   */
  createNode(
    path: string,
    data: Uint8Array | null,
    aclId: number,
    owner: bigint,
    parentCversion: number,
    zxid: number,
    timeMs: number,
  ): number {
    const length = this.encodePath(path)
    return this.createNodeAt(this.pathBytes, 0, length, data, aclId, owner, parentCversion, zxid, timeMs)
  }

  /** {@link createNode} for a path in UTF-8. */
  createNodeAt(
    path: Uint8Array,
    start: number,
    end: number,
    data: Uint8Array | null,
    aclId: number,
    owner: bigint,
    parentCversion: number,
    zxid: number,
    timeMs: number,
  ): number {
    const { rows, index } = this.store
    const slash = lastSlash(path, start, end)
    const parent = this.#parent(path, start, slash)
    if (parent === NONE || slash + 1 === end) {
      this.acls.release(aclId)
      return NO_NODE
    }
    const hash = index.hash(path, start, end)
    const existing = index.find(path, start, end, hash)
    this.#raise(parent, parentCversion, zxid)
    if (existing !== NONE) {
      this.#replaceAclId(existing, aclId)
      return NODE_EXISTS
    }
    const high = owner === 0n ? 0 : Number(BigInt.asIntN(32, owner >> 32n))
    const low = owner === 0n ? 0 : Number(BigInt.asIntN(32, owner))
    const kind = kindOfOwner(high, low, this.#ownerOptions)
    const flags = (kind << KIND_SHIFT) | (isUndigested(path, start, end) ? UNDIGESTED : 0)
    const length = data === null ? -1 : data.length
    const node = this.store.add(parent, path, start, slash + 1, end, hash, flags, data, 0, length)
    rows.setLong(node, CZXID, zxid)
    rows.setLong(node, MZXID, zxid)
    rows.setLong(node, PZXID, zxid)
    rows.setLong(node, CTIME, timeMs)
    rows.setLong(node, MTIME, timeMs)
    rows.set(node, VERSION, 0)
    rows.set(node, CVERSION, 0)
    rows.set(node, AVERSION, 0)
    rows.set(node, OWNER, high)
    rows.set(node, OWNER + 1, low)
    rows.set(node, ACL_ID, aclId)
    if (this.digestEnabled) rows.set(node, PREFIX_CRC, pathDataCrc(path, start, end, data))
    rows.endChange(node)
    this.#digestAdd(node)
    this.#owners.add(node, kind, owner)
    return node
  }

  /**
   * Removes a znode (DataTree.deleteNode). Returns {@link OK}, or {@link NO_NODE} if it or its parent is missing; a
   * parent that is there is marked with the zxid in any case (ZOOKEEPER-3125).
   *
   * Only in a replay can the znode have children, which come from transactions still ahead. They go with it: what
   * comes creates them again. (Java keeps them out of reach of getChildren, and loses them with the next snapshot.)
   */
  deleteNode(path: string, zxid: number): number {
    const length = this.encodePath(path)
    return this.deleteNodeAt(this.pathBytes, 0, length, zxid)
  }

  /** {@link deleteNode} for a path in UTF-8. */
  deleteNodeAt(path: Uint8Array, start: number, end: number, zxid: number): number {
    const { rows, index } = this.store
    const slash = lastSlash(path, start, end)
    const parent = this.#parent(path, start, slash)
    if (parent === NONE || slash + 1 === end) return NO_NODE
    if (zxid > this.pzxid(parent)) {
      this.#digestSubtract(parent)
      rows.beginChange(parent)
      rows.setLong(parent, PZXID, zxid)
      rows.endChange(parent)
      this.#digestAdd(parent)
    }
    const hash = index.hash(path, start, end)
    const node = index.find(path, start, end, hash)
    if (node === NONE) return NO_NODE
    if (this.firstChild(node) !== NONE) this.#removeBelow(node)
    this.#remove(node, hash)
    return OK
  }

  /**
   * Replaces a znode's data (DataTree.setData). Returns its number or {@link NO_NODE}.
   *
   * @param version the data's version afterwards
   */
  setData(path: string, data: Uint8Array | null, version: number, zxid: number, timeMs: number): number {
    const length = this.encodePath(path)
    return this.setDataAt(this.pathBytes, 0, length, data, version, zxid, timeMs)
  }

  /** {@link setData} for a path in UTF-8. */
  setDataAt(
    path: Uint8Array,
    start: number,
    end: number,
    data: Uint8Array | null,
    version: number,
    zxid: number,
    timeMs: number,
  ): number {
    const node = this.store.lookup(path, start, end)
    if (node === NONE) return NO_NODE
    const { rows } = this.store
    this.#digestSubtract(node)
    this.store.replaceData(node, data)
    rows.setLong(node, MTIME, timeMs)
    rows.setLong(node, MZXID, zxid)
    rows.set(node, VERSION, version)
    if (this.digestEnabled) rows.set(node, PREFIX_CRC, pathDataCrc(path, start, end, data))
    rows.endChange(node)
    this.#digestAdd(node)
    return node
  }

  /** Replaces a znode's data and nothing else, as for the usage of a quota (DataTree.updateQuotaStat). */
  setDataQuietly(node: number, data: Uint8Array | null): void {
    const length = this.encodePath(this.pathOf(node))
    this.#digestSubtract(node)
    this.store.replaceData(node, data)
    if (this.digestEnabled) this.store.rows.set(node, PREFIX_CRC, pathDataCrc(this.pathBytes, 0, length, data))
    this.store.rows.endChange(node)
    this.#digestAdd(node)
  }

  /**
   * Replaces a znode's access control list (DataTree.setACL). Returns its number or {@link NO_NODE}.
   *
   * @param aclId from `acls.intern`; the use counted there becomes the tree's, whatever is returned
   * @param aversion the list's version afterwards
   */
  setAcl(path: string, aclId: number, aversion: number): number {
    const node = this.find(path)
    if (node === NONE) {
      this.acls.release(aclId)
      return NO_NODE
    }
    const { rows } = this.store
    this.#digestSubtract(node)
    rows.beginChange(node)
    rows.set(node, AVERSION, aversion)
    rows.endChange(node)
    this.#replaceAclId(node, aclId)
    this.#digestAdd(node)
    return node
  }

  /**
   * Raises the cversion of the znode at `path`, and with it its pzxid, unless it is as high already
   * (DataTree.setCversionPzxid; a slash at the path's end is ignored). Returns its number or {@link NO_NODE}.
   */
  raiseParent(path: string, cversion: number, pzxid: number): number {
    const node = this.find(path.endsWith('/') ? path.slice(0, -1) : path)
    if (node === NONE) return NO_NODE
    this.#raise(node, cversion, pzxid)
    return node
  }

  /**
   * Adds a znode as a snapshot has it. Its parent must be there; the root, whose path is empty, comes first. Returns
   * what is wrong with it, or null.
   *
   * @param at where in `bytes` the path starts; the other places are where the record's other parts start
   * @param dataLength -1 for null
   */
  loadNode(
    bytes: Uint8Array,
    at: number,
    pathLength: number,
    dataAt: number,
    dataLength: number,
    aclId: number,
    statAt: number,
  ): string | null {
    const { rows, index } = this.store
    const end = at + pathLength
    let parent: number = NONE
    let hash = 0
    const slash = lastSlash(bytes, at, end)
    if (pathLength === 0) {
      if (rows.live > 0) return 'the root is not the first znode, or comes twice'
    } else {
      if (rows.live > 0) parent = this.#parent(bytes, at, slash)
      if (parent === NONE) return `there is no parent for ${shown(bytes, at, end)}`
      if (slash + 1 === end) return `a path ends with a slash: ${shown(bytes, at, end)}`
      hash = index.hash(bytes, at, end)
      if (index.find(bytes, at, end, hash) !== NONE) return `a path comes twice: ${shown(bytes, at, end)}`
    }
    const high = getInt(bytes, statAt + PERSISTED_OWNER)
    const low = getInt(bytes, statAt + PERSISTED_OWNER + 4)
    const kind = pathLength === 0 ? NodeKind.PERSISTENT : kindOfOwner(high, low, this.#ownerOptions)
    const flags = (kind << KIND_SHIFT) | (isUndigested(bytes, at, end) ? UNDIGESTED : 0)
    const node = this.store.add(parent, bytes, at, slash + 1, end, hash, flags, bytes, dataAt, dataLength)
    const chunk = rows.chunks[node >>> ROW_CHUNK_BITS]!
    const base = (node & ROW_MASK) * ROW_INTS
    for (let i = 0; i < PERSISTED_PZXID; i += 4) chunk[base + CZXID + (i >> 2)] = getInt(bytes, statAt + i)
    chunk[base + DATA_LENGTH] = dataLength
    chunk[base + PZXID] = getInt(bytes, statAt + PERSISTED_PZXID)
    chunk[base + PZXID + 1] = getInt(bytes, statAt + PERSISTED_PZXID + 4)
    chunk[base + ACL_ID] = aclId
    if (this.digestEnabled) {
      const pathCrc = crc32(bytes, at, end)
      chunk[base + PREFIX_CRC] = crc32(bytes, dataAt, dataAt + Math.max(dataLength, 0), pathCrc)
    }
    rows.endChange(node)
    this.acls.use(aclId)
    this.#digestAdd(node)
    if (kind !== NodeKind.PERSISTENT) this.#owners.add(node, kind, this.owner(node))
    return null
  }

  /**
   * Opens the tree's memory to a {@link SharedTreeReader}, in a worker thread or in this one, until
   * {@link endSnapshot}. There may be several at a time.
   *
   * @param onChunk called with each chunk of memory that is added meanwhile; it must have posted it to the reader's
   * thread when it returns
   */
  beginSnapshot(onChunk: (chunk: ArenaChunk) => void = () => {}): SharedTree {
    const { rows, arena } = this.store
    const shared: SharedTree = {
      zxid: this.lastProcessedZxid,
      rowCount: rows.highWater,
      rowChunks: rows.chunks.map((chunk) => chunk.buffer),
      arenaChunks: arena.chunks.map((chunk) => chunk?.buffer ?? null),
    }
    this.#snapshots.set(shared, onChunk)
    arena.keepIds(true)
    arena.onChunk ??= (chunk) => {
      for (const onChunk of this.#snapshots.values()) onChunk(chunk)
    }
    return shared
  }

  /** Ends what {@link beginSnapshot} began, when its reader is done. */
  endSnapshot(shared: SharedTree): void {
    this.#snapshots.delete(shared)
    if (this.#snapshots.size === 0) this.store.arena.keepIds(false)
  }

  /** The row of the parent whose path ends at `slash`, the last one of a path; {@link NONE} for -1. */
  #parent(path: Uint8Array, start: number, slash: number): number {
    if (slash === start) return ROOT
    // A path of one slash is no other name for the root here: "//a" must not become a child of "/".
    return slash <= start + 1 ? NONE : this.store.lookup(path, start, slash)
  }

  #raise(node: number, cversion: number, pzxid: number): void {
    const { rows } = this.store
    const old = rows.get(node, CVERSION)
    const raised = cversion === -1 ? (old + 1) | 0 : cversion
    if (raised <= old) return
    this.#digestSubtract(node)
    rows.beginChange(node)
    rows.set(node, CVERSION, raised)
    rows.setLong(node, PZXID, pzxid)
    rows.endChange(node)
    this.#digestAdd(node)
  }

  #replaceAclId(node: number, aclId: number): void {
    const { rows } = this.store
    const old = rows.get(node, ACL_ID)
    rows.beginChange(node)
    rows.set(node, ACL_ID, aclId)
    rows.endChange(node)
    this.acls.release(old)
  }

  /** Removes all that is below a znode, children first. */
  #removeBelow(top: number): void {
    for (let at = this.firstChild(top); at !== top; ) {
      const child = this.firstChild(at)
      if (child !== NONE) {
        at = child
        continue
      }
      const sibling = this.nextSibling(at)
      const next = sibling === NONE ? this.parentOf(at) : sibling
      const length = this.encodePath(this.pathOf(at))
      this.#remove(at, this.store.index.hash(this.pathBytes, 0, length))
      at = next
    }
  }

  #remove(node: number, hash: number): void {
    this.#digestSubtract(node)
    this.#owners.remove(node, this.kind(node), this.owner(node))
    this.acls.release(this.aclId(node))
    this.store.remove(node, hash)
  }

  /** Adds one of the znodes every tree has: all zero, with empty data. Returns NONE if its parent is missing. */
  #addSpecial(path: string): number {
    const { rows, index } = this.store
    const length = this.encodePath(path)
    const bytes = this.pathBytes
    const slash = lastSlash(bytes, 0, length)
    const parent = path === '' ? NONE : this.#parent(bytes, 0, slash)
    if (parent === NONE && path !== '') return NONE
    const flags = isUndigested(bytes, 0, length) ? UNDIGESTED : 0
    const hash = index.hash(bytes, 0, length)
    const node = this.store.add(parent, bytes, 0, slash + 1, length, hash, flags, EMPTY, 0, 0)
    for (const field of [CZXID, MZXID, PZXID, CTIME, MTIME, OWNER]) rows.setLong(node, field, 0)
    for (const field of [VERSION, CVERSION, AVERSION]) rows.set(node, field, 0)
    rows.set(node, ACL_ID, OPEN_ACL_ID)
    if (this.digestEnabled) rows.set(node, PREFIX_CRC, pathDataCrc(bytes, 0, length, EMPTY))
    rows.endChange(node)
    this.#digestAdd(node)
    return node
  }

  #digestAdd(node: number): void {
    const { rows } = this.store
    if (this.digestEnabled && (rows.get(node, NAME) & UNDIGESTED) === 0) this.#digest.add(rowDigest(rows, node))
  }

  #digestSubtract(node: number): void {
    const { rows } = this.store
    if (this.digestEnabled && (rows.get(node, NAME) & UNDIGESTED) === 0) this.#digest.subtract(rowDigest(rows, node))
  }
}

/** A path for an error message, which need not be as long as the path. */
function shown(path: Uint8Array, start: number, end: number): string {
  return end - start <= 200 ? readUtf8(path, start, end) : `${readUtf8(path, start, start + 200)}…`
}

/** Where the last slash of a path is; before its start if there is none. */
function lastSlash(path: Uint8Array, start: number, end: number): number {
  let at = end - 1
  while (at >= start && path[at] !== SLASH) at -= 1
  return at
}
