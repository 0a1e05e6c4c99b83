import { isUndigested, pathDataCrc } from './digest.ts'
import { AVERSION, CVERSION, OWNER, PZXID } from './extensions.ts'
import { kindOfOwner } from './node-kind.ts'
import { ACL_ID, CTIME, CZXID, KIND_SHIFT, NONE, PREFIX_CRC, UNDIGESTED } from './rows.ts'
import { lastSlash, StoredTree } from './stored-tree.ts'

/** A change was made and has no znode to return. */
export const OK = 0
/** There is no such znode: the number of Java's KeeperException.Code.NONODE. */
export const NO_NODE = -101
/** There is such a znode already: the number of Java's KeeperException.Code.NODEEXISTS. */
export const NODE_EXISTS = -110

/** What whoever creates a znode has found out about it already. */
export interface KnownNode {
  /** The number of its parent when it is created, where that is certain, and otherwise NONE. */
  readonly parent: number
  /** `DataTree.hashOf` of its path. */
  readonly hash: number
  /** {@link pathDataCrc} of its path and data; of no account while there are no digests. */
  readonly prefixCrc: number
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
export class DataTree extends StoredTree {
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
   * @param known saves finding and computing again what the caller knows
   */
  createNode(
    path: string,
    data: Uint8Array | null,
    aclId: number,
    owner: bigint,
    parentCversion: number,
    zxid: number,
    timeMs: number,
    known: KnownNode | null = null,
  ): number {
    const length = this.encodePath(path)
    return this.createNodeAt(this.pathBytes, 0, length, data, aclId, owner, parentCversion, zxid, timeMs, known)
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
    known: KnownNode | null = null,
  ): number {
    const { rows, extensions, index } = this.store
    const slash = lastSlash(path, start, end)
    let parent = known === null ? NONE : known.parent
    if (parent === NONE) parent = this.parentAt(path, start, slash)
    if (parent === NONE || slash + 1 === end) {
      this.acls.release(aclId)
      return NO_NODE
    }
    const hash = known === null ? index.hash(path, start, end) : known.hash
    const existing = index.find(path, start, end, hash)
    this.#raise(parent, parentCversion, zxid)
    if (existing !== NONE) {
      this.#replaceAclId(existing, aclId)
      return NODE_EXISTS
    }
    const high = owner === 0n ? 0 : Number(BigInt.asIntN(32, owner >> 32n))
    const low = owner === 0n ? 0 : Number(BigInt.asIntN(32, owner))
    const kind = kindOfOwner(high, low, this.ownerOptions)
    const flags = (kind << KIND_SHIFT) | (isUndigested(path, start, end) ? UNDIGESTED : 0)
    const length = data === null ? -1 : data.length
    const node = this.store.add(parent, path, start, slash + 1, end, hash, flags, data, 0, length)
    rows.setLong(node, CZXID, zxid)
    rows.setLong(node, CTIME, timeMs)
    rows.set(node, ACL_ID, aclId)
    if (owner !== 0n) extensions.setHalves(node, OWNER, high, low)
    if (this.digestEnabled) {
      rows.set(node, PREFIX_CRC, known === null ? pathDataCrc(path, start, end, data) : known.prefixCrc)
    }
    rows.endChange(node)
    this.digestAdd(node)
    this.owners.add(node, kind, owner)
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
    const { rows, extensions, index } = this.store
    const slash = lastSlash(path, start, end)
    const parent = this.parentAt(path, start, slash)
    if (parent === NONE || slash + 1 === end) return NO_NODE
    if (zxid > this.pzxid(parent)) {
      this.digestSubtract(parent)
      rows.beginChange(parent)
      extensions.setLong(parent, PZXID, zxid)
      rows.endChange(parent)
      this.digestAdd(parent)
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
    const prefixCrc = this.digestEnabled ? pathDataCrc(path, start, end, data) : 0
    this.setDataOf(node, data, prefixCrc, version, zxid, timeMs)
    return node
  }

  /**
   * {@link setData} for a znode of which everything is known.
   *
   * @param prefixCrc {@link pathDataCrc} of its path and the new data; of no account while there are no digests
   */
  setDataOf(
    node: number,
    data: Uint8Array | null,
    prefixCrc: number,
    version: number,
    zxid: number,
    timeMs: number,
  ): void {
    const { rows, extensions } = this.store
    this.digestSubtract(node)
    this.store.replaceData(node, data)
    extensions.setChanged(node, version, zxid, timeMs)
    if (this.digestEnabled) rows.set(node, PREFIX_CRC, prefixCrc)
    rows.endChange(node)
    this.digestAdd(node)
  }

  /** Replaces a znode's data and nothing else, as for the usage of a quota (DataTree.updateQuotaStat). */
  setDataQuietly(node: number, data: Uint8Array | null): void {
    const length = this.encodePath(this.pathOf(node))
    this.digestSubtract(node)
    this.store.replaceData(node, data)
    if (this.digestEnabled) this.store.rows.set(node, PREFIX_CRC, pathDataCrc(this.pathBytes, 0, length, data))
    this.store.rows.endChange(node)
    this.digestAdd(node)
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
    const { rows, extensions } = this.store
    this.digestSubtract(node)
    rows.beginChange(node)
    extensions.set(node, AVERSION, aversion)
    rows.endChange(node)
    this.#replaceAclId(node, aclId)
    this.digestAdd(node)
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

  #raise(node: number, cversion: number, pzxid: number): void {
    const { rows, extensions } = this.store
    const old = extensions.get(node, CVERSION, 0)
    const raised = cversion === -1 ? (old + 1) | 0 : cversion
    if (raised <= old) return
    this.digestSubtract(node)
    rows.beginChange(node)
    extensions.set(node, CVERSION, raised)
    extensions.setLong(node, PZXID, pzxid)
    rows.endChange(node)
    this.digestAdd(node)
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
    this.digestSubtract(node)
    this.owners.remove(node, this.kind(node), this.owner(node))
    this.acls.release(this.aclId(node))
    this.store.remove(node, hash)
  }
}
