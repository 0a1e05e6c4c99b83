import {
  CONTAINER_OWNER,
  CreateMode,
  type ErrorCode,
  MAX_TTL_MS,
  OpCode,
  Perm,
  ttlOwner,
  validatePath,
} from '@vivarium/protocol'
import { prefixCrcOf } from '../pipeline/change-record.ts'
import type { Preparation } from '../pipeline/preparation.ts'
import { NodeKind } from '../tree/index.ts'
import type { CreateArguments } from './requests.ts'
import type { CreateRecord } from './types.ts'

/**
 * create, create2, createContainer and createTTL. The opcode decides what kind of znode it becomes, not the flags:
 * `createContainer` ignores them but for the sequential one, and flag 4 with a plain `create` makes a plain znode.
 *
 * Inherited from PrepRequestProcessor.pRequest2TxnCreate; the order of the checks is what clients see.
 */
export function prepareCreate(type: number, request: CreateArguments, prep: Preparation): CreateRecord | ErrorCode {
  const mode = CreateMode.fromFlags(request.flags)
  if (mode === undefined) return 'BADARGUMENTS'
  if (mode.isTTL && !prep.extendedTypes) return 'UNIMPLEMENTED'
  const ttl = mode.isTTL ? request.ttl : -1
  if (mode.isTTL && !(ttl > 0 && ttl <= MAX_TTL_MS)) return 'BADARGUMENTS'
  // Java lets a createTTL with another flag and a negative ttl through to the log, where applying it is fatal.
  if (!mode.isTTL && (request.ttl >= 0 || type === OpCode.createTTL)) return 'BADARGUMENTS'
  if (prep.sessionClosing || (mode.isEphemeral && !prep.ownsEphemerals)) return 'SESSIONEXPIRED'

  let path = request.path
  if (path === null) return 'MARSHALLINGERROR'
  const slash = path.lastIndexOf('/')
  if (slash === -1 || path.includes('\0')) return 'BADARGUMENTS'
  const acl = prep.fixupAcl(request.acl)
  if (typeof acl === 'string') return acl
  const parent = prep.changes.get(slash === 0 ? '/' : path.slice(0, slash))
  if (parent === undefined) return 'NONODE'
  if (!prep.allows(parent.acl, Perm.CREATE)) return 'NOAUTH'
  if (mode.isSequential) path += sequenceSuffix(parent.cversion)
  if (validatePath(path) !== null) return 'BADARGUMENTS'
  if (prep.changes.get(path) !== undefined) return 'NODEEXISTS'
  if (parent.kind === NodeKind.EPHEMERAL) return 'NOCHILDRENFOREPHEMERALS'
  const { data } = request
  const quota = prep.checkQuota(path, null, data, 'create')
  if (quota !== 'OK') return quota

  const { changes, zxid, time } = prep
  changes.change(parent, zxid)
  parent.childCount++
  parent.cversion = (parent.cversion + 1) | 0
  parent.pzxid = zxid
  changes.changed(parent)

  let kind: NodeKind = NodeKind.PERSISTENT
  let owner = 0n
  if (type === OpCode.createContainer) {
    kind = NodeKind.CONTAINER
    owner = CONTAINER_OWNER
  } else if (type === OpCode.createTTL) {
    kind = NodeKind.TTL
    owner = ttlOwner(ttl)
  } else if (mode.isEphemeral) {
    kind = NodeKind.EPHEMERAL
    owner = prep.sessionId
  }
  const node = changes.create(path, zxid, kind, owner)
  node.acl = acl
  node.ctime = time
  node.mtime = time
  node.dataLength = data === null ? 0 : data.length
  if (prep.keepsDigests) node.prefixCrc = prefixCrcOf(path, data)
  changes.changed(node)
  const known = { parent: parent.node, hash: node.hash, prefixCrc: node.prefixCrc }
  return { path, data, acl, ephemeral: kind === NodeKind.EPHEMERAL, parentCVersion: parent.cversion, ttl, known }
}

/** Java's `%010d`: ten digits, with a minus sign in front once the parent's counter has wrapped. */
function sequenceSuffix(cversion: number): string {
  return cversion < 0 ? `-${String(-cversion).padStart(9, '0')}` : String(cversion).padStart(10, '0')
}
