/** The jute module org.apache.zookeeper.txn, with its names: what is in proposals and in the transaction log. */
import { bool, buffer, int, long, millis, text, vector, zxid } from '../jute/field-types.ts'
import { type RecordOf, record } from '../jute/record.ts'
import { AclList } from './data.ts'

export const TxnHeader = record({ clientId: long, cxid: int, zxid, time: millis, type: int })
export type TxnHeader = RecordOf<typeof TxnHeader>

/**
 * The digest of the tree once the transaction has been applied. Jute has one 64-bit `treeDigest` where this has its
 * signed halves, which are the same bytes and need no bigint for each transaction.
 */
export const TxnDigest = record({ version: int, high: int, low: int })
export type TxnDigest = RecordOf<typeof TxnDigest>

/** CreateTxn as it was before 3.4. */
export const CreateTxnV0 = record({ path: text, data: buffer, acl: AclList, ephemeral: bool })
export type CreateTxnV0 = RecordOf<typeof CreateTxnV0>

/** `parentCVersion` is the parent's stored cversion once this is applied; −1: the one it has, plus one. */
export const CreateTxn = record({ path: text, data: buffer, acl: AclList, ephemeral: bool, parentCVersion: int })
export type CreateTxn = RecordOf<typeof CreateTxn>

/** `ttl` in milliseconds. */
export const CreateTTLTxn = record({ path: text, data: buffer, acl: AclList, parentCVersion: int, ttl: millis })
export type CreateTTLTxn = RecordOf<typeof CreateTTLTxn>

export const CreateContainerTxn = record({ path: text, data: buffer, acl: AclList, parentCVersion: int })
export type CreateContainerTxn = RecordOf<typeof CreateContainerTxn>

export const DeleteTxn = record({ path: text })
export type DeleteTxn = RecordOf<typeof DeleteTxn>

/** `version` is the one the znode has once this is applied. */
export const SetDataTxn = record({ path: text, data: buffer, version: int })
export type SetDataTxn = RecordOf<typeof SetDataTxn>

export const CheckVersionTxn = record({ path: text, version: int })
export type CheckVersionTxn = RecordOf<typeof CheckVersionTxn>

/** `version` is the aversion the znode has once this is applied. */
export const SetACLTxn = record({ path: text, acl: AclList, version: int })
export type SetACLTxn = RecordOf<typeof SetACLTxn>

/** In jute, and never written. */
export const SetMaxChildrenTxn = record({ path: text, max: int })
export type SetMaxChildrenTxn = RecordOf<typeof SetMaxChildrenTxn>

/** `timeOut` in milliseconds. */
export const CreateSessionTxn = record({ timeOut: int })
export type CreateSessionTxn = RecordOf<typeof CreateSessionTxn>

/** The ephemeral znodes that go with the session. */
export const CloseSessionTxn = record({ paths2Delete: vector(text) })
export type CloseSessionTxn = RecordOf<typeof CloseSessionTxn>

export const ErrorTxn = record({ err: int })
export type ErrorTxn = RecordOf<typeof ErrorTxn>

/** Jute's `Txn`: one operation of a multi. `data` is the record that `type` calls for. */
export const SubTxn = record({ type: int, data: buffer })
export type SubTxn = RecordOf<typeof SubTxn>

/** Jute's `MultiTxn`, its operations not yet decoded: see `readTxn` for the whole. */
export const RawMultiTxn = record({ txns: vector(SubTxn) })
export type RawMultiTxn = RecordOf<typeof RawMultiTxn>
