import { lastOperation } from '../connection-line.ts'
import { javaAddress } from '../java-format.ts'
import type { AdminView, ConnectionView } from '../view.ts'
import type { JsonObject } from './json.ts'

/** What `stats` tells of a connection (ServerCnxn.getConnectionInfo). */
export function briefConnection(connection: ConnectionView): JsonObject {
  return {
    remote_socket_address: javaAddress(connection.remoteAddress, connection.remotePort).slice(1),
    interest_ops: connection.interestOps,
    outstanding_requests: connection.outstandingRequests,
    packets_received: connection.stats.packetsReceived,
    packets_sent: connection.stats.packetsSent,
  }
}

/** What `connections` tells of it. */
export function fullConnection(connection: ConnectionView): JsonObject {
  const { sessionId, sessionTimeoutMs, stats } = connection
  const answered = stats.latencyCount > 0
  return {
    ...briefConnection(connection),
    session_id: sessionId,
    last_operation: lastOperation(stats),
    established: Math.trunc(stats.establishedMs),
    session_timeout: sessionTimeoutMs,
    last_cxid: stats.lastXid,
    last_zxid: stats.lastZxid,
    last_response_time: Math.trunc(stats.lastResponseMs),
    last_latency: Math.trunc(stats.lastLatencyMs),
    min_latency: answered ? Math.trunc(stats.minLatencyMs) : 0,
    avg_latency: answered ? Math.trunc(stats.totalLatencyMs / stats.latencyCount) : 0,
    max_latency: Math.trunc(stats.maxLatencyMs),
  }
}

/** The connections to the port for encrypted ones, or the others. */
export function* connectionsOf(view: AdminView, secure: boolean): Iterable<ConnectionView> {
  for (const connection of view.connections()) if (connection.secure === secure) yield connection
}
