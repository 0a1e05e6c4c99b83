import type { AdminView } from '../view.ts'
import { type AdminAnswer, type AdminCommand, query } from './command.ts'

const MS_PER_S = 1000
const MICROSECONDS_PER_MS = 1000

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
      if (!config.serializeLastProcessedZxid) {
        return { status: 500, error: 'it takes serializeLastProcessedZxid.enabled=true' }
      }
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

/** As Java's, where `admin.restore.enabled=false`. */
const restore: AdminCommand = {
  names: ['restore', 'rest'],
  method: 'POST',
  always: false,
  restricted: true,
  run: () => ({ status: 503, error: 'restoring into a server that runs is not supported: see the page about backup' }),
}

/** Commands about snapshots, for one server. */
export const snapshotCommands = (): readonly AdminCommand[] => [lastSnapshot, restore, snapshot()]
