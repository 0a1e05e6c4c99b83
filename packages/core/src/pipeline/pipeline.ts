import { copyBytes, errno, JuteError, OpCode, Reader, type Txn, Xid } from '@vivarium/protocol'
import { type Audit, AuditedRequest } from '../audit/index.ts'
import { keeperRouteOf } from '../keeper/extensions.ts'
import { executeRead } from '../operations/execute-read.ts'
import type { LocalSessions, ReattachRefusal, Session, Sessions } from '../sessions/index.ts'
import { ApplyResult, applyTxn } from './apply.ts'
import type { Client } from './client.ts'
import type { Database } from './database.ts'
import { createsEphemeral } from './preparer.ts'
import { beginReply, dropBody, endReply, writeHeader } from './reply.ts'
import { Route, routeOf } from './route.ts'
import { WaitingRequest } from './waiting-request.ts'
import { writeResult } from './write-result.ts'

const NO_BODY = new Reader()

/**
 * The way of clients' requests through a server, whatever its role: reads are answered from the tree; writes come back
 * as transactions, in one order, are applied and answered. Requests of one client are answered in the order in which
 * they came; those of different clients do not wait for each other (CommitProcessor, FinalRequestProcessor).
 *
 * How a write becomes a transaction is the role's: see {@link Processor} and {@link Forwarder}.
 */
export abstract class Pipeline {
  readonly database: Database
  /** Nothing but reads is served, and only to clients that are content with that. */
  readonly readOnly: boolean = false
  /** Requests that have not been answered. */
  inProcess = 0
  /** Set to an error's number while nothing can be written (a full disk): new writes are refused with it at once. */
  refuseWrites = 0
  /** A read whose answer would be longer is answered with MARSHALLINGERROR: a few bytes can ask for gigabytes (multiRead). */
  mostReplyBytes = Number.POSITIVE_INFINITY
  /** The sessions that this server keeps to itself, as all are that begin here; null: there are none of these. */
  locals: LocalSessions | null = null
  /** Takes what clients have had changed here; null: nobody asks. */
  audit: Audit | null = null
  /** Called after each transaction that was applied, for a snapshot when enough have been. */
  onApplied: ((txn: Txn) => void) | null = null
  /** Called when the end of a session has been applied, after its client was answered. */
  onSessionEnded: ((session: Session) => void) | null = null
  /** Called before a session becomes one of another server, whose client has come back there. */
  onSessionMoved: ((session: Session) => void) | null = null
  /** Called with its `largeBytes` when such a request has been answered or dropped. */
  onLargeRequestFinished: ((bytes: number) => void) | null = null
  readonly #reader = new Reader()
  readonly #result = new ApplyResult()

  constructor(database: Database) {
    this.database = database
  }

  abstract get sessions(): Sessions

  get lastProcessedZxid(): number {
    return this.database.tree.lastProcessedZxid
  }

  /** A new session, with a new id. One that is `local` exists at once, any other after {@link createSession}. */
  open(timeoutMs: number, nowMs: number): Session {
    return (this.locals ?? this.sessions).open(timeoutMs, nowMs)
  }

  /** Whether a client with this session has to find another server, and is told nothing of it. */
  turnsAway(_sessionId: bigint): boolean {
    return false
  }

  /** The session of this id, if one is known here. */
  sessionOf(id: bigint): Session | undefined {
    return this.locals?.get(id) ?? this.sessions.get(id)
  }

  /** The client has shown that it is alive. Called for every request. */
  touch(session: Session, nowMs: number): void {
    if (session.local) this.locals?.touch(session, nowMs)
    else this.sessions.touch(session, nowMs)
  }

  /** Ends the sessions of {@link locals} that have been silent for too long. */
  expireLocals(nowMs: number): void {
    for (const session of this.locals?.expire(nowMs) ?? []) {
      this.locals?.remove(session.id)
      this.onSessionEnded?.(session)
    }
  }

