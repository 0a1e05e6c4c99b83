import { keyed, list, number, type ObjectSchema, object, type Schema, text, whole, yesNo } from './schema.ts'

/** What is told of a command besides its names and its method. */
export interface CommandDoc {
  readonly summary: string
  /** The fields of the answer, without `command` and `error`. */
  readonly data: ObjectSchema
  readonly parameters?: Readonly<Record<string, { readonly schema: Schema; readonly description: string }>>
  /** Headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** It is answered with bytes rather than JSON, unless told otherwise. */
  readonly streams?: boolean
  /** It takes a body of bytes. */
  readonly takesBytes?: boolean
  /** How it is refused, by HTTP status. */
  readonly refusals?: Readonly<Record<number, string>>
}

const NOTHING = object({})

const connection = {
  remote_socket_address: text,
  interest_ops: whole,
  outstanding_requests: whole,
  packets_received: whole,
  packets_sent: whole,
}
const connections = list(object(connection))
const session = {
  session_id: whole,
  last_operation: text,
  established: whole,
  session_timeout: whole,
  last_cxid: whole,
  last_zxid: whole,
  last_response_time: whole,
  last_latency: whole,
  min_latency: whole,
  avg_latency: whole,
  max_latency: whole,
}
const sessions = list(object({ ...connection, ...session }))
const sizes = object({ last_buffer_size: whole, min_buffer_size: whole, max_buffer_size: whole })
const serverStats = {
  version: text,
  read_only: yesNo,
  server_stats: object({
    packets_sent: whole,
    packets_received: whole,
    fsync_threshold_exceed_count: whole,
    client_response_stats: sizes,
    data_dir_size: whole,
    log_dir_size: whole,
    provider_null: yesNo,
    last_processed_zxid: whole,
    outstanding_requests: whole,
    server_state: text,
    avg_latency: number,
    max_latency: whole,
    min_latency: whole,
    num_alive_client_connections: whole,
    uptime: whole,
    auth_failed_count: whole,
    non_mtlsremote_conn_count: whole,
    non_mtlslocal_conn_count: whole,
  }),
  client_response: sizes,
  proposal_stats: sizes,
  node_count: whole,
}
const addresses = object({
  empty: yesNo,
  all_addresses: list(text),
  wildcard_addresses: list(text),
  all_ports: list(whole),
  all_host_strings: list(text),
  reachable_address: text,
  all_reachable_addresses: list(text),
  all_reachable_addresses_or_all: list(text),
  reachable_or_one: text,
  one: text,
})

const RATE = { 429: 'The last one was a moment ago: admin.rateLimiterIntervalInMS.' }

