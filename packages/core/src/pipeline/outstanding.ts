import type { ACL } from '@vivarium/protocol'
import { type DataTree, NONE, NodeKind } from '../tree/index.ts'
import { ChangeRecord } from './change-record.ts'
import { ChangeTable } from './change-table.ts'

const FREE_RECORDS = 4096

/**
 * The tree as it will be once everything outstanding has been applied: what a new write is checked against
 * (ZooKeeperServer.outstandingChanges and PrepRequestProcessor.getRecordForPath).
 *
 * It also predicts the digest of that tree, which goes into each transaction so that every replica can compare.
 *
 * A path has one record while something is outstanding for it, which later transactions change further.
 */
export class Outstanding {
  readonly #tree: DataTree
  readonly #aclOf: (node: number) => readonly ACL[]
  /** The records by path, tombstones included. */
  readonly #latest = new ChangeTable()
  /** Each change: its record and its zxid, in zxid order; those before `#first` are applied already. */
  #changed: ChangeRecord[] = []
  #zxids: number[] = []
  #first = 0
  /** Records that are done with, to be used again: the garbage of a busy server was these, more than anything else. */
  readonly #free: ChangeRecord[] = []
  /** The ephemeral znodes among those that were created; some may be applied already. */
  #ephemerals: ChangeRecord[] = []
  /** While a multi is prepared: for each change what the record was before, or null if there was none. */
  #undo: (ChangeRecord | null)[] | null = null
  #undoEphemerals = 0
  #undoDigestHigh = 0
  #undoDigestLow = 0
  /** The path that {@link get} was asked for last, which is often to be created next, and its hash. */
  #asked = ''
  #askedHash = 0
  digestHigh: number
  digestLow: number

  /** @param aclOf the access control list of a znode of `tree` */
  constructor(tree: DataTree, aclOf: (node: number) => readonly ACL[]) {
    this.#tree = tree
    this.#aclOf = aclOf
    this.digestHigh = tree.digestHigh
    this.digestLow = tree.digestLow
  }

  /** How many changes there are. */
  get size(): number {
    return this.#changed.length - this.#first
  }