  /**
   * Takes a request of an established session.
   *
   * @param body stands behind the header, in bytes that are valid during the call only
   * @param nowMs monotonic
   */
  handle(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void {
    const { session } = client
    if (session.owner !== null && session.owner !== client) {
      // An answer could not be told from one on the connection that the client has now (ZOOKEEPER-710).
      client.closeAfterFlush('the session has moved to another connection')
      return
    }
    switch (routeOf(opcode)) {
      case Route.READ:
        if (session.closing) this.refuse(client, xid, opcode, nowMs, errno('SESSIONEXPIRED'))
        else if (client.waiting.first === null) this.read(client, xid, opcode, body, nowMs, nowMs)
        else this.wait(client, xid, opcode, body, nowMs)
        return
      case Route.WRITE:
        if (this.audit === null) this.#takeWrite(client, xid, opcode, body, nowMs)
        else this.#writeAudited(client, xid, opcode, body, nowMs)
        return
      case Route.SYNC:
        if (session.closing) this.refuse(client, xid, opcode, nowMs, errno('SESSIONEXPIRED'))
        else this.sync(client, xid, opcode, body, nowMs)
        return
      case Route.CLOSE_SESSION:
        if (session.local) this.#endLocal(client, xid, nowMs)
        else this.end(client, xid, nowMs)
        return
      default:
        if (this.database.keeper !== null && this.#handleKeeper(client, xid, opcode, body, nowMs)) return
        writeHeader(client.output(), xid, -1, errno('UNIMPLEMENTED'))
        client.closeAfterFlush(`operation ${opcode}, which does not exist`)
    }
  }

  /** Takes an operation of ClickHouse Keeper's; false if it is none. What the leader does not know is refused by itself. */
  #handleKeeper(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): boolean {
    const { session } = client
    const route = keeperRouteOf(opcode)
    if (route === Route.REFUSE) return false
    if (route === Route.READ) {
      if (session.closing) this.refuse(client, xid, opcode, nowMs, errno('SESSIONEXPIRED'))
      else if (client.waiting.first === null) this.read(client, xid, opcode, body, nowMs, nowMs)
      else this.wait(client, xid, opcode, body, nowMs)
    } else if (!this.database.keeper?.writes) this.refuse(client, xid, opcode, nowMs, errno('UNIMPLEMENTED'))
    else if (this.audit === null) this.#takeWrite(client, xid, opcode, body, nowMs)
    else this.#writeAudited(client, xid, opcode, body, nowMs)
    return true
  }

  /** Begins a session; `client.sessionOpened` follows once it exists. @param client null: nobody waits for it */
  abstract createSession(client: Client | null, session: Session, nowMs: number): void

  /**
   * A client comes back with its session. If that is not `committed`, it has to wait for `sessionOpened` or
   * `sessionExpired`. The caller makes the client its owner.
   */
  abstract reattach(
    client: Client,
    id: bigint,
    password: Uint8Array | null,
    timeoutMs: number,
    nowMs: number,
  ): Session | ReattachRefusal

  /** Makes a transaction of a write, or has one made. */
  protected abstract write(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void

  /** Answers once all that was proposed before is applied here. */
  protected abstract sync(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void

  /** The client ends its session. */
  protected abstract end(client: Client, xid: number, nowMs: number): void

  /** A transaction has been applied, and is about to be answered. */
  protected abstract applied(txn: Txn, nowMs: number): void

  #takeWrite(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void {
    if (this.refuseWrites !== 0) this.refuse(client, xid, opcode, nowMs, this.refuseWrites)
    else if (client.session.local) this.#writeLocal(client, xid, opcode, body, nowMs)
    else this.write(client, xid, opcode, body, nowMs)
  }

  /** Remembers what was asked for until it is clear what comes of it. */
  #writeAudited(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void {
    const audited = AuditedRequest.of(client, opcode, body, this.database)
    const before = client.waiting.last
    this.#takeWrite(client, xid, opcode, body, nowMs)
    const { last } = client.waiting
    if (last !== null && last !== before && last.isWrite) last.audited = audited
  }

  /** What needs a session that all servers know makes one of it, if that is allowed (QuorumZooKeeperServer.makeUpgradeRequest). */
  #writeLocal(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void {
    const { session } = client
    const locals = this.locals as LocalSessions
    if (session.closing) return this.refuse(client, xid, opcode, nowMs, errno('SESSIONEXPIRED'))
    if (createsEphemeral(opcode, body, this.database.keeper?.writes ?? false)) {
      if (!locals.upgrading) return this.refuse(client, xid, opcode, nowMs, errno('EPHEMERALONLOCALSESSION'))
      locals.release(session)
      this.sessions.adopt(session, nowMs)
      this.createSession(null, session, nowMs)
    }
    this.write(client, xid, opcode, body, nowMs)
  }

