import type { EnsembleAuthCounts, NamespaceQuotas } from '@vivarium/core'
import type { TlsCounts } from '../tls/open-networks.ts'
import type { Server } from './server.ts'

/** Tells the metrics that are read when they are asked for where to look. */
export function feedGauges(server: Server, ensembleAuth: EnsembleAuthCounts, tls?: TlsCounts): void {
  const { clients, metrics } = server
  metrics.znode_count.source = () => server.database.tree.nodeCount
  metrics.watch_count.source = () => server.database.watches.size
  metrics.ephemerals_count.source = () => server.database.tree.ephemeralCount
  metrics.approximate_data_size.source = () => server.database.tree.approximateDataSize
  metrics.global_sessions.source = () => server.database.sessions.size
  metrics.local_sessions.source = () => server.pipeline?.locals?.size ?? 0
  metrics.num_alive_connections.source = () => clients.register.all.size
  metrics.outstanding_requests.source = () => server.pipeline?.inProcess ?? 0
  metrics.outstanding_tls_handshake.source = () => tls?.underWay() ?? 0
  if (tls !== undefined) tls.exceeded = () => metrics.tls_handshake_exceeded.add(1)
  metrics.digest_mismatches_count.source = () => server.database.digestMismatches
  metrics.ensemble_auth_skip.source = () => ensembleAuth.skipped
  metrics.ensemble_auth_success.source = () => ensembleAuth.succeeded
  metrics.ensemble_auth_fail.source = () => ensembleAuth.failed
  metrics.connection_drop_probability.source = () => clients.throttle.dropChance
  const sum = (value: (namespace: NamespaceQuotas) => bigint) => (): Map<string, number> =>
    new Map(Array.from(server.database.quotas.namespaces(), ([name, namespace]) => [name, Number(value(namespace))]))
  metrics.quota_count_limit_per_namespace.source = sum((namespace) => namespace.countLimit)
  metrics.quota_bytes_limit_per_namespace.source = sum((namespace) => namespace.bytesLimit)
  metrics.quota_count_usage_per_namespace.source = sum((namespace) => namespace.countUsage)
  metrics.quota_bytes_usage_per_namespace.source = sum((namespace) => namespace.bytesUsage)
}
