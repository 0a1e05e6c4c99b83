import {
  copyBytes,
  type ErrorCode,
  errno,
  KeeperOp,
  OpCode,
  Reader,
  type Txn,
  Writer,
  writeTxn,
} from '@vivarium/protocol'
import type { Identity } from '../auth/index.ts'
import type { SweepCandidate } from '../containers/index.ts'
import { keeperRouteOf } from '../keeper/extensions.ts'
import { type ReattachRefusal, Session, type SessionTracker } from '../sessions/index.ts'
import type { ForwardedRequest } from '../zab/packet-bodies.ts'
import type { Client } from './client.ts'
import type { Database } from './database.ts'
import { Pipeline } from './pipeline.ts'
import type { Preparer } from './preparer.ts'
import { Route, routeOf } from './route.ts'
import { WaitingRequest } from './waiting-request.ts'

/** Where transactions go to be agreed upon: to the log, or to an ensemble. `committed` answers. */
export interface TransactionSink {
  /** `record[start, end)` is valid during the call only. */
  append(zxid: number, record: Uint8Array, start: number, end: number): void
}

/** What the processor needs to know of the moment. */
export interface ProcessorClock {
  /** Milliseconds since the Unix epoch. */
  wallMs(): number
  /** Monotonic milliseconds. */
  monotonicMs(): number
}

export interface ProcessorOptions {
  readonly database: Database
  readonly preparer: Preparer
  readonly sessions: SessionTracker
  readonly sink: TransactionSink
  readonly clock: ProcessorClock
}

/**
 * The pipeline of a server that decides by itself: one that stands alone, or leads. It makes transactions of writes, its
 * clients' and those that learners forward, and applies them in order once they are durable.
 */
export class Processor extends Pipeline {
  readonly preparer: Preparer
  readonly sessions: SessionTracker
  readonly #sink: TransactionSink
  readonly #clock: ProcessorClock
  readonly #txnWriter = new Writer(1024)
  #firstInFlight: WaitingRequest | null = null
  #lastInFlight: WaitingRequest | null = null

  constructor(options: ProcessorOptions) {
    super(options.database)
    this.preparer = options.preparer
    this.sessions = options.sessions
    this.#sink = options.sink
    this.#clock = options.clock
  }

