import { type ConnectResponse, copyBytes, KeeperError, type Reader } from '@vivarium/protocol'
import type { ClientEnv } from '../client-env.ts'
import type { Phase } from '../connection/connection.ts'
import { Output } from '../connection/output.ts'
import { areRequestsTraced, traced } from '../diagnostics.ts'
import { ClosedError, RequestError } from '../errors.ts'
import { formatHost, type Host } from '../hosts/connect-string.ts'
import { closeSessionCall } from '../requests/calls.ts'
import { type Call, type CallOptions, type OneShotKind, Request } from '../requests/request.ts'
import type { Watcher } from '../watches/watch-event.ts'
import { WatchTable } from '../watches/watch-table.ts'
import { Alarm } from './alarm.ts'
import { Credentials } from './credentials.ts'
import type { Greeting } from './greeting.ts'
import { Heartbeat } from './heartbeat.ts'
import type { KeeperOptions } from './keeper-options.ts'
import { Lease } from './lease.ts'
import { Link, type LinkOwner } from './link.ts'
import { Pipeline } from './pipeline.ts'
import { Rearming } from './rearming.ts'
import { Replies } from './replies.ts'
import { Session, type SessionCare } from './session.ts'
import type { State, StateChange } from './state.ts'
import { States } from './states.ts'
import { Turn } from './turn.ts'

/** Deadlines of requests are kept to this many milliseconds, so that many of them cost one look. */
const DEADLINE_GRAIN_MS = 16

/**
 * Keeps a client in touch with its ensemble: one session after another, each through as many connections as it takes, and the
 * requests that go through them. All it knows of the world is its env.
 */
