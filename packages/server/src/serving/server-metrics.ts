import type { EnsembleAuthCounts, QuotaObserver, WatchObserver } from '@vivarium/core'
import type { Log } from '@vivarium/env'
import { EventType } from '@vivarium/protocol'
import type { Metrics } from '../admin/metrics.ts'
import type { ServerStats } from '../admin/server-stats.ts'
import type { ClientMetrics } from '../clients/client-metrics.ts'

/** A soft limit can be passed any number of times; so often it is worth a line. */
const QUOTA_LOG_INTERVAL_MS = 60_000

/** Counts what connections, watches and quotas report, under ZooKeeper's names. */
export class ServerMetrics implements ClientMetrics, WatchObserver, QuotaObserver {
  readonly ensembleAuth: EnsembleAuthCounts = { skipped: 0, succeeded: 0, failed: 0 }
  readonly #metrics: Metrics
  readonly #stats: ServerStats
  readonly #log: Log
  readonly #monotonicMs: () => number
  #quotaLoggedMs = Number.NEGATIVE_INFINITY

  constructor(metrics: Metrics, stats: ServerStats, log: Log, monotonicMs: () => number) {
    this.#metrics = metrics
    this.#stats = stats
    this.#log = log
    this.#monotonicMs = monotonicMs
  }

  packetReceived(): void {
    this.#stats.packetsReceived++
  }

  packetSent(): void {
    this.#stats.packetsSent++
  }

  bytesReceived(bytes: number): void {
    this.#metrics.bytes_received_count.value += bytes
  }

  connectionRejected(): void {
    this.#metrics.connection_rejected.value++
  }

  connectionRequested(deficit: number): void {
    this.#metrics.connection_request_count.value++
    this.#metrics.connection_token_deficit.observe(deficit)
  }

  connectionRevalidated(): void {
    this.#metrics.connection_revalidate_count.value++
  }

  connectionDropped(): void {
    this.#metrics.connection_drop_count.value++
  }

  sessionlessExpired(): void {
    this.#metrics.sessionless_connections_expired.value++
  }

  authFailed(): void {
    this.#stats.authFailed++
  }

  largeRequestRejected(): void {
    this.#metrics.large_requests_rejected.value++
  }

  watchEventSent(bytes: number): void {
    this.#metrics.watch_bytes.value += bytes
    this.#stats.clientResponse(bytes)
  }

  replied(latencyMs: number, write: boolean, bytes: number): void {
    this.#stats.replied(Math.floor(latencyMs), write)
    if (bytes <= 0) return
    this.#metrics.response_bytes.value += bytes
    this.#stats.clientResponse(bytes)
  }

  watchersFound(type: number, watchers: number): void {
    const metrics = this.#metrics
    switch (type) {
      case EventType.NodeCreated:
        metrics.node_created_watch_count.observe(watchers)
        break
      case EventType.NodeDeleted:
        metrics.node_deleted_watch_count.observe(watchers)
        break
      case EventType.NodeDataChanged:
        metrics.node_changed_watch_count.observe(watchers)
        break
      default:
        metrics.node_children_watch_count.observe(watchers)
    }
  }

  quotaExceeded(namespace: string, hard: boolean, message: string): void {
    if (hard) this.#metrics.quota_exceeded_error_per_namespace.add(namespace, 1)
    const nowMs = this.#monotonicMs()
    if (nowMs - this.#quotaLoggedMs < QUOTA_LOG_INTERVAL_MS) return
    this.#quotaLoggedMs = nowMs
    this.#log.warn(message)
  }
}
