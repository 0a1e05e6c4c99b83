import { copyBytes, JuteError, KeeperError, Reader } from '@vivarium/protocol'
import type { ClientEnv } from '../client-env.ts'
import { Connection, type ConnectionOwner, type Phase } from '../connection/connection.ts'
import { Output } from '../connection/output.ts'
import { ClosedError, RequestError } from '../errors.ts'
import { formatHost, type Host } from '../hosts/connect-string.ts'
import { closeSessionCall } from '../requests/calls.ts'
import { type Call, type CallOptions, type OneShotKind, Request } from '../requests/request.ts'
import type { SaslMechanism } from '../sasl/sasl-mechanism.ts'
import type { Watcher } from '../watches/watch-event.ts'
import { WatchTable } from '../watches/watch-table.ts'
import { Alarm } from './alarm.ts'
import { Credentials } from './credentials.ts'
import { Dialler } from './dialler.ts'
import { readGreeting, writeGreeting } from './greeting.ts'
import { Heartbeat } from './heartbeat.ts'
import type { KeeperOptions } from './keeper-options.ts'
import { Lease } from './lease.ts'
import { Pipeline } from './pipeline.ts'
import { Rearming } from './rearming.ts'
import { Replies } from './replies.ts'
import { SaslLogin } from './sasl-login.ts'
import { Session } from './session.ts'
import type { State, StateChange } from './state.ts'
import { States } from './states.ts'
import { Turn } from './turn.ts'
import { WritableSearch } from './writable-search.ts'

/** Deadlines of requests are kept to this many milliseconds, so that many of them cost one look. */
const DEADLINE_GRAIN_MS = 16

/**
 * Keeps a client in touch with its ensemble: one connection at a time, one session after another, and the requests that
 * go through them. All it knows of the world is its env.
 */
export class SessionKeeper implements ConnectionOwner {
  session: Session | null = null
  /** The number of the session that there is, or will be next. */
  sessionNumber = 1
  readonly watches = new WatchTable()
  readonly pipeline: Pipeline
  readonly credentials: Credentials
  readonly #options: KeeperOptions
  readonly #env: ClientEnv
  readonly #output = new Output()
  readonly #lease = new Lease()
  readonly #alarm: Alarm
  readonly #rearming: Rearming
  readonly #reader: Reader
  readonly #states: States
  readonly #turn: Turn
  readonly #dialler: Dialler
  readonly #replies: Replies
  readonly #heartbeat: Heartbeat
  #login: SaslLogin | null = null
  /** While the server is a read-only one. */
  #search: WritableSearch | null = null
  #connection: Connection | null = null
  #host: Host | null = null
  #askedMs = 0
  #nextDeadlineMs = Number.POSITIVE_INFINITY
  /** Servers in a row that ended the connection instead of answering the greeting, as one does that is behind. */
  #refusals = 0
  #closing: Promise<void> | null = null
  /** Why the client was closed. */
  closedBy: ClosedError | null = null

