import { type ApiPart, ok } from './api-answer.ts'

const MIB = 2 ** 20

/** What the console draws: a few of the metrics, as `monitor` has hundreds. */
export const metricsPart: ApiPart = {
  name: 'metrics',
  restricted: false,
  answer: ({ admin, wallMs }) => {
    const { stats, metrics } = admin
    const { readlatency: reads, updatelatency: updates, fsynctime } = metrics
    return ok({
      now: wallMs(),
      figures: {
        received: stats.packetsReceived,
        reads: reads.summary.count,
        readMs: reads.summary.sum,
        readP99: reads.percentile(0.99),
        updates: updates.summary.count,
        updateMs: updates.summary.sum,
        updateP99: updates.percentile(0.99),
        syncs: fsynctime.count,
        syncMs: fsynctime.sum,
        outstanding: admin.outstandingRequests,
        connections: admin.connectionCount,
        sessions: (metrics.global_sessions.source?.() ?? 0) + (metrics.local_sessions.source?.() ?? 0),
        watches: metrics.watch_count.source?.() ?? 0,
        znodes: admin.nodeCount,
        ephemerals: metrics.ephemerals_count.source?.() ?? 0,
        residentMiB: process.memoryUsage.rss() / MIB,
        treeMiB: admin.treeBytes.used / MIB,
      },
    })
  },
}
