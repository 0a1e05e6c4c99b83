import { copyBytes, errno, OpCode, type Reader, sessionPassword, type Txn, Writer } from '@vivarium/protocol'
import type { Identity } from '../auth/index.ts'
import { type LearnerSessions, type ReattachRefusal, type Session, samePassword } from '../sessions/index.ts'
import type { ForwardedRequest, SessionTouch } from '../zab/packet-bodies.ts'
import type { Client } from './client.ts'
import type { Database } from './database.ts'
import { Pipeline } from './pipeline.ts'
import { isReadable } from './preparer.ts'
import { WaitingRequest } from './waiting-request.ts'

/** The way to the leader. */
export interface LeaderPort {
  /** `request.body` is valid during the call only. Comes back through `committed`, or `syncAnswered` for a sync. */
  forward(request: ForwardedRequest, identities: readonly Identity[], token: WaitingRequest): void
  /** Comes back through `revalidated`. */
  revalidate(touch: SessionTouch): void
}

const NOTHING = new Uint8Array(0)

/**
 * The pipeline of a follower or an observer: answers reads from its own tree, and has its leader make transactions of
 * writes (FollowerRequestProcessor, ObserverRequestProcessor, CommitProcessor).
 */
export class Forwarder extends Pipeline {
  readonly sessions: LearnerSessions
  readonly #leader: LeaderPort
  /** Clients that came back with a session, which the leader is asked about. */
  readonly #returning = new Map<bigint, Client>()

  constructor(database: Database, sessions: LearnerSessions, leader: LeaderPort) {
    super(database)
    this.sessions = sessions
    this.#leader = leader
  }

  createSession(client: Client | null, session: Session, nowMs: number): void {
    const body = new Writer(4)
    body.int(session.timeoutMs)
    this.#forward(client, session, 0, OpCode.createSession, body.finish(), null, nowMs)
  }

  reattach(
    client: Client,
    id: bigint,
    password: Uint8Array | null,
    timeoutMs: number,
    nowMs: number,
  ): Session | ReattachRefusal {
    if (this.locals?.get(id) !== undefined) return this.locals.reattach(id, password, timeoutMs, nowMs)
    if (id === 0n || password === null || !samePassword(password, sessionPassword(id))) return 'wrong password'
    this.#returning.set(id, client)
    this.#leader.revalidate({ sessionId: id, timeoutMs })
    return this.sessions.attach(id, timeoutMs)
  }

  /** The leader has said whether a session exists. */
  revalidated(id: bigint, valid: boolean): void {
    const client = this.#returning.get(id)
    if (client === undefined) return
    this.#returning.delete(id)
    if (!client.open) return
    if (valid) {
      client.session.committed = true
      client.sessionOpened(true)
    } else {
      this.sessions.remove(id)
      client.sessionExpired('the leader does not know it')
    }
  }

  /** A transaction is committed. @param request the one that it answers, if it came through this server */
  committed(txn: Txn, request: WaitingRequest | null, nowMs: number): void {
    this.apply(txn, request, nowMs)
    if (request !== null) this.finish(request, nowMs)
  }

  /** All that was proposed before a sync is applied here by now. */
  syncAnswered(request: WaitingRequest, nowMs: number): void {
    this.finish(request, nowMs)
  }

  /** What cannot be read goes no further: not every leader would bear it. */
  protected write(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void {
    const { offset } = body
    if (!isReadable(opcode, body, this.database.keeper?.writes ?? false))
      return this.refuse(client, xid, opcode, nowMs, errno('MARSHALLINGERROR'))
    this.#forward(client, client.session, xid, opcode, body.bytes.subarray(offset, body.end), null, nowMs)
  }

  protected sync(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void {
    const copy = copyBytes(body.bytes, body.offset, body.end)
    this.#forward(client, client.session, xid, opcode, copy, copy, nowMs)
  }

  protected end(client: Client, xid: number, nowMs: number): void {
    this.#forward(client, client.session, xid, OpCode.closeSession, NOTHING, null, nowMs)
  }

  protected applied(txn: Txn, _nowMs: number): void {
    if (txn.type === OpCode.createSession) this.sessions.commit(txn.clientId)
  }

  /** @param kept the body, if it is needed once more when the answer comes */
  #forward(
    client: Client | null,
    session: Session,
    xid: number,
    opType: number,
    body: Uint8Array,
    kept: Uint8Array | null,
    nowMs: number,
  ): void {
    const request = new WaitingRequest(client, xid, opType, nowMs, null, kept, 0, body.length)
    request.forwarded = kept === null
    client?.waiting.push(request)
    this.inProcess++
    this.#leader.forward({ sessionId: session.id, cxid: xid, opType, body }, client?.identities ?? [], request)
  }
}
