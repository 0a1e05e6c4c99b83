import { type OwnerOptions, READ_ACL_UNSAFE, readUtf8 } from '@vivarium/protocol'
import { AclTable, OPEN_ACL_ID } from './acl-table.ts'
import type { ArenaChunk } from './arena.ts'
import { getInt } from './big-endian.ts'
import { crc32 } from './crc32.ts'
import { isUndigested, pathDataCrc, rowDigest, TreeDigest } from './digest.ts'
import { AVERSION, CVERSION, MTIME, MZXID, OWNER, PZXID, VERSION } from './extensions.ts'
import { kindOfOwner, NodeKind } from './node-kind.ts'
import { OwnerIndex } from './owner-index.ts'
import {
  ACL_ID,
  CTIME,
  CZXID,
  DIGEST,
  KIND_SHIFT,
  NAME,
  NONE,
  PREFIX_CRC,
  ROW_CHUNK_BITS,
  ROW_INTS,
  ROW_MASK,
  UNDIGESTED,
} from './rows.ts'
import type { SharedTree } from './shared-tree.ts'
import { TreeView } from './tree-view.ts'
import { ROOT, ZnodeStore } from './znode-store.ts'

const SLASH = 0x2f
const SPECIAL_PATHS = ['', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'] as const
const CONFIG_PATH = SPECIAL_PATHS[3]
// Where a StatPersisted, whose first field is the czxid, has the others.
const MZXID_AT = 8
const CTIME_AT = 16
const MTIME_AT = 24
const VERSION_AT = 32
const CVERSION_AT = 36
const AVERSION_AT = 40
const OWNER_AT = 44
const PZXID_AT = 52
const EMPTY = new Uint8Array(0)

export interface DataTreeOptions extends Partial<OwnerOptions> {
  /** Keys the path index's hash: an integer of up to 53 bits, random for each process. */
  readonly hashSeed: number
  /** Keep the digest of the tree (`zookeeper.digest.enabled`). On unless told otherwise. */
  readonly digestEnabled?: boolean
}

/**
 * A tree of znodes as it is kept: with its digest, its access control lists and the znodes that have owners; loaded from
 * a snapshot, and opened to those that write one. How transactions change it is {@link DataTree}'s business.
 */
export class StoredTree extends TreeView {
  /** The access control lists that ids refer to. */
  readonly acls: AclTable
  /** The zxid of the last transaction that is completely applied. Kept by who applies transactions. */
  lastProcessedZxid: number
  readonly digestEnabled: boolean

  readonly #digest: TreeDigest
  protected readonly ownerOptions: OwnerOptions
  protected readonly owners: OwnerIndex
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
    this.ownerOptions = { extendedTypes: options.extendedTypes ?? false, emulate353: options.emulate353 ?? false }
    this.owners = new OwnerIndex()
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
    const { rows, extensions } = this.store
    rows.beginChange(node)
    rows.set(node, ACL_ID, this.acls.intern(READ_ACL_UNSAFE))
    extensions.set(node, AVERSION, -1)
    rows.endChange(node)
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
    return Array.from(this.owners.ephemerals.get(sessionId) ?? [], (node) => this.pathOf(node))
  }

  /** The first of these paths, so many at most. */
  someEphemeralsOf(sessionId: bigint, most: number): string[] {
    const paths: string[] = []
    for (const node of this.owners.ephemerals.get(sessionId) ?? []) {
      if (paths.length === most) break
      paths.push(this.pathOf(node))
    }
    return paths
  }

  ephemeralCountOf(sessionId: bigint): number {
    return this.owners.ephemerals.get(sessionId)?.size ?? 0
  }

  /** The sessions that have ephemeral znodes. */
  sessionsWithEphemerals(): bigint[] {
    return [...this.owners.ephemerals.keys()]
  }

  get ephemeralCount(): number {
    return this.owners.ephemeralCount
  }

  /** Node numbers of the containers, for the sweeper. */
  get containers(): ReadonlySet<number> {
    return this.owners.containers
  }

  /** Node numbers of the znodes with a time to live, for the sweeper. */
  get ttlNodes(): ReadonlySet<number> {
    return this.owners.ttls
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
      if (rows.live > 0) parent = this.parentAt(bytes, at, slash)
      if (parent === NONE) return `there is no parent for ${shown(bytes, at, end)}`
      if (slash + 1 === end) return `a path ends with a slash: ${shown(bytes, at, end)}`
      hash = index.hash(bytes, at, end)
      if (index.find(bytes, at, end, hash) !== NONE) return `a path comes twice: ${shown(bytes, at, end)}`
    }
    const high = getInt(bytes, statAt + OWNER_AT)
    const low = getInt(bytes, statAt + OWNER_AT + 4)
    const kind = pathLength === 0 ? NodeKind.PERSISTENT : kindOfOwner(high, low, this.ownerOptions)
    const flags = (kind << KIND_SHIFT) | (isUndigested(bytes, at, end) ? UNDIGESTED : 0)
    const node = this.store.add(parent, bytes, at, slash + 1, end, hash, flags, bytes, dataAt, dataLength)
    const chunk = rows.chunks[node >>> ROW_CHUNK_BITS]!
    const base = (node & ROW_MASK) * ROW_INTS
    chunk[base + CZXID] = getInt(bytes, statAt)
    chunk[base + CZXID + 1] = getInt(bytes, statAt + 4)
    chunk[base + CTIME] = getInt(bytes, statAt + CTIME_AT)
    chunk[base + CTIME + 1] = getInt(bytes, statAt + CTIME_AT + 4)
    chunk[base + ACL_ID] = aclId
    this.#loadExtension(node, bytes, statAt)
    if (this.digestEnabled) {
      const pathCrc = crc32(bytes, at, end)
      chunk[base + PREFIX_CRC] = crc32(bytes, dataAt, dataAt + Math.max(dataLength, 0), pathCrc)
    }
    rows.endChange(node)
    this.acls.use(aclId)
    this.digestAdd(node)
    if (kind !== NodeKind.PERSISTENT) this.owners.add(node, kind, this.owner(node))
    return null
  }

  /** Sets those fields of a StatPersisted that a row has no place for, if they are other than a row implies. */
  #loadExtension(node: number, bytes: Uint8Array, at: number): void {
    const { extensions } = this.store
    const cversion = getInt(bytes, at + CVERSION_AT)
    if (cversion !== 0 || !sameLong(bytes, at, at + PZXID_AT)) {
      extensions.setHalves(node, PZXID, getInt(bytes, at + PZXID_AT), getInt(bytes, at + PZXID_AT + 4))
      extensions.set(node, CVERSION, cversion)
    }
    const version = getInt(bytes, at + VERSION_AT)
    const aversion = getInt(bytes, at + AVERSION_AT)
    const high = getInt(bytes, at + OWNER_AT)
    const low = getInt(bytes, at + OWNER_AT + 4)
    const sameTimes = sameLong(bytes, at, at + MZXID_AT) && sameLong(bytes, at + CTIME_AT, at + MTIME_AT)
    if (sameTimes && (version | aversion | high | low) === 0) return
    extensions.setHalves(node, MZXID, getInt(bytes, at + MZXID_AT), getInt(bytes, at + MZXID_AT + 4))
    extensions.setHalves(node, MTIME, getInt(bytes, at + MTIME_AT), getInt(bytes, at + MTIME_AT + 4))
    extensions.set(node, VERSION, version)
    extensions.set(node, AVERSION, aversion)
    extensions.setHalves(node, OWNER, high, low)
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
  protected parentAt(path: Uint8Array, start: number, slash: number): number {
    if (slash === start) return ROOT
    // A path of one slash is no other name for the root here: "//a" must not become a child of "/".
    return slash <= start + 1 ? NONE : this.store.lookup(path, start, slash)
  }

  /** Adds one of the znodes every tree has: all zero, with empty data. Returns NONE if its parent is missing. */
  #addSpecial(path: string): number {
    const { rows, index } = this.store
    const length = this.encodePath(path)
    const bytes = this.pathBytes
    const slash = lastSlash(bytes, 0, length)
    const parent = path === '' ? NONE : this.parentAt(bytes, 0, slash)
    if (parent === NONE && path !== '') return NONE
    const flags = isUndigested(bytes, 0, length) ? UNDIGESTED : 0
    const hash = index.hash(bytes, 0, length)
    const node = this.store.add(parent, bytes, 0, slash + 1, length, hash, flags, EMPTY, 0, 0)
    rows.setLong(node, CZXID, 0)
    rows.setLong(node, CTIME, 0)
    rows.set(node, ACL_ID, OPEN_ACL_ID)
    if (this.digestEnabled) rows.set(node, PREFIX_CRC, pathDataCrc(bytes, 0, length, EMPTY))
    rows.endChange(node)
    this.digestAdd(node)
    return node
  }

  /** Counts a znode in the digest. Before its fields change it has to be taken out, and afterwards counted again. */
  protected digestAdd(node: number): void {
    if (!this.digestEnabled) return
    const { rows, arena } = this.store
    const digest = (rows.get(node, NAME) & UNDIGESTED) === 0 ? rowDigest(rows, arena, node) : 0
    rows.set(node, DIGEST, digest)
    this.#digest.add(digest)
  }

  protected digestSubtract(node: number): void {
    if (this.digestEnabled) this.#digest.subtract(this.digestOf(node))
  }

  /** What a znode adds to the digest of the tree; 0 for one that is not counted. Only where digests are kept. */
  digestOf(node: number): number {
    return this.store.rows.get(node, DIGEST) >>> 0
  }
}

/** A path for an error message, which need not be as long as the path. */
function shown(path: Uint8Array, start: number, end: number): string {
  return end - start <= 200 ? readUtf8(path, start, end) : `${readUtf8(path, start, start + 200)}…`
}

/** Where the last slash of a path is; before its start if there is none. */
export function lastSlash(path: Uint8Array, start: number, end: number): number {
  let at = end - 1
  while (at >= start && path[at] !== SLASH) at -= 1
  return at
}

/** Whether the same eight bytes stand at two places. */
function sameLong(bytes: Uint8Array, at: number, otherAt: number): boolean {
  return getInt(bytes, at) === getInt(bytes, otherAt) && getInt(bytes, at + 4) === getInt(bytes, otherAt + 4)
}
