import { type ErrorCode, Perm, validatePath } from '@vivarium/protocol'
import { prefixCrcOf } from '../pipeline/change-record.ts'
import type { Preparation } from '../pipeline/preparation.ts'
import type { SetDataArguments } from './requests.ts'
import type { SetDataRecord } from './types.ts'

/** Inherited from PrepRequestProcessor.pRequest2Txn, case OpCode.setData. */
export function prepareSetData(request: SetDataArguments, prep: Preparation): SetDataRecord | ErrorCode {
  if (prep.sessionClosing) return 'SESSIONEXPIRED'
  const { path, data } = request
  if (validatePath(path) !== null) return 'BADARGUMENTS'
  const node = prep.changes.get(path)
  if (node === undefined) return 'NONODE'
  if (!prep.allows(node.acl, Perm.WRITE)) return 'NOAUTH'
  const quota = prep.checkQuota(path, node, data, 'setData')
  if (quota !== 'OK') return quota
  if (request.version !== -1 && request.version !== node.version) return 'BADVERSION'
  const { changes, zxid } = prep
  changes.change(node, zxid)
  node.version = (node.version + 1) | 0 // Wraps, as Java's int.
  node.mzxid = zxid
  node.mtime = prep.time
  node.dataLength = data === null ? 0 : data.length
  if (prep.keepsDigests) node.prefixCrc = prefixCrcOf(path, data)
  changes.changed(node)
  return { path, data, version: node.version, node: node.node, prefixCrc: node.prefixCrc }
}
