import { type ACL, type ErrorCode, Perm, validatePath } from '@vivarium/protocol'
import type { Preparation } from '../pipeline/preparation.ts'
import type { SetAclRecord } from './types.ts'

/**
 * Inherited from PrepRequestProcessor.pRequest2Txn, case OpCode.setACL; but there the outstanding record keeps the old
 * list, so that a request pipelined behind this one is still judged by it. Here it is judged by the new one.
 */
export function prepareSetAcl(
  request: { readonly path: string; readonly acl: readonly (ACL | null)[] | null; readonly version: number },
  prep: Preparation,
): SetAclRecord | ErrorCode {
  if (prep.sessionClosing) return 'SESSIONEXPIRED'
  const { path } = request
  if (validatePath(path) !== null) return 'BADARGUMENTS'
  const acl = prep.fixupAcl(request.acl)
  if (typeof acl === 'string') return acl
  const node = prep.changes.get(path)
  if (node === undefined) return 'NONODE'
  if (!prep.allows(node.acl, Perm.ADMIN)) return 'NOAUTH'
  if (request.version !== -1 && request.version !== node.aversion) return 'BADVERSION'
  prep.changes.change(node, prep.zxid)
  node.acl = acl
  node.aversion = (node.aversion + 1) | 0
  prep.changes.changed(node)
  return { path, acl, version: node.aversion }
}
