import {
  type AccessControl,
  type BlueThrottle,
  formatSessionId,
  type LargeRequests,
  type Pipeline,
  Route,
  routeOf,
  type Session,
  writeHeader,
} from '@vivarium/core'
import type { Clock, Log, Socket, SocketHandler, Timer } from '@vivarium/env'
import { type ACL, errno, Perm, Reader } from '@vivarium/protocol'
import { type AuditLog, auditPipeline } from '../audit/audit-log.ts'
import type { ClientSasl } from '../sasl/load-sasl.ts'
import { authenticate, hasRequiredScheme } from './authentication.ts'
import type { ClientLimits } from './client-limits.ts'
import type { ClientMetrics } from './client-metrics.ts'
import { Connection } from './connection.ts'
import { ConnectionRegister } from './connection-register.ts'
import { establish } from './handshake.ts'
import { OutputPool } from './output-pool.ts'
import type { PathStatistics } from './path-statistics.ts'
import { answerSasl } from './sasl-exchange.ts'
import type { ThrottledRequests } from './throttled-requests.ts'

/** A client that has not taken this much of its replies is not read from. */
const PENDING_HIGH_BYTES = 1 << 20

/** What an answer has besides data: its header, a stat. */
const HEAD_BYTES = 1024
/** A client whose requests that are not answered yet take this many bytes is not read from. */
const WAITING_HIGH_BYTES = 4 << 20

/** Answers the four-letter words. Returns the bytes used, 0 if `code` is no word, −1 if more bytes are needed. */
export type FourLetterWords = (
  connection: Connection,
  code: number,
  bytes: Uint8Array,
  at: number,
  end: number,
) => number

export interface ClientsOptions {
  readonly clock: Clock
  readonly log: Log
  readonly access: AccessControl
  readonly throttle: BlueThrottle
  readonly largeRequests: LargeRequests
  readonly limits: ClientLimits
  readonly metrics: ClientMetrics
  /** How clients authenticate by SASL; null: not at all. */
  readonly sasl?: ClientSasl | null
  /** Takes who changes what; null: nobody asks. */
  readonly audit?: AuditLog | null
}

/** The client connections of a server: accepts them, hands their requests to the pipeline, and sends what it answers. */
export class Clients {
  readonly clock: Clock
  readonly log: Log
  readonly access: AccessControl
  readonly throttle: BlueThrottle
  readonly limits: ClientLimits
  readonly metrics: ClientMetrics
  readonly sasl: ClientSasl | null
  readonly audit: AuditLog | null
  readonly pool = new OutputPool()
  readonly reader: Reader
  readonly register: ConnectionRegister
  fourLetterWords: FourLetterWords = () => 0
  /** Where requests wait in front of the pipeline, on servers that are configured so. */
  gate: ThrottledRequests | null = null
  /** Counts which paths are asked for, on servers that are configured so. */
  pathStatistics: PathStatistics | null = null
  /** Monotonic and wall clock at the start of this turn of the event loop: read once, not for each request. */
  nowMs: number
  wallMs: number
  /** Called when a turn has appended to the log. */
  onTurnEnd: () => void = () => {}
  #pipeline: Pipeline | null = null
  #held = false
  readonly #largeRequests: LargeRequests
  readonly #pausedConnections = new Set<Connection>()
  /** By their sessions: connections that clients have left for another server, and not closed. */
  readonly #left = new Map<Session, Connection>()
  #dirty: Connection[] = []
  #sweep: Timer | null = null
  #limitWarnedMs = Number.NEGATIVE_INFINITY

  constructor(options: ClientsOptions) {
    this.clock = options.clock
    this.log = options.log
    this.access = options.access
    this.throttle = options.throttle
    this.limits = options.limits
    this.metrics = options.metrics
    this.sasl = options.sasl ?? null
    this.audit = options.audit ?? null
    this.#largeRequests = options.largeRequests
    this.register = new ConnectionRegister(options.limits)
    this.reader = new Reader(undefined, 0, 0, options.limits.fieldBytes)
    this.nowMs = this.clock.monotonicMs()
    this.wallMs = this.clock.wallMs()
  }

  get pipeline(): Pipeline {
    return this.#pipeline as Pipeline
  }

