import type { Percentiles } from './metric-percentiles.ts'
import { Summary } from './metric-summary.ts'
import { type Metrics, resetMetrics } from './metrics.ts'

/** What `srvr` and the admin server tell of the requests of all clients together (ServerStats). */
export class ServerStats {
  packetsReceived = 0
  packetsSent = 0
  /** Milliseconds from a request to its reply. */
  readonly latency = new Summary()
  /** Bytes of replies to clients; -1 before the first. */
  lastClientResponseSize = -1
  minClientResponseSize = -1
  maxClientResponseSize = -1
  /** Syncs of the log that took longer than `fsync.warningthresholdms`. */
  fsyncThresholdExceeded = 0
  authFailed = 0
  /** Bytes of the proposals of a leader; -1 before the first. */
  lastProposalSize = -1
  minProposalSize = -1
  maxProposalSize = -1
  nonMtlsLocalConnections = 0
  nonMtlsRemoteConnections = 0
  /** Whether metrics start again with these counts; those for Prometheus, which sees how they grow, do not. */
  resetsMetrics = true
  readonly #metrics: Metrics
  readonly #reads: Percentiles
  readonly #updates: Percentiles
  readonly #monotonicMs: () => number
  readonly #startedMs: number

  constructor(metrics: Metrics, monotonicMs: () => number) {
    this.#metrics = metrics
    this.#reads = metrics.readlatency
    this.#updates = metrics.updatelatency
    this.#monotonicMs = monotonicMs
    this.#startedMs = monotonicMs()
    this.#feedGauges(metrics)
  }

  get uptimeMs(): number {
    return Math.floor(this.#monotonicMs() - this.#startedMs)
  }

  /** A reply left. `update`: the request had a transaction. */
  replied(latencyMs: number, update: boolean): void {
    if (latencyMs < 0) return
    this.latency.observe(latencyMs)
    if (update) this.#updates.observe(latencyMs)
    else this.#reads.observe(latencyMs)
  }

  clientResponse(bytes: number): void {
    this.lastClientResponseSize = bytes
    if (bytes < this.minClientResponseSize || this.minClientResponseSize === -1) this.minClientResponseSize = bytes
    if (bytes > this.maxClientResponseSize) this.maxClientResponseSize = bytes
  }

  proposed(bytes: number): void {
    this.lastProposalSize = bytes
    if (bytes < this.minProposalSize || this.minProposalSize === -1) this.minProposalSize = bytes
    if (bytes > this.maxProposalSize) this.maxProposalSize = bytes
  }

  /** A client has connected where certificates are not asked for, although there is a port where they are. */
  connectedInTheClear(address: string): void {
    if (address === '::1' || address.startsWith('127.')) this.nonMtlsLocalConnections++
    else this.nonMtlsRemoteConnections++
  }

  /** A leader begins anew, or is asked to. */
  resetProposals(): void {
    this.lastProposalSize = -1
    this.minProposalSize = -1
    this.maxProposalSize = -1
  }

  /** What `srst` does: metrics start again as well. */
  reset(): void {
    this.packetsReceived = 0
    this.packetsSent = 0
    this.latency.reset()
    this.lastClientResponseSize = -1
    this.minClientResponseSize = -1
    this.maxClientResponseSize = -1
    this.resetProposals()
    if (this.resetsMetrics) resetMetrics(this.#metrics)
  }

  #feedGauges(metrics: Metrics): void {
    metrics.avg_latency.source = () => this.latency.average
    metrics.min_latency.source = () => this.latency.min
    metrics.max_latency.source = () => this.latency.max
    metrics.packets_received.source = () => this.packetsReceived
    metrics.packets_sent.source = () => this.packetsSent
    metrics.uptime.source = () => this.uptimeMs
    metrics.last_client_response_size.source = () => this.lastClientResponseSize
    metrics.min_client_response_size.source = () => this.minClientResponseSize
    metrics.max_client_response_size.source = () => this.maxClientResponseSize
    metrics.auth_failed_count.source = () => this.authFailed
    metrics.non_mtls_local_conn_count.source = () => this.nonMtlsLocalConnections
    metrics.non_mtls_remote_conn_count.source = () => this.nonMtlsRemoteConnections
  }
}
