import { type Database, parseQuorumConfig, type QuorumConfig } from '@vivarium/core'

const PATH = '/zookeeper/config'

/**
 * Writes the configuration into `/zookeeper/config`, where clients find it. Each server does so for itself: it is no
 * transaction, and no part of the digest (ZKDatabase.initConfigInZKDatabase, ZOOKEEPER-2819).
 */
export function setConfigNode({ tree }: Database, config: QuorumConfig, timeMs: number): void {
  const data = Buffer.from(config.toString())
  tree.setData(PATH, data, -1, config.version, timeMs)
}

/** The configuration that the last reconfiguration in log and snapshot has brought, whether it came into force or not. */
export function proposedConfig({ tree }: Database): QuorumConfig | null {
  const node = tree.find(PATH)
  if (node < 0) return null
  const bytes = new Uint8Array(Math.max(0, tree.dataLength(node)))
  tree.copyData(node, bytes, 0)
  const config = parseQuorumConfig(Buffer.from(bytes).toString())
  if (typeof config === 'string') return null
  // What somebody has written there by hand has another zxid than it names.
  return tree.mzxid(node) === config.version ? config : null
}
