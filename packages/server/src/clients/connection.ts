import {
  type Client,
  formatSessionId,
  type Identity,
  type Place,
  type Session,
  toHostAddress,
  WaitingQueue,
  type WatchEvent,
  type WatchSet,
} from '@vivarium/core'
import type { Socket, SocketHandler, TlsPeer } from '@vivarium/env'
import { type ACL, JuteError, OpCode, type Writer } from '@vivarium/protocol'
import type { TextReply } from '../admin/text-reply.ts'
import { type AnsweredRequest, answeredRequests } from '../tracing/request-channel.ts'
import { identifyByCertificate } from './authentication.ts'
import type { Clients } from './clients.ts'
import { ConnectionStats } from './connection-stats.ts'
import { FrameBuffer } from './frame-buffer.ts'
import { answerConnect, tellExpired } from './handshake.ts'
import type { SaslState } from './sasl-exchange.ts'
import { encodeWatchEvent } from './watch-event.ts'

/** Where a connection is in its life. */
const State = {
  /** Nothing but a four-letter word or a ConnectRequest makes sense. */
  GREETING: 0,
  /** Its session is being created: what the client sent already waits. */
  OPENING: 1,
  ESTABLISHED: 2,
  /** A four-letter word is being answered; what else arrives is ignored. */
  TELLING: 3,
  /** Nothing more is read from it. */
  CLOSING: 4,
} as const

/** What stands in front of a packet. */
const LENGTH_BYTES = 4
/** That, and the head of an answer: xid, zxid, error. */
const HEADER_BYTES = 20
const ERRNO_AT = 16

/** Replies are sent early once they are this many bytes, so that a pipeline of reads does not pile up in memory. */
const FLUSH_BYTES = 65_536

/**
 * One client connection, from accept to close: frames in, replies and watch events out. It decides nothing about
 * requests: those go to the pipeline.
 */
export class Connection implements SocketHandler, Client {
  readonly socket: Socket
  readonly stats: ConnectionStats
  readonly waiting = new WaitingQueue()
  /** Who the client is. Replaced, never changed: see {@link AccessControl}. */
  identities: readonly Identity[]
  /** How the connection is encrypted; null in the clear. */
  tls: TlsPeer | null = null
  sasl: SaslState = null
  /** It is being found out who the client is: what it sends waits. */
  authenticating = false
  watchSet: WatchSet | null = null
  /** False as soon as it is decided that the connection ends: nothing is written for it any more. */
  open = true
  /** Whether the client sent the `readOnly` byte, and so expects it in the answer (clients before 3.4 do not). */
  knowsReadOnly = true
  /** A request of it was dropped: those that follow must be, too, for none may be left out. */
  invalid = false
  /** Requests that wait in front of the pipeline. */
  gated = 0
  /** When it is closed unless it has begun a session, and when its end was decided; monotonic milliseconds. */
  readonly greetingEndsMs: number
  endedMs = 0
  /** Where it is among all connections, those without a session, and those that send their last replies. */
  place: Place<Connection> | null = null
  greeting: Place<Connection> | null = null
  ending: Place<Connection> | null = null
  readonly #clients: Clients
  readonly #rest = new FrameBuffer()
  #session: Session | null = null
  #state: number = State.GREETING
  #output: Writer | null = null
  /** The one notification of this turn, with no other output: many connections share its bytes, and none copies them. */
  #event: Uint8Array | null = null
  /** How much of the output has been counted as packets. */
  #counted = 0
  /** Reading is stopped until the client has taken more of its replies, or of its requests have been answered. */
  #paused = false
  #destroyed = false
  #text: TextReply | null = null

  constructor(clients: Clients, socket: Socket) {
    this.#clients = clients
    this.socket = socket
    this.stats = new ConnectionStats(clients.clock.wallMs())
    this.greetingEndsMs = clients.nowMs + clients.limits.greetingMs
    this.identities = [{ scheme: 'ip', id: toHostAddress(socket.remoteAddress) }]
  }

  get session(): Session {
    return this.#session as Session
  }

  get hasSession(): boolean {
    return this.#session !== null
  }

  get established(): boolean {
    return this.#state === State.ESTABLISHED
  }

  get sessionId(): bigint {
    return this.#session === null ? 0n : this.#session.id
  }