  /** No transaction is needed, but its turn has to come. */
  #endLocal(client: Client, xid: number, nowMs: number): void {
    client.session.closing = true
    if (client.waiting.first === null) this.#localEnded(client, xid, 0)
    else this.wait(client, xid, OpCode.closeSession, NO_BODY, nowMs)
  }

  #localEnded(client: Client, xid: number, latencyMs: number): void {
    const zxid = this.lastProcessedZxid
    this.locals?.remove(client.session.id)
    writeHeader(client.output(), xid, zxid, 0)
    client.replied(OpCode.closeSession, xid, zxid, latencyMs, true)
    client.closeAfterFlush('the client closed its session', true)
  }

  /** Answers with an error, in turn. */
  refuse(client: Client, xid: number, opcode: number, nowMs: number, error: number): void {
    if (client.waiting.first === null) {
      this.#answerRefused(client, xid, opcode, error, 0)
      return
    }
    const request = new WaitingRequest(client, xid, opcode, nowMs, null, null, 0, 0)
    request.error = error
    request.done = true
    client.waiting.push(request)
    this.inProcess++
  }

  /** Forgets what a connection that is gone was still waiting for; its writes go on. */
  forget(client: Client): void {
    for (let request = client.waiting.first; request !== null; request = request.next) {
      if (request.isWrite) continue
      this.inProcess--
      if (request.largeBytes !== 0) this.#largeRequestFinished(request)
    }
    client.waiting.clear()
  }

  /** Keeps a read until its turn comes. */
  protected wait(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void {
    const copy = copyBytes(body.bytes, body.offset, body.end)
    const request = new WaitingRequest(client, xid, opcode, nowMs, null, copy, 0, copy.length)
    request.done = true
    client.waiting.push(request)
    this.inProcess++
  }

  /** Applies a transaction and answers whoever asked for it here. */
  protected apply(txn: Txn, request: WaitingRequest | null, nowMs: number): void {
    applyTxn(this.database, txn, this.#result)
    this.applied(txn, nowMs)
    if (request !== null && request.audited !== null) {
      for (const record of request.audited.records(this.#result, txn.type === OpCode.error)) this.audit?.write(record)
    }
    if (request !== null) {
      this.inProcess--
      if (request.client?.open) this.#answerWrite(request.client, request, nowMs)
    }
    if (txn.type === OpCode.closeSession) {
      const session = this.sessions.remove(txn.clientId)
      if (session !== undefined) this.onSessionEnded?.(session)
    }
    this.onApplied?.(txn)
  }

  /** A request is done: those behind it may go. */
  protected finish(request: WaitingRequest, nowMs: number): void {
    request.done = true
    if (request.largeBytes !== 0) this.#largeRequestFinished(request)
    if (request.client !== null) this.#catchUp(request.client, nowMs)
  }

  /** Answers what stood behind a write of this client and is free to go now. */
  #catchUp(client: Client, nowMs: number): void {
    const { waiting } = client
    for (let request = waiting.first; request?.done; request = waiting.first) {
      waiting.shift()
      if (request.isWrite) continue
      this.inProcess--
      if (request.largeBytes !== 0) this.#largeRequestFinished(request)
      if (!client.open) continue
      if (request.body === null) {
        this.#answerRefused(client, request.xid, request.opcode, request.error, nowMs - request.arrivedMs)
      } else if (request.opcode === OpCode.closeSession) {
        this.#localEnded(client, request.xid, nowMs - request.arrivedMs)
      } else {
        this.#reader.reset(request.body, 0, request.body.length)
        this.read(client, request.xid, request.opcode, this.#reader, request.arrivedMs, nowMs)
      }
    }
  }

  protected read(client: Client, xid: number, opcode: number, body: Reader, arrivedMs: number, nowMs: number): void {
    let output = client.output()
    // These tell what was missed while they are executed, and the reply comes behind that; they have no body.
    const tells = opcode === OpCode.setWatches || opcode === OpCode.setWatches2
    let start = tells ? 0 : beginReply(output)
    if (!tells) output.limit = start + this.mostReplyBytes
    let code: ReturnType<typeof executeRead>
    try {
      code = executeRead(opcode, body, this.database, client, output)
    } catch (error) {
      if (!(error instanceof JuteError)) throw error
      code = 'MARSHALLINGERROR'
    }
    output.limit = Number.POSITIVE_INFINITY
    if (tells) {
      // What was told may have left already.
      output = client.output()
      start = beginReply(output)
    }
    const zxid = this.lastProcessedZxid
    // A ping is answered as a ping, whatever xid it had (FinalRequestProcessor).
    const replyXid = opcode === OpCode.ping ? Xid.PING : xid
    if (code === 'OK') endReply(output, start, replyXid, zxid, 0)
    else {
      dropBody(output, start)
      endReply(output, start, replyXid, zxid, errno(code))
    }
    client.replied(opcode, xid, zxid, nowMs - arrivedMs, false)
  }

  #answerRefused(client: Client, xid: number, opcode: number, error: number, latencyMs: number): void {
    const zxid = this.lastProcessedZxid
    writeHeader(client.output(), xid, zxid, error)
    client.replied(opcode, xid, zxid, latencyMs, routeOf(opcode) === Route.WRITE)
  }

  #answerWrite(client: Client, request: WaitingRequest, nowMs: number): void {
    const { opcode, xid } = request
    const result = this.#result
    const latencyMs = nowMs - request.arrivedMs
    const zxid = this.lastProcessedZxid
    if (opcode === OpCode.createSession) {
      client.sessionOpened(result.code === 'OK')
      client.replied(opcode, xid, zxid, latencyMs, true)
      return
    }
    if (result.code === 'SESSIONMOVED') {
      client.closeAfterFlush('the session has moved to another server')
      return
    }
    const output = client.output()
    const start = beginReply(output)
    if (result.code === 'OK') writeResult(opcode, this.database, result, output)
    endReply(output, start, xid, zxid, errno(result.code))
    client.replied(opcode, xid, zxid, latencyMs, true)
    if (opcode === OpCode.closeSession) client.closeAfterFlush('the client closed its session', true)
  }

  #largeRequestFinished(request: WaitingRequest): void {
    this.onLargeRequestFinished?.(request.largeBytes)
    request.largeBytes = 0
  }
}
