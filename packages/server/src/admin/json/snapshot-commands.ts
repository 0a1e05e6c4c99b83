import type { AdminView } from '../view.ts'
import { type AdminAnswer, type AdminCommand, query } from './command.ts'

const MS_PER_S = 1000
const MICROSECONDS_PER_MS = 1000

const WITHOUT_LAST_ZXID: AdminAnswer = { status: 500, error: 'it takes serializeLastProcessedZxid.enabled=true' }

const lastSnapshot = query(['last_snapshot', 'lsnp'], async (view) => {
  const newest = await view.newestSnapshot()
  if (newest === null) return { zxid: 'ffffffffffffffff', timestamp: -1 }
  return { zxid: newest.zxid.toString(16), timestamp: Math.floor(newest.modifiedMs / MS_PER_S) }
})

/**
 * Takes a snapshot, and answers with it unless `streaming=false` says that the file on the server will do. Java reads
 * `admin.rateLimiterIntervalInMS` as microseconds here, and so do we: by default snapshots are 0.3 s apart.
 */
function snapshot(): AdminCommand {
  let nextMs = Number.NEGATIVE_INFINITY
  return {
    names: ['snapshot', 'snap'],
    method: 'GET',
    always: false,
    restricted: true,
    run: async (view, { parameters }): Promise<AdminAnswer> => {
      const { config, metrics } = view
      if (!config.adminSnapshotEnabled) return { status: 503, error: 'admin.snapshot.enabled=false' }
      if (!config.serializeLastProcessedZxid) return WITHOUT_LAST_ZXID
      const nowMs = view.monotonicMs()
      if (nowMs < nextMs) {
        metrics.snapshot_rate_limited_count.add(1)
        return { status: 429, error: 'a snapshot was taken a moment ago' }
      }
      nextMs = nowMs + config.adminRateLimiterIntervalMs / MICROSECONDS_PER_MS
      return (await view.takeSnapshot()) ? await answer(view, parameters.get('streaming')) : unwritten()
    },
  }
}

async function answer(view: AdminView, streaming: string | undefined): Promise<AdminAnswer> {
  const newest = await view.newestSnapshot()
  if (newest === null) return unwritten()
  const headers = { last_zxid: `0x${newest.zxid.toString(16)}`, snapshot_size: String(newest.bytes) }
  const streams = streaming === undefined || streaming.toLowerCase() === 'true'
  return streams ? { headers, file: newest.path } : { headers }
}

const unwritten = (): AdminAnswer => ({
  status: 500,
  error: 'no snapshot could be taken: one is being written already, or the log of the server says why',
})

/**
 * Replaces what the server has by the snapshot that comes as the body of the request, in `application/octet-stream`
 * (RestoreCommand). Here `admin.rateLimiterIntervalInMS` is what it says.
 */
function restore(): AdminCommand {
  let nextMs = Number.NEGATIVE_INFINITY
  return {
    names: ['restore', 'rest'],
    method: 'POST',
    always: false,
    restricted: true,
    run: async (view, { body }): Promise<AdminAnswer> => {
      const { config, metrics } = view
      if (!config.adminRestoreEnabled) return { status: 503, error: 'admin.restore.enabled=false' }
      if (!config.serializeLastProcessedZxid) return WITHOUT_LAST_ZXID
      if (body === null) return { status: 400, error: 'the snapshot is missing: it is the body of the request' }
      const startedMs = view.monotonicMs()
      if (startedMs < nextMs) {
        metrics.restore_rate_limited_count.add(1)
        return { status: 429, error: 'a snapshot was restored a moment ago' }
      }
      nextMs = startedMs + config.adminRateLimiterIntervalMs
      const outcome = await view.restore(body)
      if (outcome.ok) {
        metrics.restore_time.observe(Math.round(view.monotonicMs() - startedMs))
        return { data: { last_zxid: outcome.zxid } }
      }
      metrics.restore_error_count.add(1)
      return { status: outcome.possible ? 500 : 503, error: outcome.reason }
    },
  }
}

/** Commands about snapshots, for one server. */
export const snapshotCommands = (): readonly AdminCommand[] => [lastSnapshot, restore(), snapshot()]