  constructor(options: KeeperOptions) {
    this.#options = options
    this.#env = options.env
    this.#alarm = new Alarm(options.env.clock, () => this.#check())
    this.#reader = new Reader(undefined, 0, 0, options.maxReplyBytes)
    this.pipeline = new Pipeline({ ...options, output: this.#output, lease: this.#lease, watches: this.watches })
    this.credentials = new Credentials(this.#output)
    this.#rearming = new Rearming(this.#output, this.watches)
    this.#states = new States(options.name, options.env.log)
    this.#turn = new Turn(options.env.clock, (nowMs) => this.#flush(nowMs))
    this.#dialler = new Dialler({ ...options, begin: (host) => this.#begin(host) })
    this.#heartbeat = new Heartbeat(this.#lease, this.#output)
    this.#replies = new Replies({
      pipeline: this.pipeline,
      lease: this.#lease,
      credentials: this.credentials,
      rearming: this.#rearming,
      watches: this.watches,
      states: this.#states,
      chroot: options.chroot,
    })
  }

  /** Begins to look for a server. */
  start(): void {
    this.#dialLater()
  }

  get state(): State {
    return this.#states.state
  }

  get host(): Host | null {
    return this.pipeline.isOpen ? this.#host : null
  }

  /** What came of the last attempt at each server since there was a connection. */
  get attempts(): ReadonlyMap<string, string> {
    return this.#dialler.attempts
  }

  onState(listener: (change: StateChange) => void): () => void {
    return this.#states.listen(listener)
  }

  request<B, R>(
    call: Call<B, R>,
    path: string,
    body: B,
    options: CallOptions | undefined,
    watcher: Watcher | null = null,
    watchKind: OneShotKind = 'data',
  ): Promise<R> {
    if (this.#closing !== null || this.closedBy !== null) return Promise.reject(this.closedBy ?? new ClosedError())
    const wanted = options?.session
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason)
    if (wanted !== undefined && wanted.number !== this.sessionNumber) {
      return Promise.reject(new RequestError('SESSIONEXPIRED', path, { operation: call.name, maybeApplied: false }))
    }
    const number = options?.acrossSessions && wanted === undefined ? 0 : this.sessionNumber
    const deadlineMs = this.#turn.now() + (options?.timeoutMs ?? this.#options.requestTimeoutMs)
    const request = new Request(call, path, body, watcher, watchKind, number, deadlineMs, options)
    const promise = request.promise<R>()
    this.#submit(request)
    return promise
  }

  #submit(request: Request): void {
    this.pipeline.submit(request)
    if (request.deadlineMs < this.#nextDeadlineMs) {
      this.#nextDeadlineMs = Math.ceil(request.deadlineMs / DEADLINE_GRAIN_MS) * DEADLINE_GRAIN_MS
      this.#alarm.at(this.#nextDeadlineMs)
    }
    if (this.#output.isFull) this.#flush(this.#turn.now())
  }

  addAuth(scheme: string, auth: Uint8Array): Promise<void> {
    if (this.closedBy !== null) return Promise.reject(this.closedBy)
    const promise = this.credentials.add(scheme, auth, this.pipeline.isOpen)
    this.#turn.now()
    return promise
  }

  /** Leaves the server that it is connected to, if any, and tries the next. */
  reconnect(cause: Error): void {
    this.#connection?.end(cause)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.closedBy !== null) return
    if (this.pipeline.isOpen && this.session !== null) {
      const deadlineMs = this.#turn.now() + this.#options.closeTimeoutMs
      const goodbye = new Request(closeSessionCall, '', null, null, 'data', this.sessionNumber, deadlineMs, undefined)
      const answered = goodbye.promise<void>()
      this.#submit(goodbye)
      // Whatever comes of it: a session that could not be closed expires.
      await answered.catch(() => {})
    }
    this.#shut(new ClosedError(), null)
  }

  // --- connections ---

  #dialLater(): void {
    if (this.#connection === null && this.closedBy === null) this.#dialler.dialLater()
  }

  #begin(host: Host): Connection {
    this.#states.publish('attempt', () => ({ server: formatHost(host) }))
    this.#connection = new Connection(host, this, this.#options.maxReplyBytes)
    return this.#connection
  }

  opened(connection: Connection): void {
    if (connection !== this.#connection) return
    const { sessionTimeoutMs, canBeReadOnly, resume } = this.#options
    this.#output.attach(connection.socket)
    this.#askedMs = this.#env.clock.monotonicMs()
    const known = this.session ?? (this.sessionNumber === 1 ? resume : null)
    writeGreeting(this.#output, {
      lastZxid: this.pipeline.lastZxid,
      timeoutMs: sessionTimeoutMs,
      // A session that only a read-only server knows is none to the others.
      session: this.session?.isReadOnly ? null : known,
      readOnly: canBeReadOnly,
    })
    this.#output.flush()
  }

  heard(): void {
    this.#lease.heard(this.#turn.now())
  }

  drained(): void {
    this.#output.drained()
    this.#flush(this.#turn.now())
  }