  get queuedBytes(): number {
    return this.socket.pendingBytes + (this.#output?.length ?? this.#event?.length ?? 0)
  }

  /** Whether requests are read from it now: not while it is paused, or a four-letter word is being answered. */
  get reading(): boolean {
    return !this.#paused && this.#state < State.TELLING
  }

  secured(peer: TlsPeer): void {
    this.tls = peer
    identifyByCertificate(this.#clients, this, peer)
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    this.#clients.turn(end - start)
    if (this.#state >= State.TELLING) return
    const rest = this.#rest
    if (rest.length === 0) {
      const consumed = this.#frames(bytes, start, end)
      if (consumed < end && this.open) rest.append(bytes, consumed, end)
    } else {
      rest.append(bytes, start, end)
      this.#resumeFrames()
    }
    this.#clients.endTurn()
  }

  drained(): void {
    if (this.#text !== null) this.#text.drained()
    else if (this.open) this.#clients.resume(this)
  }

  /** Goes on with what has arrived already, and then with reading, unless there is still a reason not to. */
  proceed(): void {
    if (!this.#paused || !this.open || this.#mustWait()) return
    this.#paused = false
    this.#resumeFrames()
    if (!this.#paused) this.#resume()
  }

  closed(error: Error | null): void {
    // A connection that is reset is no dropped one to Java either (NIOServerCnxn.handleFailedRead).
    const dropped = this.open && error === null && this.#state < State.TELLING
    this.open = false
    this.#destroyed = true
    this.#text?.cancel()
    this.#state = State.CLOSING
    if (this.#output !== null) this.#clients.pool.give(this.#output)
    this.#output = null
    this.#event = null
    this.sasl?.dispose?.()
    this.#clients.gone(this, dropped)
  }

  output(): Writer {
    if (this.#output !== null) return this.#output
    const output = this.#clients.pool.take()
    this.#output = output
    if (this.#event === null) this.#clients.dirty(this)
    else output.raw(this.#event, 0, this.#event.length)
    this.#event = null
    this.#counted = output.length
    return output
  }

  /** Hands what was written to the socket. */
  flush(): void {
    const event = this.#event
    if (event !== null) {
      this.#event = null
      if (this.open && !this.socket.write(event, 0, event.length)) this.#clients.slow(this)
      return
    }
    const output = this.#output
    if (output === null) return
    if (output.length > 0 && this.open) {
      const { length } = output
      if (!this.socket.write(output.bytes, 0, length)) {
        // The socket still reads from these bytes.
        this.#output = null
        this.#clients.slow(this)
        return
      }
      output.clear()
    }
    this.#output = null
    this.#clients.pool.give(output)
  }

  notify(event: WatchEvent): void {
    if (!this.open) return
    event.encoded ??= encodeWatchEvent(event)
    const { encoded } = event
    if (this.#output === null && this.#event === null) {
      this.#event = encoded
      this.#clients.dirty(this)
    } else this.output().raw(encoded, 0, encoded.length)
    this.#clients.watchEventSent(encoded.length - LENGTH_BYTES)
    this.packetSent()
    // One transaction can change very many znodes, and one turn apply very many transactions.
    if (this.#output !== null && this.#output.length >= FLUSH_BYTES) this.flush()
  }

  mayRead(acl: readonly ACL[]): boolean {
    return this.#clients.mayRead(this, acl)
  }

  replied(opcode: number, xid: number, zxid: number, latencyMs: number, write: boolean): void {
    this.stats.replied(opcode, xid, zxid, latencyMs, this.#clients.wallMs)
    const output = this.#output
    const bytes = output === null ? 0 : output.length - this.#counted
    // A session that begins is answered with a ConnectResponse, which has been counted, and is no reply to Java.
    this.#clients.replied(latencyMs, write, bytes - LENGTH_BYTES)
    if (answeredRequests.hasSubscribers) this.#tell(opcode, xid, zxid, latencyMs, bytes)
    if (bytes > 0) this.packetSent()
    if (output !== null && output.length >= FLUSH_BYTES) this.flush()
  }

  /** @param bytes that have been written for it */
  #tell(opcode: number, xid: number, zxid: number, latencyMs: number, bytes: number): void {
    // What a session begins with has another head than other answers.
    const hasHeader = bytes >= HEADER_BYTES && opcode !== OpCode.createSession
    const errno = hasHeader ? readInt((this.#output as Writer).bytes, this.#counted + ERRNO_AT) : 0
    const { remoteAddress: address } = this.socket
    const { wallMs } = this.#clients
    const request: AnsweredRequest = { opcode, xid, zxid, errno, latencyMs, wallMs, sessionId: this.sessionId, address }
    answeredRequests.publish(request)
  }

  /** A packet has been written whole: a reply, an event, the answer to a connect request. */
  packetSent(): void {
    this.#counted = this.#output === null ? 0 : this.#output.length
    this.stats.packetsSent++
    this.#clients.packetSent()
  }

  packetReceived(): void {
    this.stats.packetsReceived++
    this.#clients.packetReceived()
  }

  /** The session whose creation or re-attachment was asked for; it is not established yet. */
  attach(session: Session): void {
    this.#session = session
    this.#state = State.OPENING
  }

  /** From here on requests are taken. */
  establish(): void {
    this.#state = State.ESTABLISHED
  }

  /** A four-letter word is being answered; `reply` wants to know when there is room for more. */
  answerText(reply: TextReply): void {
    this.#state = State.TELLING
    this.#text = reply
  }

  sessionOpened(created: boolean): void {
    if (!this.open) return
    this.#clients.sessionOpened(this, created)
    if (this.#state === State.ESTABLISHED) this.#clients.resume(this)
  }

  sessionExpired(why: string): void {
    tellExpired(this, false, `session ${formatSessionId(this.sessionId)} is gone (${why})`)
  }

  closeAfterFlush(reason: string, isLast = false): void {
    if (this.#state === State.CLOSING) return
    this.#state = State.CLOSING
    // A refusal is the last that is said, and the reply to nothing.
    if (this.#output !== null && this.#output.length > this.#counted) this.packetSent()
    this.flush()
    this.open = false
    if (this.#destroyed) return
    this.#clients.closing(this, reason)
    // There is nothing to wait for then (NIOServerCnxn.close); what is being encrypted has not left yet.
    if (isLast && this.tls === null && this.socket.pendingBytes === 0) return this.socket.destroy()
    this.#clients.ending(this)
    this.socket.end()
    // Reads on, to see the client close its side.
    if (this.#paused) this.#resume()
  }

  /** Closes at once, with what was written lost. */
  drop(reason: string): void {
    if (this.#destroyed) return
    this.#destroyed = true
    this.open = false
    this.#state = State.CLOSING
    this.#clients.closing(this, reason)
    this.socket.destroy()
  }

  #resumeFrames(): void {
    const rest = this.#rest
    if (rest.length > 0) rest.consume(this.#frames(rest.bytes, 0, rest.length))
  }

  /** Takes whole frames from `bytes[at, end)`. Returns where the first byte stands that was not used. */
  #frames(bytes: Uint8Array, at: number, end: number): number {
    while (end - at >= 4 && this.#state < State.TELLING) {
      if (this.#state === State.OPENING || this.#paused || this.#mustWait()) {
        this.#pause()
        break
      }
      const length = readInt(bytes, at)
      if (this.#state === State.GREETING) {
        const used = this.#clients.fourLetterWord(this, length, bytes, at, end)
        if (used !== 0) return used < 0 ? at : end
      }
      if (length < 0 || length > this.#clients.limits.frameBytes) {
        this.#clients.badFrame(this, length)
        break
      }
      if (end - at - 4 < length) break
      at += 4
      this.#frame(bytes, at, at + length)
      at += length
    }
    return this.#state >= State.TELLING ? end : at
  }

  #frame(bytes: Uint8Array, start: number, end: number): void {
    this.packetReceived()
    if (this.#state === State.ESTABLISHED) {
      this.#clients.request(this, bytes, start, end)
      return
    }
    const { reader } = this.#clients
    reader.reset(bytes, start, end)
    try {
      answerConnect(this.#clients, this, reader)
    } catch (error) {
      if (!(error instanceof JuteError)) throw error
      this.drop(`a malformed connect request (${error.message})`)
    }
  }

  #mustWait(): boolean {
    return this.#clients.mustWait(this)
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.socket.pause()
    this.#clients.pausedReading(this)
  }

  #resume(): void {
    this.#paused = false
    this.#clients.resumedReading(this)
    this.socket.resume()
  }
}

function readInt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
