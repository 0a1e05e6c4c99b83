import { join, resolve } from 'node:path'
import { environmentInfo } from '../environment-info.ts'
import { javaDouble } from '../java-format.ts'
import { emitMetrics } from '../metrics.ts'
import { FULL_VERSION } from '../version.ts'
import type { AdminView } from '../view.ts'
import { type AdminCommand, query } from './command.ts'
import { briefConnection, connectionsOf } from './connection.ts'
import { Entries, Items, type Json, JsonNumber, type JsonObject } from './json.ts'

const versioned = (directory: string): string => join(resolve(directory), 'version-2')

const configuration = query(['configuration', 'conf', 'config'], ({ config, clientPort, serverId }) => ({
  client_port: clientPort,
  data_dir: versioned(config.dataDir),
  data_log_dir: versioned(config.dataLogDir),
  tick_time: config.tickTimeMs,
  max_client_cnxns: config.maxClientCnxns,
  min_session_timeout: config.minSessionTimeoutMs,
  max_session_timeout: config.maxSessionTimeoutMs,
  server_id: serverId,
  client_port_listen_backlog: config.clientPortListenBacklog,
}))

const dirs = query(['dirs'], async ({ figures }) => {
  await figures.refreshDirectories()
  return { datadir_size: figures.dataDirBytes, logdir_size: figures.logDirBytes }
})

const environment = query(['environment', 'env', 'envi'], () => Object.fromEntries(environmentInfo()), { always: true })

const hash = query(['hash'], (view) => ({
  digests: new Items(
    (function* (): Iterable<Json> {
      for (const { zxid, digest } of view.digests()) yield { zxid, digest_version: view.digestVersion, digest }
    })(),
  ),
}))

const initialConfiguration = query(['initial_configuration', 'icfg'], ({ config }) => ({
  initial_configuration: config.initialConfig,
}))

const isReadOnly = query(['is_read_only', 'isro'], ({ mode }) => ({ read_only: mode === 'read-only' }))

/** Every metric, under the names that `mntr` has without their prefix. */
const monitor = query(
  ['monitor', 'mntr'],
  async (view) => {
    await view.figures.refreshFileDescriptors()
    const values: (readonly [string, Json])[] = [
      ['version', FULL_VERSION],
      ['server_state', view.mode],
    ]
    if (view.member !== null && view.mode !== 'read-only') values.push(['peer_state', view.member.peerState])
    emitMetrics(view, (name, text) => values.push([name, new JsonNumber(text)]))
    return new Entries(values)
  },
  { always: true },
)

const ruok = query(['ruok'], () => ({}))

async function serverStats(view: AdminView): Promise<JsonObject> {
  const { stats, figures } = view
  await figures.refreshDirectories()
  const responses = sizes(stats.lastClientResponseSize, stats.minClientResponseSize, stats.maxClientResponseSize)
  return {
    version: FULL_VERSION,
    read_only: view.mode === 'read-only',
    server_stats: {
      packets_sent: stats.packetsSent,
      packets_received: stats.packetsReceived,
      fsync_threshold_exceed_count: stats.fsyncThresholdExceeded,
      client_response_stats: responses,
      data_dir_size: figures.dataDirBytes,
      log_dir_size: figures.logDirBytes,
      provider_null: false,
      last_processed_zxid: view.lastZxid,
      outstanding_requests: view.outstandingRequests,
      server_state: view.mode,
      avg_latency: new JsonNumber(javaDouble(stats.latency.average)),
      max_latency: Math.trunc(stats.latency.max),
      min_latency: Math.trunc(stats.latency.min),
      num_alive_client_connections: view.connectionCount,
      uptime: stats.uptimeMs,
      auth_failed_count: stats.authFailed,
      // So does Jackson take the names of Java's methods apart.
      non_mtlsremote_conn_count: stats.nonMtlsRemoteConnections,
      non_mtlslocal_conn_count: stats.nonMtlsLocalConnections,
    },
    client_response: responses,
    ...(view.mode === 'leader'
      ? { proposal_stats: sizes(stats.lastProposalSize, stats.minProposalSize, stats.maxProposalSize) }
      : {}),
    node_count: view.nodeCount,
  }
}

const sizes = (last: number, least: number, most: number): JsonObject => ({
  last_buffer_size: last,
  min_buffer_size: least,
  max_buffer_size: most,
})

const stats = query(['stats', 'stat'], async (view) => ({
  ...(await serverStats(view)),
  connections: Array.from(connectionsOf(view, false), briefConnection),
  secure_connections: Array.from(connectionsOf(view, true), briefConnection),
}))

const statReset = query(['stat_reset', 'srst'], (view) => {
  view.stats.reset()
  return {}
})

/** Java's system properties have no counterpart: what it would have set as such is in the configuration. */
const systemProperties = query(
  ['system_properties', 'sysp'],
  () => Object.fromEntries(environmentInfo().toSorted(([a], [b]) => (a < b ? -1 : 1))),
  { always: true },
)

const getTraceMask = query(['get_trace_mask', 'gtmk'], ({ traceMask }) => ({ tracemask: traceMask }), { always: true })

const TRACE_MASK = /^[-+]?\d{1,19}$/

const setTraceMask: AdminCommand = {
  names: ['set_trace_mask', 'stmk'],
  method: 'GET',
  always: true,
  restricted: false,
  run: (view, { parameters }) => {
    const text = parameters.get('traceMask')
    const wanted = 'setTraceMask requires long traceMask argument'
    if (text === undefined) return { error: wanted }
    const mask = TRACE_MASK.test(text) ? BigInt(text.replace('+', '')) : null
    if (mask === null || BigInt.asIntN(64, mask) !== mask) return { error: `${wanted}, got ${text}` }
    view.traceMask = mask
    return { data: { tracemask: mask } }
  },
}

/** About the server as a whole. */
export const serverCommands: readonly AdminCommand[] = [
  configuration,
  dirs,
  environment,
  getTraceMask,
  hash,
  initialConfiguration,
  isReadOnly,
  monitor,
  ruok,
  query(['server_stats', 'srvr'], serverStats),
  setTraceMask,
  statReset,
  stats,
  systemProperties,
]
