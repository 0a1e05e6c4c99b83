import type { Database, QuorumConfig } from '@vivarium/core'

/**
 * Writes the configuration into `/zookeeper/config`, where clients find it. Each server does so for itself: it is no
 * transaction, and no part of the digest (ZKDatabase.initConfigInZKDatabase, ZOOKEEPER-2819).
 */
export function setConfigNode({ tree }: Database, config: QuorumConfig, timeMs: number): void {
  const data = Buffer.from(config.toString())
  tree.setData('/zookeeper/config', data, -1, config.version, timeMs)
}
