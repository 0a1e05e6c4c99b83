/** What `cons` and the admin API tell of one connection (ServerCnxn). Times are milliseconds. */
export class ConnectionStats {
  packetsReceived = 0
  packetsSent = 0
  /** Wall clock. */
  readonly establishedMs: number
  lastOpcode = 0
  lastXid = -1
  lastZxid = -1
  /** Wall clock; 0 before the first reply. */
  lastResponseMs = 0
  lastLatencyMs = 0
  minLatencyMs = Number.MAX_SAFE_INTEGER
  maxLatencyMs = 0
  latencyCount = 0
  totalLatencyMs = 0

  constructor(establishedMs: number) {
    this.establishedMs = establishedMs
  }

  replied(opcode: number, xid: number, zxid: number, latencyMs: number, nowMs: number): void {
    // The zxid of a notification, an error before any transaction and the like is no zxid that the client has seen.
    if (xid >= 0) this.lastXid = xid
    if (zxid > this.lastZxid) this.lastZxid = zxid
    this.lastOpcode = opcode
    this.lastResponseMs = nowMs
    this.lastLatencyMs = latencyMs
    if (latencyMs < this.minLatencyMs) this.minLatencyMs = latencyMs
    if (latencyMs > this.maxLatencyMs) this.maxLatencyMs = latencyMs
    this.latencyCount++
    this.totalLatencyMs += latencyMs
  }

  reset(): void {
    this.packetsReceived = 0
    this.packetsSent = 0
    this.lastOpcode = 0
    this.lastXid = -1
    this.lastZxid = -1
    this.lastResponseMs = 0
    this.lastLatencyMs = 0
    this.minLatencyMs = Number.MAX_SAFE_INTEGER
    this.maxLatencyMs = 0
    this.latencyCount = 0
    this.totalLatencyMs = 0
  }
}
