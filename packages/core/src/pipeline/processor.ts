import { copyBytes, errno, JuteError, OpCode, Reader, type Txn, Writer, writeTxn, Xid } from '@vivarium/protocol'
import { executeRead } from '../operations/execute-read.ts'
import type { Session, SessionTracker } from '../sessions/index.ts'
import { ApplyResult, applyTxn } from './apply.ts'
import type { Client } from './client.ts'
import type { Database } from './database.ts'
import type { Preparer } from './preparer.ts'
import { beginReply, dropBody, endReply, writeHeader } from './reply.ts'
import { Route, routeOf } from './route.ts'
import { WaitingRequest } from './waiting-request.ts'
import { writeResult } from './write-result.ts'

/** Where transactions go to become durable. `synced` of the {@link Processor} is to be called once they are. */
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
 * The pipeline of a standalone server: answers reads from the tree, makes transactions of writes, and applies them in
 * order once they are durable. Requests of one client are answered in the order in which they came; those of different
 * clients do not wait for each other, but for writes, which all are in one order.
 */
export class Processor {
  readonly database: Database
  readonly preparer: Preparer
  readonly sessions: SessionTracker
  /** Requests that have not been answered. */
  inProcess = 0
  /** Set to an error's number while nothing can be written (a full disk): new writes are refused with it at once. */
  refuseWrites = 0
  /** Called after each transaction that was applied, for a snapshot when enough have been. */
  onApplied: ((txn: Txn) => void) | null = null
  /** Called when the end of a session has been applied, after its client was answered. */
  onSessionEnded: ((session: Session) => void) | null = null
  /** Called with its `largeBytes` when such a request has been answered or dropped. */
  onLargeRequestFinished: ((bytes: number) => void) | null = null
  readonly #sink: TransactionSink
  readonly #clock: ProcessorClock
  readonly #txnWriter = new Writer(1024)
  readonly #reader = new Reader()
  readonly #result = new ApplyResult()
  #firstInFlight: WaitingRequest | null = null
  #lastInFlight: WaitingRequest | null = null

  constructor(options: ProcessorOptions) {
    this.database = options.database
    this.preparer = options.preparer
    this.sessions = options.sessions
    this.#sink = options.sink
    this.#clock = options.clock
  }

  get lastProcessedZxid(): number {
    return this.database.tree.lastProcessedZxid
  }