  /** The znode at `path`, to look at, or undefined where there will be none. See {@link change}. */
  get(path: string): ChangeRecord | undefined {
    const hash = this.#tree.hashOf(path)
    this.#asked = path
    this.#askedHash = hash
    const pending = this.#latest.get(path, hash)
    if (pending !== undefined) return pending.exists ? pending : undefined
    const node = this.#tree.findHashed(hash)
    if (node < 0) return undefined
    const record = this.#free.pop() ?? new ChangeRecord()
    record.load(this.#tree, node, path, hash, this.#aclOf(node))
    return record
  }

  /** The transaction `zxid` is about to change this record, which {@link get} returned; then comes {@link changed}. */
  change(record: ChangeRecord, zxid: number): void {
    if (record.zxid === zxid) return
    const fresh = record.zxid === 0
    if (this.#undo !== null) this.#undo.push(fresh ? null : record.copy())
    if (fresh) {
      if (this.#tree.digestEnabled && record.node !== NONE) record.digest = this.#tree.digestOf(record.node)
      this.#latest.add(record)
    }
    record.zxid = zxid
    this.#changed.push(record)
    this.#zxids.push(zxid)
  }

  /** Takes account of a record that was changed. */
  changed(record: ChangeRecord): void {
    if (!this.#tree.digestEnabled) return
    const before = record.digest
    record.digest = record.computeDigest()
    this.#addToDigest(record.digest - before)
  }

  /** A record for a znode that the transaction `zxid` creates, where there is none; then comes {@link changed}. */
  create(path: string, zxid: number, kind: NodeKind, ephemeralOwner: bigint): ChangeRecord {
    const hash = path === this.#asked ? this.#askedHash : this.#tree.hashOf(path)
    let record = this.#latest.get(path, hash)
    if (record === undefined) {
      record = this.#free.pop() ?? new ChangeRecord()
      record.path = path
      record.hash = hash
      record.exists = false
      record.node = NONE // So that its digest is 0 until now.
    }
    this.change(record, zxid)
    record.revive()
    record.kind = kind
    record.ephemeralOwner = ephemeralOwner
    record.czxid = zxid
    record.mzxid = zxid
    record.pzxid = zxid
    if (kind === NodeKind.EPHEMERAL) this.#ephemerals.push(record)
    return record
  }

  /** Forgets the changes of transactions up to `zxid`: the tree has them now. */
  applied(zxid: number): void {
    const changed = this.#changed
    const zxids = this.#zxids
    let first = this.#first
    for (; first < changed.length && zxids[first]! <= zxid; first++) {
      const record = changed[first]!
      if (record.zxid > zxid || record.zxid === 0) continue
      this.#latest.remove(record)
      record.zxid = 0
      record.digest = 0
      if (this.#free.length < FREE_RECORDS) this.#free.push(record)
    }
    if (first === changed.length) {
      if (first > 0) this.#forgetAll()
    } else if (first > 4096 && first * 2 > changed.length) {
      this.#changed = changed.slice(first)
      this.#zxids = zxids.slice(first)
      this.#ephemerals = this.#ephemerals.filter((record) => record.czxid > zxid)
      this.#first = 0
    } else this.#first = first
  }

  /** Takes the digest from the tree again, once nothing is outstanding. */
  resetDigest(): void {
    this.digestHigh = this.#tree.digestHigh
    this.digestLow = this.#tree.digestLow
  }

  /** From here on {@link rollback} can take changes back, until {@link commit}. */
  begin(): void {
    this.#undo = []
    this.#undoEphemerals = this.#ephemerals.length
    this.#undoDigestHigh = this.digestHigh
    this.#undoDigestLow = this.digestLow
  }

  commit(): void {
    this.#undo = null
  }

  /** Takes back all changes since {@link begin}, newest first, so that no later operation sees them (ZOOKEEPER-1624). */
  rollback(): void {
    const undo = this.#undo as (ChangeRecord | null)[]
    this.#undo = null
    while (undo.length > 0) {
      const before = undo.pop() as ChangeRecord | null
      const record = this.#changed.pop() as ChangeRecord
      this.#zxids.pop()
      if (before === null) this.#latest.remove(record)
      else record.assign(before)
    }
    this.#ephemerals.length = this.#undoEphemerals
    this.digestHigh = this.#undoDigestHigh
    this.digestLow = this.#undoDigestLow
  }

  /**
   * The paths of the znode at `path`, and of all that will be below it, parents first; empty if there will be none.
   *
   * @returns null if there are more than `limit`
   */
  subtree(path: string, limit: number): string[] | null {
    const created = new Map<string, string[]>()
    for (let i = this.#first; i < this.#changed.length; i++) {
      const record = this.#changed[i]!
      // Each record once: where it changes for the last time.
      if (this.#zxids[i] !== record.zxid || !record.exists || record.node !== NONE) continue
      const parent = record.path.slice(0, record.path.lastIndexOf('/'))
      created.set(parent, [...(created.get(parent) ?? []), record.path])
    }
    const found = new Set(this.get(path) === undefined ? [] : [path])
    for (const parent of found) {
      if (found.size > limit) return null
      const node = this.#tree.find(parent)
      // A znode that is created anew has none of the children that the tree still knows of: they were removed before it.
      if (node >= 0) {
        this.#tree.forEachChild(node, (child) => {
          const name = `${parent}/${this.#tree.nameOf(child)}`
          if (this.#pending(name)?.exists ?? true) found.add(name)
        })
      }
      for (const name of created.get(parent) ?? []) found.add(name)
    }
    return found.size > limit ? null : [...found]
  }

  /** The paths that will belong to `sessionId` when it closes: those in the tree, and those on their way. */
  ephemeralsOf(sessionId: bigint): string[] {
    const paths = new Set<string>()
    for (const path of this.#tree.ephemeralsOf(sessionId)) {
      const record = this.#pending(path)
      if (record === undefined || isOf(record, sessionId)) paths.add(path)
    }
    for (const record of this.#ephemerals) {
      if (isOf(record, sessionId) && this.#pending(record.path) === record) paths.add(record.path)
    }
    return [...paths]
  }

  #pending(path: string): ChangeRecord | undefined {
    return this.#latest.get(path, this.#tree.hashOf(path))
  }

  #forgetAll(): void {
    this.#changed.length = 0
    this.#zxids.length = 0
    this.#ephemerals.length = 0
    this.#first = 0
    // As Java does: a prediction that was wrong, as for a cversion beyond 2^31, is not carried on.
    this.resetDigest()
  }

  #addToDigest(delta: number): void {
    // The sum wraps at 2^64; a delta is less than 2^32 either way.
    const low = this.digestLow + delta
    if (low < 0) {
      this.digestLow = low + 0x1_0000_0000
      this.digestHigh = this.digestHigh === 0 ? 0xffff_ffff : this.digestHigh - 1
    } else if (low >= 0x1_0000_0000) {
      this.digestLow = low - 0x1_0000_0000
      this.digestHigh = this.digestHigh === 0xffff_ffff ? 0 : this.digestHigh + 1
    } else this.digestLow = low
  }
}

function isOf(record: ChangeRecord, sessionId: bigint): boolean {
  return record.exists && record.kind === NodeKind.EPHEMERAL && record.ephemeralOwner === sessionId
}