  /** From here on sessions are served; before, connections are accepted and closed. */
  serve(pipeline: Pipeline): void {
    this.#pipeline = pipeline
    if (this.audit !== null) auditPipeline(pipeline, this.audit)
    const { pendingBytes, frameBytes } = this.limits
    // What is longer could not leave without being too much that waits; but what has been written can be read.
    pipeline.mostReplyBytes = Math.max(pendingBytes, frameBytes) + HEAD_BYTES
    pipeline.onLargeRequestFinished = (bytes) => this.#largeRequests.finished(bytes)
    this.#sweep?.cancel()
    this.#sweep = this.clock.every(Math.max(100, Math.min(1000, this.limits.greetingMs / 4)), () =>
      this.#sweepConnections(),
    )
  }

  /** The server leaves its role: all clients have to find another one, or come back (Learner.shutdown). */
  stopServing(reason: string): void {
    const pipeline = this.#pipeline
    this.#pipeline = null
    for (const connection of this.register.all.values()) {
      pipeline?.database.watches.removeWatcher(connection)
      pipeline?.forget(connection)
      // What was answered in this turn may be the very request that ends the service: a reconfiguration. And to close with
      // requests unread would reset the connection, and take answers back that are on their way.
      if (connection.established) connection.closeAfterFlush(reason)
      else connection.drop(reason)
    }
    this.#held = false
    this.#pausedConnections.clear()
    this.gate?.clear()
    this.#largeRequests.forgetAll()
  }

  /** Takes no requests any more until the server has stopped serving; those that it has are answered. */
  hold(): void {
    this.#held = true
  }

  get held(): boolean {
    return this.#held
  }

  get serving(): boolean {
    return this.#pipeline !== null
  }

  /** For `Network.listen`. */
  accept(socket: Socket): SocketHandler {
    this.readClocks()
    const connection = new Connection(this, socket)
    const refusal = this.register.add(connection)
    if (refusal !== null) {
      this.metrics.connectionRejected()
      // One line a second tells as much as one for each.
      if (this.nowMs - this.#limitWarnedMs > 1000) {
        this.#limitWarnedMs = this.nowMs
        this.log.warn(`Refused a connection: ${refusal}.`)
      }
      connection.open = false
      socket.destroy(true)
    }
    return connection
  }

  /** The connection that serves a session, if one does. */
  connectionOf(sessionId: bigint): Connection | undefined {
    const owner = this.pipeline.sessionOf(sessionId)?.owner
    return owner instanceof Connection ? owner : undefined
  }

  /** A connection has received bytes. */
  turn(bytes: number): void {
    this.readClocks()
    this.metrics.bytesReceived(bytes)
  }

  /** What this turn has written leaves, connection by connection. */
  endTurn(): void {
    this.gate?.pump()
    const dirty = this.#dirty
    if (dirty.length > 0) {
      this.#dirty = []
      for (let i = 0; i < dirty.length; i++) dirty[i]!.flush()
      if (this.#dirty.length === 0) {
        dirty.length = 0
        this.#dirty = dirty
      }
    }
    this.onTurnEnd()
  }

  /** A request of an established session stands in `bytes[start, end)`. */
  request(connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    const { reader } = this
    if (end - start < 8) {
      connection.drop('a frame too short for a request')
      return
    }
    reader.reset(bytes, start, end)
    const xid = reader.int()
    const opcode = reader.int()
    const route = routeOf(opcode)
    if (route === Route.AUTH) return authenticate(this, connection, xid, reader)
    if (route === Route.SASL) return answerSasl(this, connection, xid, reader)
    const { requiredSchemes } = this.limits
    if (requiredSchemes !== null && !hasRequiredScheme(connection.identities, requiredSchemes)) {
      writeHeader(connection.output(), xid, 0, errno('SESSIONCLOSEDREQUIRESASLAUTH'))
      connection.closeAfterFlush(`the client has not authenticated by one of ${requiredSchemes.join(', ')}`)
      return
    }
    const large = this.#largeRequests.begin(end - start)
    if (large < 0) {
      this.metrics.largeRequestRejected()
      connection.drop('large requests in flight exceed largeRequestMaxBytes')
      return
    }
    this.pathStatistics?.count(opcode, bytes, start + 8, end)
    this.pipeline.touch(connection.session, this.nowMs)
    if (this.gate === null) this.handle(connection, xid, opcode, reader, this.nowMs, large)
    else this.gate.add(connection, xid, opcode, bytes, start + 8, end, large)
  }

  /** Hands a request on to the pipeline. @param large what `LargeRequests.begin` returned for it */
  handle(connection: Connection, xid: number, opcode: number, body: Reader, receivedMs: number, large: number): void {
    const { waiting } = connection
    const before = waiting.last
    this.pipeline.handle(connection, xid, opcode, body, receivedMs)
    if (large === 0) return
    if (waiting.last !== null && waiting.last !== before) waiting.last.largeBytes = large
    else this.#largeRequests.finished(large)
  }

  /** A large request has come to nothing in front of the pipeline. */
  largeRequestFinished(large: number): void {
    this.#largeRequests.finished(large)
  }

  sessionOpened(connection: Connection, created: boolean): void {
    if (!created) connection.drop('the session could not be created')
    else if (connection.session.owner === connection) {
      this.register.greeted(connection)
      establish(connection, this.pipeline.readOnly)
    }
  }

  /** The client has come back to another server. Its connection here lasts as long as nobody says anything on it. */
  sessionMoved(session: Session): void {
    if (session.owner instanceof Connection) this.#left.set(session, session.owner)
  }

  /** A session is over: so is its connection, also one that its client has left for another server. */
  sessionEnded(session: Session): void {
    for (const owner of [session.owner, this.#left.get(session)]) {
      if (owner instanceof Connection) owner.closeAfterFlush(`session ${formatSessionId(session.id)} has ended`)
    }
  }

  mustWait(connection: Connection): boolean {
    if (this.#pipeline === null) return false
    if (this.#held || connection.authenticating) return true
    const { waiting } = connection
    if (this.#pipeline.inProcess > this.limits.outstanding && waiting.length + connection.gated > 0) return true
    if (waiting.bytes > WAITING_HIGH_BYTES) return true
    return connection.socket.pendingBytes > PENDING_HIGH_BYTES
  }

  pausedReading(connection: Connection): void {
    this.#pausedConnections.add(connection)
  }

  resume(connection: Connection): void {
    this.readClocks()
    connection.proceed()
    this.endTurn()
  }

  resumedReading(connection: Connection): void {
    this.#pausedConnections.delete(connection)
  }

  /** Requests have been answered: who waited for that may go on. */
  resumePaused(): void {
    if (this.#pausedConnections.size === 0) return
    this.readClocks()
    for (const connection of [...this.#pausedConnections]) if (connection.established) connection.proceed()
  }

  /** A client takes its replies slower than they come. */
  slow(connection: Connection): void {
    if (connection.queuedBytes <= this.limits.pendingBytes) return
    this.log.warn(`Closed a client that left ${connection.queuedBytes} bytes of replies and events untaken.`, {
      address: connection.socket.remoteAddress,
      session: formatSessionId(connection.sessionId),
    })
    connection.drop('the client does not take its replies')
  }

  dirty(connection: Connection): void {
    this.#dirty.push(connection)
  }

  badFrame(connection: Connection, length: number): void {
    const { frameBytes } = this.limits
    this.log.warn(
      length < 0
        ? `Closed a client that announced a frame of ${length} bytes.`
        : `Closed a client that announced a frame of ${length} bytes: at most ${frameBytes} are taken (jute.maxbuffer).`,
      { address: connection.socket.remoteAddress, session: formatSessionId(connection.sessionId) },
    )
    connection.drop('an unreasonable frame length')
  }

  fourLetterWord(connection: Connection, code: number, bytes: Uint8Array, at: number, end: number): number {
    return this.fourLetterWords(connection, code, bytes, at, end)
  }

  mayRead(connection: Connection, acl: readonly ACL[]): boolean {
    return this.access.allows(acl, Perm.READ, connection.identities)
  }

  packetReceived(): void {
    this.metrics.packetReceived()
  }

  packetSent(): void {
    this.metrics.packetSent()
  }

  replied(latencyMs: number, write: boolean, bytes: number): void {
    this.metrics.replied(latencyMs, write, bytes)
  }

  watchEventSent(bytes: number): void {
    this.metrics.watchEventSent(bytes)
  }

  closing(connection: Connection, reason: string): void {
    this.log.debug(`Closing a connection: ${reason}.`, {
      address: `${connection.socket.remoteAddress}:${connection.socket.remotePort}`,
      session: formatSessionId(connection.sessionId),
    })
  }

  /** A connection is to end once its last replies are sent. */
  ending(connection: Connection): void {
    this.register.ending(connection, this.clock.monotonicMs())
  }

  /**
   * A connection is over, whoever ended it. Its session lives on until it expires.
   * @param dropped whether it was the client, and nobody had told it to
   */
  gone(connection: Connection, dropped: boolean): void {
    this.register.remove(connection)
    if (connection.hasSession && this.#left.get(connection.session) === connection)
      this.#left.delete(connection.session)
    this.#pausedConnections.delete(connection)
    if (this.#pipeline === null) return
    this.#pipeline.database.watches.removeWatcher(connection)
    this.#pipeline.forget(connection)
    if (connection.hasSession && connection.session.owner === connection) {
      connection.session.owner = null
      connection.session.parted = true
    }
    if (dropped) this.metrics.connectionDropped()
  }

  /** Closes all connections, and accepts no more requests. */
  close(): void {
    this.#sweep?.cancel()
    for (const connection of this.register.all.values()) connection.closeAfterFlush('the server stops')
  }

  /** For a turn that no bytes of a client have begun. */
  readClocks(): void {
    this.nowMs = this.clock.monotonicMs()
    this.wallMs = this.clock.wallMs()
  }

  #sweepConnections(): void {
    const nowMs = this.clock.monotonicMs()
    for (let late = this.register.nextLateEnding(nowMs); late !== null; late = this.register.nextLateEnding(nowMs)) {
      late.drop('the client did not take its last replies in time')
    }
    for (
      let late = this.register.nextLateGreeting(nowMs);
      late !== null;
      late = this.register.nextLateGreeting(nowMs)
    ) {
      if (late.established) continue
      this.metrics.sessionlessExpired()
      late.drop('no session was begun in time (nio.sessionlessCnxnTimeout)')
    }
  }
}