  frame(connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    this.#reader.reset(bytes, start, end)
    try {
      if (connection.phase === 'ready') this.#reply(connection)
      else if (connection.phase === 'greeting') this.#greeted(connection)
      else if (this.#login !== null) this.#login.replied(this.#reader)
    } catch (error) {
      if (!(error instanceof JuteError)) throw error
      connection.end(error)
    }
  }

  oversized(connection: Connection, bytes: Uint8Array, start: number, end: number, length: number): void {
    this.#reader.reset(bytes, start, end)
    const isReply = connection.phase === 'ready' && end - start >= 4
    if (!isReply || !this.pipeline.skipped(this.#reader.int(), length)) {
      connection.end(new Error(`the server sent ${length} bytes, and nothing that long was asked for`))
    }
  }

  ended(connection: Connection, cause: Error, phase: Phase): void {
    if (connection !== this.#connection) return // It was let go already.
    this.#states.publish('disconnect', () => ({ server: formatHost(connection.host), cause }))
    this.#forgetConnection()
    this.#dialler.failed(connection.host, cause)
    if (this.closedBy !== null) return
    this.#env.log.debug('disconnected', { server: formatHost(connection.host), cause: cause.message })
    this.#noteRefusal(phase)
    if (this.pipeline.isOpen) this.#suspend(cause)
    this.#dialLater()
  }

  // --- sessions ---

  #greeted(connection: Connection): void {
    const response = readGreeting(this.#reader)
    this.#refusals = 0
    if (response.timeOut <= 0) return this.#lose(new KeeperError('SESSIONEXPIRED'))
    const isNew = this.session === null || this.session.id !== response.sessionId
    if (isNew && this.session !== null) this.#endSession(new KeeperError('SESSIONEXPIRED'))
    this.#lease.begin(this.#askedMs, this.#turn.now(), response.timeOut)
    if (isNew) {
      const password = copyBytes(response.passwd ?? new Uint8Array(16))
      this.session = new Session(this.sessionNumber, { id: response.sessionId, password, readOnly: response.readOnly })
    }
    const session = this.session as Session
    session.timeoutMs = response.timeOut
    const { id: sessionId, timeoutMs } = session
    this.#states.publish('session', () => ({ sessionId, timeoutMs, isNew, server: formatHost(connection.host) }))
    if (this.#options.sasl === null) this.#ready(connection, response.readOnly)
    else this.#authenticate(connection, this.#options.sasl, response.readOnly)
  }

  #authenticate(connection: Connection, mechanism: SaslMechanism, readOnly: boolean): void {
    connection.phase = 'authenticating'
    this.#login = new SaslLogin({
      exchange: mechanism.start({ host: connection.host.host, random: this.#env.random }),
      output: this.#output,
      takeXid: () => this.pipeline.takeXid(),
      succeeded: () => void (connection.isOver || this.#ready(connection, readOnly)),
      failed: (cause) => void (connection.isOver || this.#authFailed('sasl', cause)),
    })
    this.#login.start()
  }

  /** The server has the session and knows who we are: requests can be sent. */
  #ready(connection: Connection, readOnly: boolean): void {
    connection.phase = 'ready'
    this.#login = null
    this.#host = connection.host
    this.#dialler.succeeded()
    this.credentials.sendAll()
    const packets = this.#rearming.begin(this.pipeline.lastZxid)
    if (packets > 0) this.#states.publish('rearm', () => ({ packets }))
    this.pipeline.open()
    this.#flush(this.#turn.now())
    this.#alarm.at(Math.min(this.#lease.silentMs, this.#lease.pingDueMs))
    if (readOnly) this.#searchWritable(connection)
    this.#states.set(readOnly ? 'read-only' : 'connected', null)
  }

  #searchWritable(connection: Connection): void {
    const { hosts } = this.#options
    this.#search = new WritableSearch(
      this.#env,
      () => hosts.hosts,
      (host) => {
        hosts.prefer(host)
        connection.end(new Error('there is a server again that takes writes'))
      },
    )
  }

  #suspend(cause: Error): void {
    this.pipeline.close()
    this.#alarm.at(this.#lease.endsMs)
    this.#states.set('suspended', cause)
  }

  /** The session is gone, as a server said or as the clock does. */
  #lose(cause: Error): void {
    const connection = this.#connection
    this.#forgetConnection()
    connection?.end(cause)
    this.#endSession(cause)
    if (this.closedBy !== null) return // By whoever was told.
    if (!this.#options.renewSession) return this.#shut(new ClosedError(cause), cause)
    this.#states.set('connecting', cause)
    this.#dialLater()
  }

  #endSession(cause: Error): void {
    const number = this.sessionNumber++
    const session = this.session
    this.session = null
    this.#lease.reset()
    this.pipeline.sessionLost(number)
    this.watches.loseOneShots('session', (path) => this.#options.chroot.toClient(path))
    this.#rearming.sessionLost()
    session?.end(cause)
    this.#states.set('lost', cause)
  }

  #authFailed(operation: 'auth' | 'sasl', cause?: unknown): void {
    const error = new RequestError('AUTHFAILED', null, { operation, maybeApplied: false }, { cause })
    this.#shut(new ClosedError(error), error)
  }