export class SessionKeeper implements LinkOwner, SessionCare {
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
  readonly #states: States
  readonly #turn: Turn
  readonly #link: Link
  readonly #replies: Replies
  readonly #heartbeat: Heartbeat
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
    this.pipeline = new Pipeline({ ...options, output: this.#output, lease: this.#lease, watches: this.watches })
    this.credentials = new Credentials(this.#output)
    this.#rearming = new Rearming(this.#output, this.watches)
    this.#states = new States(options.name, options.env.log)
    this.#turn = new Turn(options.env.clock, (nowMs) => this.#flush(nowMs))
    this.#heartbeat = new Heartbeat(this.#lease, this.#output)
    const takeXid = (): number => this.pipeline.takeXid()
    this.#link = new Link({ ...options, output: this.#output, states: this.#states, takeXid }, this)
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
    this.#link.dial()
  }

  get state(): State {
    return this.#states.state
  }

  get host(): Host | null {
    return this.#link.host
  }

  /** What came of the last attempt at each server since there was a connection. */
  get attempts(): ReadonlyMap<string, string> {
    return this.#link.attempts
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
    const answer = this.#ask(call, path, body, options, watcher, watchKind)
    if (!areRequestsTraced()) return answer
    const at = path === '' ? null : this.#options.chroot.toClient(path)
    return traced(answer, { client: this.#options.name, operation: call.name, path: at })
  }

  #ask<B, R>(
    call: Call<B, R>,
    path: string,
    body: B,
    options: CallOptions | undefined,
    watcher: Watcher | null,
    watchKind: OneShotKind,
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
    this.#link.end(cause)
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

  // --- what the link tells ---

  greeting(): Greeting {
    const { sessionTimeoutMs, canBeReadOnly, resume } = this.#options
    this.#askedMs = this.#env.clock.monotonicMs()
    const known = this.session ?? (this.sessionNumber === 1 ? resume : null)
    return {
      lastZxid: this.pipeline.lastZxid,
      timeoutMs: sessionTimeoutMs,
      // A session that only a read-only server knows is none to the others.
      session: this.session?.isReadOnly ? null : known,
      readOnly: canBeReadOnly,
    }
  }

  granted(host: Host, { timeOut, sessionId, passwd, readOnly }: ConnectResponse): boolean {
    this.#refusals = 0
    if (timeOut <= 0) {
      this.#lose(new KeeperError('SESSIONEXPIRED'))
      return false
    }
    const isNew = this.session === null || this.session.id !== sessionId
    if (isNew && this.session !== null) this.#endSession(new KeeperError('SESSIONEXPIRED'))
    if (this.closedBy !== null) return false // By whoever was told.
    this.#lease.begin(this.#askedMs, this.#turn.now(), timeOut)
    if (isNew) {
      const password = copyBytes(passwd ?? new Uint8Array(16))
      this.session = new Session(this.sessionNumber, { id: sessionId, password, readOnly }, this)
    }
    const session = this.session as Session
    session.timeoutMs = timeOut
    this.#states.publish('session', () => ({ sessionId, timeoutMs: timeOut, isNew, server: formatHost(host) }))
    return true
  }

  ready(isReadOnly: boolean): void {
    this.credentials.sendAll()
    const packets = this.#rearming.begin(this.pipeline.lastZxid)
    if (packets > 0) this.#states.publish('rearm', () => ({ packets }))
    this.pipeline.open()
    this.#flush(this.#turn.now())
    this.#alarm.at(Math.min(this.#lease.pingDueMs, this.#lease.sureMs))
    this.#states.set(isReadOnly ? 'read-only' : 'connected', null)
  }

  deliver(reader: Reader): 'refused' | Error | null {
    return this.#replies.deliver(reader)
  }

  skipped(xid: number, bytes: number): boolean {
    return this.pipeline.skipped(xid, bytes)
  }

  heard(): void {
    this.#turn.now()
    // Not when the turn began, which may have been before the server answered.
    this.#lease.heard(this.#env.clock.monotonicMs())
  }

  drained(): void {
    this.#flush(this.#turn.now())
  }

  refused(operation: 'auth' | 'sasl', cause?: unknown): void {
    const error = new RequestError('AUTHFAILED', null, { operation, maybeApplied: false }, { cause })
    this.#shut(new ClosedError(error), error)
  }

  ended(host: Host, cause: Error, phase: Phase): void {
    if (this.closedBy !== null) return
    this.#env.log.debug('disconnected', { server: formatHost(host), cause: cause.message })
    this.#noteRefusal(phase)
    if (this.pipeline.isOpen) this.#suspend(cause)
    this.#dial()
  }

  // --- what the session asks ---

  isSure(): boolean {
    return this.#env.clock.monotonicMs() < this.#lease.sureMs
  }

  /** Whichever server has the session next asks the leader. */
  reassure(): void {
    if (this.pipeline.isOpen) this.#link.end(new Error('the answers came too late to be sure of the session'))
  }

  // --- sessions ---

  #dial(): void {
    if (this.closedBy === null) this.#link.dial()
  }

  #suspend(cause: Error): void {
    this.pipeline.close()
    this.#alarm.at(this.#lease.sureMs)
    this.#states.set('suspended', cause)
  }

  /** The session is gone, as a server said or as the clock does. */
  #lose(cause: Error): void {
    this.#link.letGo(cause)
    this.#endSession(cause)
    if (this.closedBy !== null) return // By whoever was told.
    if (!this.#options.renewSession) return this.#shut(new ClosedError(cause), cause)
    this.#states.set('connecting', cause)
    this.#dial()
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

  #shut(closedBy: ClosedError, cause: Error | null): void {
    if (this.closedBy !== null) return
    this.closedBy = closedBy
    this.#link.close(closedBy)
    this.#alarm.cancel()
    this.pipeline.failAll(closedBy)
    this.credentials.failAll(closedBy)
    this.watches.loseAll('closed', (path) => this.#options.chroot.toClient(path))
    this.session?.end(closedBy)
    this.#states.set('closed', cause)
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

  // --- time ---

  #flush(nowMs: number): void {
    if (this.#output.flush()) this.#lease.flushed(nowMs)
  }

  /** Does what is due, and sees to it that the next thing will be. */
  #check(): void {
    const nowMs = this.#env.clock.monotonicMs()
    const isSure = nowMs < this.#lease.sureMs
    if (!isSure) this.session?.doubt()
    if (this.closedBy !== null) return // By whoever was told, perhaps.
    if (nowMs >= this.#nextDeadlineMs) this.#nextDeadlineMs = this.pipeline.expire(nowMs)
    let nextMs = isSure ? Math.min(this.#nextDeadlineMs, this.#lease.sureMs) : this.#nextDeadlineMs
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
    this.#link.end(next)
    return this.#lease.endsMs
  }
}
