import { type ErrorCode, sessionPassword } from '@vivarium/protocol'
import { ExpiryQueue } from './expiry-queue.ts'
import { formatSessionId, Session } from './session.ts'
import { SessionIds } from './session-ids.ts'
import type { Sessions } from './sessions.ts'

export interface SessionTrackerOptions {
  /** The top byte of the ids of new sessions: 1 on a standalone server. */
  readonly serverId: number
  /** Width of the expiry buckets, in milliseconds (`tickTime`). */
  readonly tickMs: number
  /** Bounds of the negotiated timeout, in milliseconds; the defaults are 2 and 20 ticks. */
  readonly minTimeoutMs: number
  readonly maxTimeoutMs: number
  /** Monotonic time now, in milliseconds. */
  readonly nowMs: number
  /** What new session ids are derived from, in milliseconds: should not repeat over restarts. `nowMs` if left out. */
  readonly idTimeMs?: number
  /** See `SessionIdOptions.offset`. */
  readonly idOffset?: number
}

/** Why a client does not get its session back. It is told the same in all cases: the session has expired. */
export type ReattachRefusal = 'unknown' | 'closing' | 'wrong password'

/**
 * All sessions of a server, and when they expire. Times are monotonic milliseconds.
 *
 * Inherited from SessionTrackerImpl.
 */
export class SessionTracker<Owner extends object = object> implements Sessions {
  minTimeoutMs: number
  maxTimeoutMs: number
  /** The metric `stale_sessions_expired`. */
  expiredCount = 0
  readonly #sessions: Map<bigint, Session<Owner>> = new Map()
  readonly #queue: ExpiryQueue<Session<Owner>>
  readonly #ids: SessionIds
  #committedCount = 0

  constructor(options: SessionTrackerOptions) {
    this.minTimeoutMs = options.minTimeoutMs
    this.maxTimeoutMs = options.maxTimeoutMs
    this.#queue = new ExpiryQueue(options.tickMs, options.nowMs)
    const { serverId, idTimeMs, idOffset } = options
    this.#ids = new SessionIds({ serverId, timeMs: idTimeMs ?? options.nowMs, offset: idOffset })
  }

  /** How many sessions there are, those that are being created and closed included. */
  get size(): number {
    return this.#sessions.size
  }

  /** The metric `global_sessions`: those whose creation has been applied. */
  get committedCount(): number {
    return this.#committedCount
  }

  /** The timeout that a client gets for the one that it asks for. */
  negotiate(timeoutMs: number): number {
    return Math.min(Math.max(timeoutMs, this.minTimeoutMs), this.maxTimeoutMs)
  }

  /** A new session, with a new id. It exists for others once its creation is applied: see {@link commit}. */
  open(timeoutMs: number, nowMs: number): Session<Owner> {
    return this.track(this.#ids.next(this.#sessions), timeoutMs, nowMs)
  }

  /** A session that exists elsewhere: in a snapshot, in the log. It has a full timeout from now on. */
  track(id: bigint, timeoutMs: number, nowMs: number): Session<Owner> {
    let session = this.#sessions.get(id)
    if (session === undefined) {
      session = new Session(id, timeoutMs)
      this.#sessions.set(id, session)
    }
    this.#queue.update(session, timeoutMs, nowMs)
    return session
  }

  adopt(session: Session<Owner>, nowMs: number): void {
    this.#sessions.set(session.id, session)
    this.#queue.update(session, session.timeoutMs, nowMs)
  }

  /** The creation of the session has been applied. */
  commit(id: bigint, timeoutMs: number, nowMs: number): Session<Owner> {
    const session = this.#sessions.get(id) ?? this.track(id, timeoutMs, nowMs)
    session.createdTimeoutMs = timeoutMs
    if (!session.committed) {
      session.committed = true
      this.#committedCount++
    }
    return session
  }

  /** The sessions of a database that is loaded, or taken over, with their timeouts in milliseconds. */
  restore(timeouts: ReadonlyMap<bigint, number>, nowMs: number): void {
    for (const [id, timeoutMs] of timeouts) this.commit(id, timeoutMs, nowMs)
  }

  get(id: bigint): Session<Owner> | undefined {
    return this.#sessions.get(id)
  }

  /** The client has shown that it is alive. False if that comes too late. Called for every request. */
  touch(session: Session<Owner>, nowMs: number): boolean {
    if (session.closing) return false
    this.#queue.update(session, session.timeoutMs, nowMs)
    return true
  }

  /**
   * A client comes back on a new connection. What it negotiated now holds from now on. The caller makes the new
   * connection the owner, and closes the one that was.
   */
  reattach(
    id: bigint,
    password: Uint8Array | null,
    timeoutMs: number,
    nowMs: number,
  ): Session<Owner> | ReattachRefusal {
    if (id === 0n || password === null || !samePassword(password, sessionPassword(id))) return 'wrong password'
    const session = this.#sessions.get(id)
    if (session === undefined) return 'unknown'
    if (session.closing) return 'closing'
    session.timeoutMs = timeoutMs
    this.#queue.update(session, timeoutMs, nowMs)
    return session
  }

  /** Whether a request of `owner` may go on: who asks first owns the session (SessionTrackerImpl.checkSession). */
  check(id: bigint, owner: Owner): ErrorCode {
    const session = this.#sessions.get(id)
    if (session === undefined || session.closing) return 'SESSIONEXPIRED'
    // What comes now from a server that the client had left for this one is late.
    if (!session.parted) session.owner ??= owner
    return session.owner === owner ? 'OK' : 'SESSIONMOVED'
  }

  /** The end of the session is decided: from here on its requests fail. */
  close(session: Session<Owner>): void {
    session.closing = true
  }

  /** The end of the session has been applied. The session that is gone, if there was one. */
  remove(id: bigint): Session<Owner> | undefined {
    const session = this.#sessions.get(id)
    if (session === undefined) return undefined
    session.closing = true
    if (session.committed) this.#committedCount--
    this.#queue.remove(session)
    this.#sessions.delete(id)
    return session
  }

  /** Milliseconds until {@link expire} has something to look at. */
  waitMs(nowMs: number): number {
    return this.#queue.waitMs(nowMs)
  }

  /**
   * The sessions that have been silent for too long, now marked as closing. They stay until their end is applied. One
   * that is closing already is among them: its end may have been lost with its connection (ZOOKEEPER-2355).
   */
  expire(nowMs: number): Session<Owner>[] {
    const expired = this.#queue.poll(nowMs)
    for (const session of expired) session.closing = true
    this.expiredCount += expired.length
    return expired
  }

  /** All sessions, in the order in which they came. */
  values(): IterableIterator<Session<Owner>> {
    return this.#sessions.values()
  }

  /** When the sessions expire: the earliest bucket first, empty ones included. */
  buckets(): { readonly expiresAtMs: number; readonly elements: readonly Session<Owner>[] }[] {
    return this.#queue.buckets()
  }

  /**
   * The part of `dump` that is about sessions (SessionTrackerImpl.dumpSessions).
   * @param formatTime writes a time of the monotonic clock as a date
   */
  dump(formatTime: (timeMs: number) => string): string {
    const buckets = this.buckets()
    let text = `Session Sets (${buckets.length})/(${this.#queue.size}):\n`
    for (const { expiresAtMs, elements } of buckets) {
      text += `${elements.length} expire at ${formatTime(expiresAtMs)}:\n`
      for (const session of elements) text += `\t${formatSessionId(session.id)}\n`
    }
    return text
  }
}

/** Compares in a time that does not tell where they differ. */
export function samePassword(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}