/** Every command, by its own name. */
export const COMMAND_DOCS: Readonly<Record<string, CommandDoc>> = {
  configuration: {
    summary: 'The settings that the server runs with.',
    data: object({
      client_port: whole,
      data_dir: text,
      data_log_dir: text,
      tick_time: whole,
      max_client_cnxns: whole,
      min_session_timeout: whole,
      max_session_timeout: whole,
      server_id: whole,
      client_port_listen_backlog: whole,
    }),
  },
  connection_stat_reset: { summary: 'Resets the counts of all connections.', data: NOTHING },
  connections: {
    summary: 'All connections of clients, with their sessions.',
    data: object({ connections: sessions, secure_connections: sessions }),
  },
  dirs: {
    summary: 'Sizes of the data directories in bytes.',
    data: object({ datadir_size: whole, logdir_size: whole }),
  },
  dump: {
    summary: 'When which sessions expire, and the ephemeral znodes of each.',
    data: object({
      expiry_time_to_session_ids: keyed(list(whole)),
      session_id_to_ephemeral_paths: keyed(list(text)),
    }),
  },
  environment: { summary: 'The process and its machine.', data: keyed(text) },
  get_trace_mask: { summary: 'What is traced, as bits.', data: object({ tracemask: whole }) },
  hash: {
    summary: 'Digests of the tree at zxids that were kept, to compare servers by.',
    data: object({ digests: list(object({ zxid: whole, digest_version: whole, digest: whole })) }),
  },
  initial_configuration: {
    summary: 'The text of the zoo.cfg that the server was started with.',
    data: object({ initial_configuration: text }),
  },
  is_read_only: { summary: 'Whether only reads are answered.', data: object({ read_only: yesNo }) },
  last_snapshot: {
    summary: 'The newest snapshot: its zxid in hexadecimal, and when it was written, in seconds since 1970.',
    data: object({ zxid: text, timestamp: whole }),
  },
  leader: {
    summary: 'The leader of the ensemble.',
    data: object({ is_leader: yesNo, leader_id: whole, leader_ip: text }, ['is_leader', 'leader_id', 'leader_ip']),
  },
  monitor: {
    summary: 'Every metric, under the names that mntr has without their prefix.',
    data: { ...keyed(number), properties: { version: text, server_state: text, peer_state: text } },
  },
  observer_connection_stat_reset: { summary: 'Resets the counts of connected observers.', data: NOTHING },
  observers: {
    summary: 'The observers that are connected here.',
    data: object({
      synced_observers: whole,
      observers: list(
        object({
          remote_socket_address: text,
          sid: whole,
          established: whole,
          queued_packets: whole,
          queued_packets_size: whole,
          packets_received: whole,
          packets_sent: whole,
          requests: whole,
          last_zxid: whole,
        }),
      ),
    }),
  },
  restore: {
    summary:
      'Replaces everything that the server has by the snapshot that is sent. Sessions that are not in it expire. Members of ensembles refuse.',
    data: object({ last_zxid: whole }, ['last_zxid']),
    takesBytes: true,
    refusals: {
      400: 'There is no body.',
      ...RATE,
      500: 'The snapshot is damaged.',
      503: 'admin.restore.enabled=false, or the server is a member of an ensemble.',
    },
  },
  ruok: { summary: 'Whether commands are answered.', data: NOTHING },
  server_stats: { summary: 'Counts of the server.', data: object(serverStats, ['proposal_stats']) },
  set_trace_mask: {
    summary: 'Sets what is traced; only kept, so that it can be asked for.',
    parameters: { traceMask: { schema: whole, description: 'Bits, as a decimal number of 64 bits.' } },
    data: object({ tracemask: whole }, ['tracemask']),
  },
  snapshot: {
    summary: 'Takes a snapshot, and sends it.',
    parameters: { streaming: { schema: yesNo, description: 'false: only take it.' } },
    data: NOTHING,
    headers: {
      last_zxid: 'The zxid in the name of its file, in hexadecimal.',
      snapshot_size: 'Bytes of its file.',
    },
    streams: true,
    refusals: { ...RATE, 500: 'It could not be taken.', 503: 'admin.snapshot.enabled=false.' },
  },
  stat_reset: { summary: 'Resets the counts of the server.', data: NOTHING },
  stats: {
    summary: 'Counts of the server, and its connections.',
    data: object({ ...serverStats, connections, secure_connections: connections }, ['proposal_stats']),
  },
  system_properties: { summary: 'What environment tells, sorted.', data: keyed(text) },
  voting_view: {
    summary: 'The voters of the ensemble, by server id.',
    data: object({
      current_config: keyed(
        object({
          server_addresses: list(text),
          election_addresses: list(text),
          client_address: text,
          learner_type: text,
        }),
      ),
    }),
  },
  watch_summary: {
    summary: 'How many watches there are.',
    data: object({ num_connections: whole, num_paths: whole, num_total_watches: whole }),
  },
  watches: {
    summary: 'Watched paths by session.',
    data: object({ session_id_to_watched_paths: keyed(list(text)) }),
  },
  watches_by_path: { summary: 'Watching sessions by path.', data: object({ path_to_session_ids: keyed(list(whole)) }) },
  zabstate: {
    summary: 'What this member of an ensemble does.',
    data: object(
      {
        myid: whole,
        is_leader: yesNo,
        quorum_address: addresses,
        election_address: addresses,
        client_address: text,
        voting: yesNo,
        last_zxid: text,
        zab_epoch: whole,
        zab_counter: whole,
        zabstate: text,
      },
      [
        'myid',
        'is_leader',
        'quorum_address',
        'election_address',
        'client_address',
        'last_zxid',
        'zab_epoch',
        'zab_counter',
      ],
    ),
  },
}
