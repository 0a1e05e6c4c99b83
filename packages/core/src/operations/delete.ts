import { type ErrorCode, Perm } from '@vivarium/protocol'
import type { SweepCandidate } from '../containers/index.ts'
import type { ChangeRecord } from '../pipeline/change-record.ts'
import type { Preparation } from '../pipeline/preparation.ts'
import { NodeKind } from '../tree/index.ts'
import type { DeleteArguments } from './requests.ts'
import type { DeleteRecord } from './types.ts'

/** Znodes that are part of every tree (ZKDatabase.isSpecialPath). */
const SPECIAL = new Set(['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config'])

/** Inherited from PrepRequestProcessor.pRequest2Txn, case OpCode.delete. */
export function prepareDelete(request: DeleteArguments, prep: Preparation): DeleteRecord | ErrorCode {
  if (prep.sessionClosing) return 'SESSIONEXPIRED'
  const { path } = request
  if (path === null) return 'MARSHALLINGERROR'
  const slash = path.lastIndexOf('/')
  if (slash === -1 || path.includes('\0') || SPECIAL.has(path)) return 'BADARGUMENTS'
  const parent = prep.changes.get(slash === 0 ? '/' : path.slice(0, slash))
  if (parent === undefined) return 'NONODE'
  if (!prep.allows(parent.acl, Perm.DELETE)) return 'NOAUTH'
  const node = prep.changes.get(path)
  if (node === undefined) return 'NONODE'
  if (request.version !== -1 && request.version !== node.version) return 'BADVERSION'
  if (node.childCount > 0) return 'NOTEMPTY'
  remove(parent, node, prep)
  return { path }
}

/**
 * Deletes an empty container or a TTL znode, unless something has come between since it was found. Only the server itself asks for that: Java takes it from clients too, and
 * then deletes any znode without children, whoever asks (see docs/compatibility.md).
 */
export function prepareDeleteContainer({ path, mzxid }: SweepCandidate, prep: Preparation): DeleteRecord | ErrorCode {
  if (SPECIAL.has(path)) return 'BADARGUMENTS'
  const slash = path.lastIndexOf('/')
  const parent = prep.changes.get(slash === 0 ? '/' : path.slice(0, slash))
  const node = prep.changes.get(path)
  if (parent === undefined || node === undefined) return 'NONODE'
  if (node.childCount > 0) return 'NOTEMPTY'
  if (node.kind !== NodeKind.CONTAINER && node.kind !== NodeKind.TTL) return 'BADVERSION'
  if (node.mzxid !== mzxid) return 'BADVERSION'
  remove(parent, node, prep)
  return { path }
}

/** Leaves a tombstone, so that later operations find no znode there. */
export function remove(parent: ChangeRecord, node: ChangeRecord, prep: Preparation): void {
  const { changes, zxid } = prep
  changes.change(parent, zxid)
  parent.childCount--
  parent.pzxid = zxid
  changes.changed(parent)
  changes.change(node, zxid)
  node.exists = false
  changes.changed(node)
}
