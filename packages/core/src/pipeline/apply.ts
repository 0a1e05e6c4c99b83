import {
  type ACL,
  CONTAINER_OWNER,
  type ErrorCode,
  type ErrorTxn,
  errno,
  errorCodeOf,
  type MultiTxn,
  OpCode,
  type Txn,
  type TxnBody,
  type TxnDigest,
  ttlOwner,
} from '@vivarium/protocol'
import type { SetDataRecord } from '../operations/types.ts'
import { QUOTA_ROOT } from '../quota/index.ts'
import { type KnownNode, NO_NODE, NODE_EXISTS, NONE, STAT_BYTES } from '../tree/index.ts'
import type { Database } from './database.ts'

const NO_TXNS: readonly TxnBody[] = []

/** What became of a transaction; filled in anew by each {@link applyTxn}. */
export class ApplyResult {
  code: ErrorCode = 'OK'
  path = ''
  /** The znode as a row of the tree, or NONE. */
  node: number = NONE
  /** Of a multi: its operations. */
  txns: readonly TxnBody[] = NO_TXNS
  /** Of a multi that failed: the number of the error of each operation, 0 for those before the one that failed. */
  errnos: readonly number[] | null = null
  /** The Stat after each operation of a multi, one behind the other: a later operation may change or delete it again. */
  stats = new Uint8Array(0)
  /** Of the creation of a quota's znode: its Stat before the quota took effect. */
  statBeforeQuota: Uint8Array | null = null
}

/**
 * Applies a transaction to the tree and the session table, and fires its watches. Says what happened in `result`; an
 * error can only come from replaying a log over a snapshot that has some of it already, or was decided before.
 *
 * Inherited from DataTree.processTxn.
 */
export function applyTxn(database: Database, txn: Txn, result: ApplyResult): void {
  result.code = 'OK'
  result.path = ''
  result.node = NONE
  result.statBeforeQuota = null
  result.txns = NO_TXNS
  result.errnos = null
  switch (txn.type) {
    case OpCode.createSession:
      database.sessions.set(txn.clientId, (txn.record as { timeOut: number }).timeOut)
      break
    case OpCode.closeSession:
      closeSession(database, txn)
      break
    case OpCode.multi:
      applyMulti(database, txn, result)
      break
    default:
      applyBody(database, txn as TxnBody, txn, result)
  }
  finishTxn(database, txn.zxid, txn.digest)
}

/** A transaction has been applied, after which the tree should have this digest. */
export function finishTxn(database: Database, zxid: number, digest: Pick<TxnDigest, 'high' | 'low'> | null): void {
  const { tree } = database
  // Only now: what has part of a transaction has none of it (ZOOKEEPER-3127).
  if (zxid > tree.lastProcessedZxid) {
    tree.lastProcessedZxid = zxid
    if (database.comparesDigests) database.digests.applied(zxid, tree.digestHigh, tree.digestLow)
  }
  if (digest === null || !(database.comparesDigests || database.awaitsDigest)) return
  const agrees = ((digest.high ^ tree.digestHigh) | (digest.low ^ tree.digestLow)) === 0
  if (!database.comparesDigests) database.comparesDigests = agrees
  else if (!agrees) database.digestMismatches++
}

function applyBody(database: Database, body: TxnBody, txn: Txn, result: ApplyResult): void {
  const { tree } = database
  switch (body.type) {
    case OpCode.create:
    case OpCode.create2:
      create(database, txn, result, body.record, body.record.ephemeral ? txn.clientId : 0n)
      return
    case OpCode.createContainer:
      create(database, txn, result, body.record, CONTAINER_OWNER)
      return
    case OpCode.createTTL:
      create(database, txn, result, body.record, ttlOwner(Number(body.record.ttl)))
      return
    case OpCode.delete:
    case OpCode.deleteContainer:
      result.path = body.record.path
      result.code = remove(database, body.record.path, txn.zxid)
      return
    case OpCode.setData:
    case OpCode.reconfig: {
      const { path, data, version } = body.record
      const { node: known = NONE, prefixCrc = 0 } = body.record as Partial<SetDataRecord>
      result.path = path
      const before = database.quotas.size > 0 ? tree.find(path) : NONE
      const oldLength = before < 0 ? 0 : Math.max(0, tree.dataLength(before))
      let node = known
      if (node === NONE) node = tree.setData(path, data, version, txn.zxid, txn.time)
      else tree.setDataOf(node, data, prefixCrc, version, txn.zxid, txn.time)
      if (node === NO_NODE) {
        result.code = 'NONODE'
        return
      }
      result.node = node
      if (before >= 0) database.quotas.dataSet(path, oldLength, data?.length ?? 0)
      database.traffic?.wrote(path, data?.length ?? 0)
      if (database.watches.size > 0) database.watches.changed(path, txn.zxid, database.aclOf(node))
      return
    }
    case OpCode.setACL: {
      const { path, acl, version } = body.record
      result.path = path
      const node = tree.setAcl(path, database.internAcl(acl), version)
      if (node === NO_NODE) result.code = 'NONODE'
      else result.node = node
      return
    }
    case OpCode.check:
      result.path = body.record.path
      return
    case OpCode.error:
      result.code = errorCodeOf(body.record.err) ?? 'SYSTEMERROR'
      return
    default:
      return
  }
}

