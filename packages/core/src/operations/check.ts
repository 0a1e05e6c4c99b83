import { type ErrorCode, Perm, validatePath } from '@vivarium/protocol'
import type { Preparation } from '../pipeline/preparation.ts'
import type { CheckRecord } from './types.ts'

/** Part of a multi: all of it fails unless the znode has this version. Changes nothing itself. */
export function prepareCheck(
  request: { readonly path: string; readonly version: number },
  prep: Preparation,
): CheckRecord | ErrorCode {
  if (prep.sessionClosing) return 'SESSIONEXPIRED'
  const { path } = request
  if (validatePath(path) !== null) return 'BADARGUMENTS'
  const node = prep.changes.get(path)
  if (node === undefined) return 'NONODE'
  if (!prep.allows(node.acl, Perm.READ)) return 'NOAUTH'
  if (request.version !== -1 && request.version !== node.version) return 'BADVERSION'
  return { path, version: (node.version + 1) | 0 }
}
