import { type ErrorCode, encodeUtf8, Perm, type ReconfigRequest, type SetDataTxn } from '@vivarium/protocol'
import type { Preparation } from '../pipeline/preparation.ts'
import { nextConfig, type QuorumConfig } from '../quorum/index.ts'

const CONFIG_PATH = '/zookeeper/config'

/** What a leader knows of its ensemble, as far as a reconfiguration has to fit to it. */
export interface Reconfigurable {
  /** The configuration in force, and the latest proposed: the same while no reconfiguration is under way. */
  readonly config: QuorumConfig
  readonly lastSeen: QuorumConfig
  /** The least number of voters: one that is left alone would run another kind of server, with `standaloneEnabled`. */
  readonly leastVoters: number
  /** Whether members may have several addresses (`multiAddress.enabled`). */
  readonly severalAddresses: boolean
  /** Whether a quorum of another configuration is connected and synchronized. */
  hasQuorumOf(config: QuorumConfig): boolean
}

/**
 * Inherited from PrepRequestProcessor.pRequest2Txn, case OpCode.reconfig; but there, what is no number, and a
 * configuration without participants, is answered with MARSHALLINGERROR.
 *
 * @param ensemble null: the server stands alone
 */
export function prepareReconfig(
  request: ReconfigRequest,
  ensemble: Reconfigurable | null,
  prep: Preparation,
): SetDataTxn | ErrorCode {
  if (prep.sessionClosing) return 'SESSIONEXPIRED'
  if (ensemble === null) return 'UNIMPLEMENTED'
  const { lastSeen } = ensemble
  if (lastSeen.version !== ensemble.config.version) return 'RECONFIGINPROGRESS'
  if (request.curConfigId !== -1 && request.curConfigId !== lastSeen.version) return 'BADVERSION'
  const config = nextConfig(request, lastSeen, prep.zxid)
  if (typeof config === 'string' || config.voters.size < ensemble.leastVoters) return 'BADARGUMENTS'
  if (!ensemble.severalAddresses && [...config.members.values()].some(({ addresses }) => addresses.length > 1))
    return 'BADARGUMENTS'
  if (!ensemble.hasQuorumOf(config)) return 'NEWCONFIGNOQUORUM'
  const node = prep.changes.get(CONFIG_PATH)
  if (node === undefined) return 'NONODE'
  if (!prep.allows(node.acl, Perm.WRITE)) return 'NOAUTH'
  const data = encodeUtf8(config.toString())
  prep.changes.change(node, prep.zxid)
  node.version = -1
  node.mzxid = prep.zxid
  node.mtime = prep.time
  node.dataLength = data.length
  prep.changes.changed(node)
  return { path: CONFIG_PATH, data, version: -1 }
}