/** What the records of all creations have in common; and what their preparation has found out, if that was here. */
interface CreatedNode {
  readonly path: string
  readonly data: Uint8Array | null
  readonly acl: readonly ACL[] | null
  readonly parentCVersion: number
  readonly known?: KnownNode
}

function create(database: Database, txn: Txn, result: ApplyResult, record: CreatedNode, owner: bigint): void {
  const { tree, watches } = database
  const { path, data, parentCVersion, known = null } = record
  result.path = path
  const aclId = database.internAcl(record.acl)
  const node = tree.createNode(path, data, aclId, owner, parentCVersion, txn.zxid, txn.time, known)
  if (node < 0) {
    result.code = node === NODE_EXISTS ? 'NODEEXISTS' : 'NONODE'
    return
  }
  result.node = node
  if (concernsQuotas(database, path)) {
    if (path.startsWith(QUOTA_ROOT)) {
      // The znode that shows a quota's usage is filled in now; who created it is told what it was before.
      result.statBeforeQuota = new Uint8Array(STAT_BYTES)
      tree.writeStat(node, result.statBeforeQuota, 0)
    }
    database.quotas.created(path, data?.length ?? 0)
  }
  database.traffic?.wrote(path, data?.length ?? 0)
  if (watches.size > 0) {
    const parentAcl = database.aclOf(tree.parentOf(node))
    watches.created(path, txn.zxid, database.aclOf(node), parentAcl)
  }
}

function remove(database: Database, path: string, zxid: number): ErrorCode {
  const { tree, watches } = database
  const node = tree.find(path)
  if (node < 0) {
    // The parent still learns that there was a change (ZOOKEEPER-3125).
    tree.deleteNode(path, zxid)
    return 'NONODE'
  }
  const acl = database.aclOf(node)
  const parentAcl = database.aclOf(tree.parentOf(node))
  const length = Math.max(0, tree.dataLength(node))
  tree.deleteNode(path, zxid)
  if (concernsQuotas(database, path)) database.quotas.deleted(path, length)
  database.traffic?.wrote(path, 0)
  if (watches.size > 0) watches.deleted(path, zxid, acl, parentAcl)
  return 'OK'
}

/** Most trees have no quotas: then only a znode that makes one matters. */
function concernsQuotas(database: Database, path: string): boolean {
  return database.quotas.size > 0 || path.startsWith(QUOTA_ROOT)
}

/** Ends a session: the znodes that the transaction names, and whatever else is left of it (ZOOKEEPER-3145). */
function closeSession(database: Database, txn: Txn): void {
  database.sessions.delete(txn.clientId)
  const named = (txn.record as { paths2Delete: readonly string[] | null } | null)?.paths2Delete ?? []
  for (const path of named) removeOf(database, txn, path)
  for (const path of database.tree.ephemeralsOf(txn.clientId)) removeOf(database, txn, path)
}

function removeOf(database: Database, { clientId, zxid }: Txn, path: string): void {
  const code = remove(database, path, zxid)
  database.audit?.(clientId, path, code === 'OK')
}

/** Applies all of a multi, or nothing: an error anywhere makes errors of the others too. */
function applyMulti(database: Database, txn: Txn, result: ApplyResult): void {
  const { txns } = txn.record as MultiTxn
  result.txns = txns
  const failed = txns.findIndex((body) => body.type === OpCode.error)
  if (failed >= 0) {
    result.errnos = txns.map(({ type, record }, i) =>
      type === OpCode.error ? (record as ErrorTxn).err : i < failed ? 0 : errno('RUNTIMEINCONSISTENCY'),
    )
    return
  }
  if (result.stats.length < txns.length * STAT_BYTES) result.stats = new Uint8Array(txns.length * STAT_BYTES)
  for (let i = 0; i < txns.length; i++) {
    result.node = NONE
    result.statBeforeQuota = null
    applyBody(database, txns[i]!, txn, result)
    if (result.statBeforeQuota !== null) result.stats.set(result.statBeforeQuota, i * STAT_BYTES)
    else if (result.node !== NONE) database.tree.writeStat(result.node, result.stats, i * STAT_BYTES)
  }
  // What fails here, only where a log is replayed over a snapshot that has it already, is nobody's answer.
  result.code = 'OK'
}
