import { type ACL, OPEN_ACL_UNSAFE, writeUtf8 } from '@vivarium/protocol'
import { type DataTree, NONE, NodeKind, nodeDigest, pathDataCrc } from '../tree/index.ts'

/**
 * What a znode will be once every transaction that has a zxid is applied. To look at only, until
 * {@link Outstanding.change} was called.
 *
 * Inherited from ZooKeeperServer.ChangeRecord.
 */
export class ChangeRecord {
  path = ''
  /** Of the path, as `DataTree.hashOf` tells it. */
  hash = 0
  /** Belongs to the {@link ChangeTable}. */
  next: ChangeRecord | null = null
  /** Of the last transaction that changes it; 0 while none does. */
  zxid = 0
  exists = true
  /** Its number in the tree: NONE for one that is created by a transaction which is not applied. */
  node: number = NONE
  childCount = 0
  acl: readonly ACL[] = OPEN_ACL_UNSAFE
  kind: NodeKind = NodeKind.PERSISTENT
  ephemeralOwner = 0n
  czxid = 0
  mzxid = 0
  pzxid = 0
  ctime = 0
  mtime = 0
  version = 0
  cversion = 0
  aversion = 0
  dataLength = 0
  /** CRC-32 over path and data, which the digest of the znode goes on from. */
  prefixCrc = 0
  /** What the znode adds to the digest of the tree: 0 for one that is not counted, or does not exist. */
  digest = 0

  /** Becomes the znode `node` as it is in the tree. */
  load(tree: DataTree, node: number, path: string, hash: number, acl: readonly ACL[]): void {
    this.path = path
    this.hash = hash
    this.exists = true
    this.node = node
    this.childCount = tree.childCount(node)
    this.acl = acl
    this.kind = tree.kind(node)
    tree.readStat(node, this)
    this.dataLength = tree.dataLength(node)
    this.prefixCrc = tree.prefixCrc(node)
  }

  /** A copy, to go back to. */
  copy(): ChangeRecord {
    const copy = new ChangeRecord()
    copy.path = this.path
    copy.assign(this)
    return copy
  }

  /** Becomes what `other`, of the same path, is. */
  assign(other: ChangeRecord): void {
    this.zxid = other.zxid
    this.exists = other.exists
    this.node = other.node
    this.childCount = other.childCount
    this.acl = other.acl
    this.kind = other.kind
    this.ephemeralOwner = other.ephemeralOwner
    this.czxid = other.czxid
    this.mzxid = other.mzxid
    this.pzxid = other.pzxid
    this.ctime = other.ctime
    this.mtime = other.mtime
    this.version = other.version
    this.cversion = other.cversion
    this.aversion = other.aversion
    this.dataLength = other.dataLength
    this.prefixCrc = other.prefixCrc
    this.digest = other.digest
  }

  /** A tombstone becomes the znode that is created in its place. */
  revive(): void {
    this.exists = true
    this.node = NONE
    this.childCount = 0
    this.version = 0
    this.cversion = 0
    this.aversion = 0
  }

  /** What the znode adds to the digest, from its fields as they are now (DigestCalculator). */
  computeDigest(): number {
    // Everything below /zookeeper is local bookkeeping, and may differ between servers.
    if (!this.exists || this.path.startsWith('/zookeeper/')) return 0
    return nodeDigest(this.prefixCrc, this)
  }
}

/** Where paths are encoded to be hashed; grows with the longest. */
let scratch = new Uint8Array(256)

/** CRC-32 over the path and data of a znode: see {@link ChangeRecord.prefixCrc}. */
export function prefixCrcOf(path: string, data: Uint8Array | null): number {
  if (path.length * 3 > scratch.length) scratch = new Uint8Array(path.length * 6)
  return pathDataCrc(scratch, 0, writeUtf8(path, scratch, 0), data)
}