  createSession(client: Client | null, session: Session, nowMs: number): void {
    const txn = this.preparer.createSession(session, this.#clock.wallMs())
    this.#enqueue(client, 0, OpCode.createSession, nowMs, txn)
  }

  reattach(
    _client: Client,
    id: bigint,
    password: Uint8Array | null,
    timeoutMs: number,
    nowMs: number,
  ): Session | ReattachRefusal {
    const sessions = this.locals?.get(id) === undefined ? this.sessions : this.locals
    return sessions.reattach(id, password, timeoutMs, nowMs)
  }

  /** Ends a session that has expired, or that an administrator ends. */
  closeSession(session: Session, nowMs: number): void {
    this.#enqueue(null, 0, OpCode.closeSession, nowMs, this.#close(session, 0))
  }

  /** Deletes a container or TTL znode, if it is still empty. */
  deleteContainer(candidate: SweepCandidate, nowMs: number): void {
    const txn = this.preparer.deleteContainer(candidate, this.#clock.wallMs())
    this.#enqueue(null, 0, OpCode.deleteContainer, nowMs, txn)
  }

  /**
   * Takes a request that a learner forwards for its client. It always becomes a transaction, an error if need be: the
   * learner waits for it (PrepRequestProcessor).
   *
   * @param owner stands for the learner: a session belongs to one, or to a connection here
   */
  forwarded(owner: object, request: ForwardedRequest, identities: readonly Identity[], nowMs: number): void {
    this.#enqueue(null, request.cxid, request.opType, nowMs, this.#prepareForwarded(owner, request, identities, nowMs))
  }

  #prepareForwarded(owner: object, request: ForwardedRequest, identities: readonly Identity[], nowMs: number): Txn {
    const { sessionId, cxid, opType, body } = request
    const { preparer, sessions } = this
    const timeMs = this.#clock.wallMs()
    const known = sessions.get(sessionId)
    const requester = { session: known ?? new Session(sessionId, 0), identities }
    requester.session.local = known === undefined && (this.locals?.mayBeElsewhere(sessionId) ?? false)
    // All that is left of a session that nobody knows any more is that it has ended.
    if (known === undefined) requester.session.closing = !requester.session.local
    const refuse = (code: ErrorCode): Txn => preparer.refuse(requester, cxid, timeMs, code)
    if (opType === OpCode.createSession) {
      if (body.length < 4) return refuse('MARSHALLINGERROR')
      const session = sessions.track(sessionId, new Reader(body).int(), nowMs)
      session.owner = owner
      return preparer.createSession(session, timeMs)
    }
    const allowed = requester.session.local ? 'OK' : sessions.check(sessionId, owner)
    // Each operation of a multi is refused by itself.
    const refusesItself = opType === OpCode.multi && allowed === 'SESSIONEXPIRED'
    // In Java a session may be closed by whoever it was with once: then a request that was late ends it, though its client has
    // come back elsewhere since, or asks for an end that has come already. Nobody waits for an answer to either.
    if (allowed !== 'OK' && !refusesItself) return refuse(allowed)
    // What the learner knows of its clients otherwise is lost when it loses its leader. (In Java only that counts.)
    if (known !== undefined && allowed === 'OK') sessions.touch(known, nowMs)
    if (opType === OpCode.closeSession) return this.#close(requester.session, cxid)
    const isWrite = routeOf(opType) === Route.WRITE || keeperRouteOf(opType) === Route.WRITE
    if (!isWrite || (opType >= KeeperOp.filteredList && !this.database.keeper?.writes)) return refuse('UNIMPLEMENTED')
    return preparer.prepare(opType, new Reader(body), requester, cxid, timeMs) ?? refuse('MARSHALLINGERROR')
  }

  /**
   * A learner asks for a client that comes back to it: the session is the learner's from here on, if there is one.
   *
   * @param owner see {@link forwarded}
   */
  revalidate(owner: object, sessionId: bigint, timeoutMs: number, nowMs: number): boolean {
    const session = this.sessions.get(sessionId)
    if (session === undefined || session.closing) return false
    session.timeoutMs = timeoutMs
    if (session.owner !== owner) this.onSessionMoved?.(session)
    session.owner = owner
    return this.sessions.touch(session, nowMs)
  }

  /** All transactions up to `zxid` are durable: applies and answers them. */
  committed(zxid: number, nowMs: number): void {
    let request = this.#firstInFlight
    while (request !== null && request.zxid <= zxid) {
      this.#firstInFlight = request.nextInFlight
      request.nextInFlight = null // As in WaitingQueue.shift.
      if (this.#firstInFlight === null) this.#lastInFlight = null
      if (request.txn !== null) this.apply(request.txn, request, nowMs)
      this.finish(request, nowMs)
      request = this.#firstInFlight
    }
  }

  protected write(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void {
    const txn = this.preparer.prepare(opcode, body, client, xid, this.#clock.wallMs())
    if (txn === undefined) return this.refuse(client, xid, opcode, nowMs, errno('MARSHALLINGERROR'))
    this.#enqueue(client, xid, opcode, nowMs, txn)
  }

  /** Waits for all that has a zxid now; for nothing if it is applied already. */
  protected sync(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void {
    if (this.#firstInFlight === null) {
      if (client.waiting.first === null) this.read(client, xid, opcode, body, nowMs, nowMs)
      else this.wait(client, xid, opcode, body, nowMs)
      return
    }
    const copy = copyBytes(body.bytes, body.offset, body.end)
    this.#follow(new WaitingRequest(client, xid, opcode, nowMs, null, copy, this.preparer.lastZxid, copy.length))
  }

  protected end(client: Client, xid: number, nowMs: number): void {
    this.#enqueue(client, xid, OpCode.closeSession, nowMs, this.#close(client.session, xid))
  }

  /** The tracker follows what was applied (ZooKeeperServer.processTxnForSessionEvents). */
  protected applied(txn: Txn, nowMs: number): void {
    this.preparer.changes.applied(txn.zxid)
    if (txn.type === OpCode.createSession) {
      this.sessions.commit(txn.clientId, (txn.record as { timeOut: number }).timeOut, nowMs)
    } else if (txn.type === OpCode.closeSession) this.locals?.ended(txn.clientId, nowMs)
  }

  #close(session: Session, xid: number): Txn {
    const txn = this.preparer.closeSession(session, xid, this.#clock.wallMs())
    this.sessions.close(session)
    return txn
  }

  /** Sends a transaction on its way. */
  #enqueue(client: Client | null, xid: number, opcode: number, nowMs: number, txn: Txn): void {
    const writer = this.#txnWriter
    writer.clear()
    writeTxn(writer, txn)
    this.#follow(new WaitingRequest(client, xid, opcode, nowMs, txn, null, txn.zxid, writer.length))
    this.#sink.append(txn.zxid, writer.bytes, 0, writer.length)
  }

  #follow(request: WaitingRequest): void {
    if (this.#lastInFlight === null) this.#firstInFlight = request
    else this.#lastInFlight.nextInFlight = request
    this.#lastInFlight = request
    request.client?.waiting.push(request)
    this.inProcess++
  }
}