  /**
   * Takes a request of an established session.
   *
   * @param body stands behind the header, in bytes that are valid during the call only
   * @param nowMs monotonic
   */
  handle(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void {
    switch (routeOf(opcode)) {
      case Route.READ:
        if (client.session.closing) this.refuse(client, xid, opcode, nowMs, errno('SESSIONEXPIRED'))
        else if (client.waiting.first === null) this.#read(client, xid, opcode, body, nowMs, nowMs)
        else this.#wait(client, xid, opcode, body, nowMs, 0)
        return
      case Route.WRITE:
        this.#write(client, xid, opcode, body, nowMs)
        return
      case Route.SYNC:
        // Answered once all that has a zxid now is applied; at once if that is so already.
        if (client.session.closing) this.refuse(client, xid, opcode, nowMs, errno('SESSIONEXPIRED'))
        else if (this.#firstInFlight === null && client.waiting.first === null) {
          this.#read(client, xid, opcode, body, nowMs, nowMs)
        } else this.#wait(client, xid, opcode, body, nowMs, this.preparer.lastZxid)
        return
      case Route.CLOSE_SESSION:
        this.#enqueue(client, xid, OpCode.closeSession, nowMs, this.#close(client.session, xid))
        return
      default:
        writeHeader(client.output(), xid, -1, errno('UNIMPLEMENTED'))
        client.closeAfterFlush(`operation ${opcode}, which does not exist`)
    }
  }

  /** Begins a session; `client.sessionOpened` follows once it is durable. */
  createSession(client: Client, session: Session, nowMs: number): void {
    const txn = this.preparer.createSession(session, this.#clock.wallMs())
    this.#enqueue(client, 0, OpCode.createSession, nowMs, txn)
  }

  /** Ends a session that has expired, or that an administrator ends. */
  closeSession(session: Session, nowMs: number): void {
    this.#enqueue(null, 0, OpCode.closeSession, nowMs, this.#close(session, 0))
  }

  /** Deletes a container or TTL znode, if it is still empty. */
  deleteContainer(path: string, nowMs: number): void {
    const txn = this.preparer.deleteContainer(path, this.#clock.wallMs())
    this.#enqueue(null, 0, OpCode.deleteContainer, nowMs, txn)
  }

  /** All transactions up to `zxid` are durable: applies and answers them. */
  synced(zxid: number): void {
    const nowMs = this.#clock.monotonicMs()
    let request = this.#firstInFlight
    while (request !== null && request.zxid <= zxid) {
      const { txn } = request
      this.#firstInFlight = request.nextInFlight
      if (this.#firstInFlight === null) this.#lastInFlight = null
      if (txn !== null) {
        applyTxn(this.database, txn, this.#result)
        this.preparer.changes.applied(txn.zxid)
        this.#sessionApplied(txn, nowMs)
        this.inProcess--
        if (request.client?.open) this.#answerWrite(request.client, request, nowMs)
        if (txn.type === OpCode.closeSession) this.#sessionEnded(txn.clientId)
        this.onApplied?.(txn)
      }
      request.done = true
      if (request.largeBytes !== 0) this.#largeRequestFinished(request)
      if (request.client !== null) this.#catchUp(request.client, nowMs)
      request = this.#firstInFlight
    }
  }

  /** Forgets what a connection that is gone was still waiting for; its writes go on. */
  forget(client: Client): void {
    for (let request = client.waiting.first; request !== null; request = request.next) {
      if (request.txn !== null) continue
      this.inProcess--
      if (request.largeBytes !== 0) this.#largeRequestFinished(request)
    }
    client.waiting.clear()
  }

  #close(session: Session, xid: number): Txn {
    const txn = this.preparer.closeSession(session, xid, this.#clock.wallMs())
    this.sessions.close(session)
    return txn
  }

  #write(client: Client, xid: number, opcode: number, body: Reader, nowMs: number): void {
    if (this.refuseWrites !== 0) return this.refuse(client, xid, opcode, nowMs, this.refuseWrites)
    const txn = this.preparer.prepare(opcode, body, client, xid, this.#clock.wallMs())
    if (txn === undefined) return this.refuse(client, xid, opcode, nowMs, errno('MARSHALLINGERROR'))
    this.#enqueue(client, xid, opcode, nowMs, txn)
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

  /** Sends a transaction on its way to the disk. */
  #enqueue(client: Client | null, xid: number, opcode: number, nowMs: number, txn: Txn): void {
    const writer = this.#txnWriter
    writer.clear()
    writeTxn(writer, txn)
    this.#sink.append(txn.zxid, writer.bytes, 0, writer.length)
    this.#follow(new WaitingRequest(client, xid, opcode, nowMs, txn, null, txn.zxid, writer.length))
  }

  /** Keeps a read or a sync until its turn comes. */
  #wait(client: Client, xid: number, opcode: number, body: Reader, nowMs: number, zxid: number): void {
    const copy = copyBytes(body.bytes, body.offset, body.end)
    const request = new WaitingRequest(client, xid, opcode, nowMs, null, copy, zxid, copy.length)
    if (zxid !== 0 && this.#firstInFlight !== null) this.#follow(request)
    else {
      request.done = true
      client.waiting.push(request)
      this.inProcess++
    }
  }

  #follow(request: WaitingRequest): void {
    if (this.#lastInFlight === null) this.#firstInFlight = request
    else this.#lastInFlight.nextInFlight = request
    this.#lastInFlight = request
    request.client?.waiting.push(request)
    this.inProcess++
  }

  /** Answers what stood behind a write of this client and is free to go now. */
  #catchUp(client: Client, nowMs: number): void {
    const { waiting } = client
    for (let request = waiting.first; request?.done; request = waiting.first) {
      waiting.shift()
      if (request.txn !== null) continue
      this.inProcess--
      if (request.largeBytes !== 0) this.#largeRequestFinished(request)
      if (!client.open) continue
      if (request.body === null) {
        this.#answerRefused(client, request.xid, request.opcode, request.error, nowMs - request.arrivedMs)
      } else {
        this.#reader.reset(request.body, 0, request.body.length)
        this.#read(client, request.xid, request.opcode, this.#reader, request.arrivedMs, nowMs)
      }
    }
  }

  #read(client: Client, xid: number, opcode: number, body: Reader, arrivedMs: number, nowMs: number): void {
    const output = client.output()
    // These tell what was missed while they are executed, and the reply comes behind that; they have no body.
    const tells = opcode === OpCode.setWatches || opcode === OpCode.setWatches2
    let start = tells ? 0 : beginReply(output)
    let code: ReturnType<typeof executeRead>
    try {
      code = executeRead(opcode, body, this.database, client, output)
    } catch (error) {
      if (!(error instanceof JuteError)) throw error
      code = 'MARSHALLINGERROR'
    }
    if (tells) start = beginReply(output)
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
    const output = client.output()
    const start = beginReply(output)
    if (result.code === 'OK') writeResult(opcode, this.database, result, output)
    endReply(output, start, xid, zxid, errno(result.code))
    client.replied(opcode, xid, zxid, latencyMs, true)
    if (opcode === OpCode.closeSession) client.closeAfterFlush('the client closed its session')
  }

  #largeRequestFinished(request: WaitingRequest): void {
    this.onLargeRequestFinished?.(request.largeBytes)
    request.largeBytes = 0
  }

  #sessionEnded(id: bigint): void {
    const session = this.sessions.remove(id)
    if (session !== undefined) this.onSessionEnded?.(session)
  }

  /** The tracker follows what was applied (ZooKeeperServer.processTxnForSessionEvents). */
  #sessionApplied(txn: Txn, nowMs: number): void {
    if (txn.type === OpCode.createSession) {
      this.sessions.commit(txn.clientId, (txn.record as { timeOut: number }).timeOut, nowMs)
    }
  }
}
