import { MemoryDisk } from '@vivarium/env/memory'
import { createMetrics } from '../../dist/admin/metrics.js'
import { ProcessFigures } from '../../dist/admin/process-figures.js'
import { ServerStats } from '../../dist/admin/server-stats.js'
import type { AdminView, ConnectionFigures, ConnectionView } from '../../dist/admin/view.js'
import { Whitelist } from '../../dist/admin/whitelist.js'
import { createServerConfig } from '../../dist/config/server-config.js'

const SESSION_0 = 0x100002dac270000n
const SESSION_1 = 0x100002dac270001n

class Figures implements ConnectionFigures {
  packetsReceived = 0
  packetsSent = 0
  establishedMs = 0
  lastOpcode = 0
  lastXid = -1
  lastZxid = -1
  lastResponseMs = 0
  lastLatencyMs = 0
  minLatencyMs = Number.MAX_SAFE_INTEGER
  maxLatencyMs = 0
  latencyCount = 0
  totalLatencyMs = 0

  constructor(values: Partial<ConnectionFigures>) {
    Object.assign(this, values)
  }

  reset(): void {
    const { establishedMs } = this
    Object.assign(this, new Figures({ establishedMs }))
  }
}

function connection(
  address: string,
  port: number,
  rest: Partial<ConnectionView>,
  figures: Partial<Figures>,
): ConnectionView {
  return {
    remoteAddress: address,
    remotePort: port,
    secure: false,
    interestOps: 1,
    outstandingRequests: 0,
    sessionId: 0n,
    sessionTimeoutMs: 0,
    ...rest,
    stats: new Figures(figures),
  }
}

/** A server in the very state in which Apache ZooKeeper 3.9.5 was when the fixtures were taken from it. */
export function exampleView(changes: Partial<AdminView> = {}): AdminView {
  const metrics = createMetrics()
  let nowMs = 0
  const stats = new ServerStats(metrics, () => nowMs)
  nowMs = 3779
  stats.packetsReceived = 319
  stats.packetsSent = 320
  for (const [latency, count] of [
    [0, 1],
    [89, 1],
    [2, 124],
    [3, 184],
  ] as const) {
    for (let i = 0; i < count; i++) stats.replied(latency, true)
  }
  const asking = connection('127.0.0.1', 56860, { interestOps: 0 }, { packetsReceived: 1 })
  const second = connection(
    '::1',
    52060,
    { sessionId: SESSION_1, sessionTimeoutMs: 30_000 },
    {
      packetsReceived: 4,
      packetsSent: 5,
      establishedMs: 1795258389826,
      lastOpcode: 8,
      lastXid: 3,
      lastZxid: 5,
      lastResponseMs: 2997220,
      lastLatencyMs: 1,
      minLatencyMs: 0,
      maxLatencyMs: 9,
      latencyCount: 4,
      totalLatencyMs: 12.9,
    },
  )
  const first = connection(
    '127.0.0.1',
    56838,
    { sessionId: SESSION_0, sessionTimeoutMs: 30_000, outstandingRequests: 1 },
    {
      packetsReceived: 306,
      packetsSent: 307,
      establishedMs: 1795258389799,
      lastOpcode: 11,
      lastXid: 0x131,
      lastZxid: 0x131,
      lastResponseMs: 2997980,
      lastLatencyMs: 1,
      minLatencyMs: 0,
      maxLatencyMs: 89,
      latencyCount: 307,
      totalLatencyMs: 879,
    },
  )
  const dumping = connection('127.0.0.1', 56880, {}, {})
  const directory = '/var/lib/data/version-2'
  return {
    config: createServerConfig({ dataDir: '/var/lib/data', clientPort: 21987, tickTimeMs: 2000 }),
    whitelist: new Whitelist(['*'], false),
    stats,
    metrics,
    figures: new ProcessFigures(new MemoryDisk(), directory, directory, metrics),
    serving: true,
    mode: 'standalone',
    clientPort: 21987,
    secureClientPort: -1,
    serverId: 0,
    member: null,
    connectionCount: 3,
    outstandingRequests: 0,
    nodeCount: 8,
    treeBytes: { used: 1000, reserved: 2000 },
    lastZxid: 0x131,
    traceMask: 306n,
    connections: () => [asking, second, first],
    sessionBuckets: () => [{ expiresAtMs: Date.UTC(2026, 10, 21, 10, 53, 40), elements: [SESSION_0, SESSION_1] }],
    localSessionBuckets: () => null,
    connectionBuckets: () => [
      { expiresAtMs: Date.UTC(2026, 10, 21, 10, 53, 22), elements: [dumping] },
      { expiresAtMs: Date.UTC(2026, 10, 21, 10, 53, 42), elements: [second, first] },
    ],
    ephemeralOwnerCount: 2,
    ephemerals: () => [
      [SESSION_0, ['/eph']],
      [SESSION_1, ['/eph2']],
    ],
    watchSummary: () => ({ connections: 2, paths: 1, watches: 1 }),
    watchesByPath: () => [['/none', [SESSION_0]]],
    watchesBySession: () => [
      [SESSION_1, []],
      [SESSION_0, ['/none']],
    ],
    digestVersion: 2,
    diskFull: false,
    freeDiskBytes: async () => 1_000_000,
    monotonicMs: () => nowMs,
    authorize: () => 'granted',
    takeSnapshot: async () => true,
    newestSnapshot: async () => null,
    restore: async () => ({ ok: true, zxid: 0 }),
    digests: () => [
      { zxid: 0x80, digest: 6278948025n },
      { zxid: 0x100, digest: 7007981871n },
    ],
    ...changes,
  }
}
