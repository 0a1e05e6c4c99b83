import { connectionCost, formatSessionId } from '@vivarium/core'
import { formatZxid, OpCode, type Reader, sessionPassword, type Writer } from '@vivarium/protocol'
import type { Clients } from './clients.ts'
import type { Connection } from './connection.ts'

/** Bytes of the ConnectResponse behind its length, without the `readOnly` byte. */
const RESPONSE_BYTES = 4 + 4 + 8 + 4 + 16
const NO_PASSWORD = new Uint8Array(16)

/**
 * Takes a ConnectRequest: begins a session, or gives the client back the one that it had. Whoever is refused is closed
 * without a word, but for an expired session, which the client has to be told of.
 *
 * Inherited from ZooKeeperServer.processConnectRequest, in its order.
 */
export function answerConnect(clients: Clients, connection: Connection, request: Reader): void {
  request.int() // The protocol version: always 0, and never looked at.
  const lastZxidSeen = request.approximateLong()
  const wanted = request.int()
  const sessionId = request.long()
  const password = request.buffer()
  // Clients before 3.4 end here; they do not expect the byte in the answer either.
  connection.knowsReadOnly = request.remaining > 0
  const takesReadOnly = connection.knowsReadOnly && request.bool()

  if (!clients.serving) {
    connection.drop('the server is not serving yet')
    return
  }
  const { pipeline, metrics } = clients
  const nowMs = clients.nowMs
  const cost = clients.limits.connectionWeights.enabled
    ? connectionCost(clients.limits.connectionWeights, sessionId !== 0n, pipeline.locals !== null)
    : 1
  if (!clients.throttle.admit(cost, nowMs)) {
    metrics.connectionRejected()
    connection.drop('the connection throttle is out of tokens (connection_throttle_tokens)')
    return
  }
  metrics.connectionRequested(clients.throttle.deficit)
  if (pipeline.readOnly && !takesReadOnly) {
    connection.drop('the client wants a server that takes writes')
    return
  }
  if (lastZxidSeen > pipeline.lastProcessedZxid) {
    const seen = Number.isSafeInteger(lastZxidSeen) ? formatZxid(lastZxidSeen) : String(lastZxidSeen)
    clients.log.info(
      `Refused a client that has seen zxid ${seen}: this server is at ${formatZxid(pipeline.lastProcessedZxid)}. ` +
        'If its data was lost or restored from a backup, the client must start a new session.',
      { address: connection.socket.remoteAddress, session: formatSessionId(sessionId) },
    )
    connection.drop('the client has seen a later zxid than this server')
    return
  }
  if (sessionId === 0n && pipeline.refuseWrites !== 0 && pipeline.locals === null) {
    connection.drop('a session cannot be begun while nothing can be written')
    return
  }
  const timeoutMs = pipeline.sessions.negotiate(wanted)
  if (sessionId === 0n) {
    const session = pipeline.open(timeoutMs, nowMs)
    session.owner = connection
    connection.attach(session)
    if (session.local) {
      establish(connection, pipeline.readOnly)
      connection.replied(OpCode.createSession, 0, pipeline.lastProcessedZxid, 0, true)
    } else pipeline.createSession(connection, session, nowMs)
    return
  }
  if (pipeline.turnsAway(sessionId)) {
    connection.drop('the session lives on other servers')
    return
  }
  const session = pipeline.reattach(connection, sessionId, password, timeoutMs, nowMs)
  metrics.connectionRevalidated()
  if (typeof session === 'string') {
    clients.log.info(`Refused to give session ${formatSessionId(sessionId)} back: ${session}.`, {
      address: connection.socket.remoteAddress,
    })
    tellExpired(connection, pipeline.readOnly, `session ${formatSessionId(sessionId)} is gone (${session})`)
    return
  }
  // Only now, where Java does it before it looks at the password: an id alone, easily guessed, ends nobody's connection.
  clients.connectionOf(sessionId)?.drop('the client came back on another connection')
  session.owner = connection
  connection.attach(session)
  if (session.committed) establish(connection, pipeline.readOnly)
}

/** The session exists: says so, and takes requests from here on. */
export function establish(connection: Connection, readOnly: boolean): void {
  const { session } = connection
  const password = sessionPassword(session.id)
  connection.establish()
  writeConnectResponse(
    connection.output(),
    session.timeoutMs,
    session.idHigh,
    session.idLow,
    password,
    connection.knowsReadOnly,
    readOnly,
  )
  connection.packetSent()
}

/** The session that the client wants to go on with is gone: says so, and closes. */
export function tellExpired(connection: Connection, readOnly: boolean, reason: string): void {
  writeConnectResponse(connection.output(), 0, 0, 0, NO_PASSWORD, connection.knowsReadOnly, readOnly)
  connection.closeAfterFlush(reason)
}

function writeConnectResponse(
  output: Writer,
  timeoutMs: number,
  idHigh: number,
  idLow: number,
  password: Uint8Array,
  readOnlyByte: boolean,
  readOnly: boolean,
): void {
  output.int(RESPONSE_BYTES + (readOnlyByte ? 1 : 0))
  output.int(0)
  output.int(timeoutMs)
  output.int(idHigh)
  output.int(idLow)
  output.buffer(password)
  if (readOnlyByte) output.bool(readOnly)
}