  #shut(closedBy: ClosedError, cause: Error | null): void {
    if (this.closedBy !== null) return
    this.closedBy = closedBy
    const connection = this.#connection
    this.#forgetConnection()
    connection?.end(closedBy)
    this.#dialler.stop()
    this.#alarm.cancel()
    this.pipeline.failAll(closedBy)
    this.credentials.failAll(closedBy)
    this.watches.loseAll('closed', (path) => this.#options.chroot.toClient(path))
    this.session?.end(closedBy)
    this.#states.set('closed', cause)
  }

  #forgetConnection(): void {
    this.#connection = null
    this.#login = null
    this.#search?.stop()
    this.#search = null
    this.#dialler.letGo()
    this.#output.attach(null)
  }

  /**
   * A server that is behind what this client has seen ends the connection without a word. Where all do, again and again,
   * and there is no session to be kept, the data must have been reset to an earlier state: that is what there is now.
   */
  #noteRefusal(phase: Phase): void {
    if (phase !== 'greeting' || this.session !== null || this.pipeline.lastZxid === 0) return
    if (++this.#refusals < 2 * this.#options.hosts.size) return
    this.#env.log.warn('all servers refuse what this client has seen: it begins again', {
      lastZxid: this.pipeline.lastZxid,
    })
    this.pipeline.lastZxid = 0
  }

  #reply(connection: Connection): void {
    const wrong = this.#replies.deliver(this.#reader)
    if (wrong === 'refused') this.#authFailed('auth')
    else if (wrong !== null) connection.end(wrong)
  }

  // --- time ---

  #flush(nowMs: number): void {
    if (this.#output.flush()) this.#lease.flushed(nowMs)
  }

  /** Does what is due, and sees to it that the next thing will be. */
  #check(): void {
    if (this.closedBy !== null) return
    const nowMs = this.#env.clock.monotonicMs()
    if (nowMs >= this.#nextDeadlineMs) this.#nextDeadlineMs = this.pipeline.expire(nowMs)
    let nextMs = this.#nextDeadlineMs
    if (this.pipeline.isOpen) nextMs = Math.min(nextMs, this.#beat(nowMs))
    else if (this.state === 'suspended') {
      if (nowMs >= this.#lease.endsMs) return this.#lose(new KeeperError('SESSIONEXPIRED'))
      nextMs = Math.min(nextMs, this.#lease.endsMs)
    }
    if (nextMs !== Number.POSITIVE_INFINITY) this.#alarm.at(nextMs)
  }

  /** Keeps a connection alive, or leaves it; returns when to look again. */
  #beat(nowMs: number): number {
    const next = this.#heartbeat.beat(nowMs)
    if (typeof next === 'number') {
      this.#flush(nowMs)
      return next
    }
    this.#connection?.end(next)
    return this.#lease.endsMs
  }
}
