import type { SessionTouch } from '../zab/packet-bodies.ts'
import { Session } from './session.ts'
import { type SessionIdOptions, SessionIds } from './session-ids.ts'
import type { Sessions } from './sessions.ts'

export interface LearnerSessionsOptions {
  readonly ids: SessionIdOptions
  /** Bounds of the negotiated timeout, in milliseconds. */
  readonly minTimeoutMs: number
  readonly maxTimeoutMs: number
  /** All sessions of the ensemble and their timeouts: what a snapshot has. */
  readonly global: ReadonlyMap<bigint, number>
}

/**
 * The sessions whose clients are connected to a follower or an observer. Their expiry is the leader's business, which is
 * told by every answer to a ping who was heard of.
 *
 * Inherited from LearnerSessionTracker.
 */
export class LearnerSessions implements Sessions {
  readonly #options: LearnerSessionsOptions
  readonly #ids: SessionIds
  readonly #sessions = new Map<bigint, Session>()
  #touched = new Set<Session>()
  /** Timeouts of sessions that observers of this server have heard of. */
  #touchedElsewhere = new Map<bigint, number>()

  constructor(options: LearnerSessionsOptions) {
    this.#options = options
    this.#ids = new SessionIds(options.ids)
  }

  /** All sessions of the ensemble, and their timeouts in milliseconds. */
  get global(): ReadonlyMap<bigint, number> {
    return this.#options.global
  }

  negotiate(timeoutMs: number): number {
    const { minTimeoutMs, maxTimeoutMs } = this.#options
    return Math.min(Math.max(timeoutMs, minTimeoutMs), maxTimeoutMs)
  }

  open(timeoutMs: number): Session {
    return this.attach(this.#ids.next(this.#options.global), timeoutMs)
  }

  /** A client is here with a session that exists, or is to exist. */
  attach(id: bigint, timeoutMs: number): Session {
    let session = this.#sessions.get(id)
    if (session === undefined) {
      session = new Session(id, timeoutMs)
      this.#sessions.set(id, session)
    }
    session.timeoutMs = timeoutMs
    session.committed = false
    return session
  }

  adopt(session: Session): void {
    this.#sessions.set(session.id, session)
  }

  /** The creation of a session has been applied, whosever it is. */
  commit(id: bigint): void {
    const session = this.#sessions.get(id)
    if (session !== undefined) session.committed = true
  }

  get(id: bigint): Session | undefined {
    return this.#sessions.get(id)
  }

  touch(session: Session): boolean {
    this.#touched.add(session)
    return true
  }

  /** An observer of this server has heard of a session of its own. */
  touchElsewhere({ sessionId, timeoutMs }: SessionTouch): void {
    this.#touchedElsewhere.set(sessionId, timeoutMs)
  }

  remove(id: bigint): Session | undefined {
    const session = this.#sessions.get(id)
    if (session === undefined) return undefined
    session.closing = true
    this.#sessions.delete(id)
    this.#touched.delete(session)
    return session
  }

  /** Takes out the sessions that were heard of since the last time, to tell the leader. */
  takeTouches(): SessionTouch[] {
    const touches: SessionTouch[] = []
    for (const { id, timeoutMs } of this.#touched) touches.push({ sessionId: id, timeoutMs })
    for (const [sessionId, timeoutMs] of this.#touchedElsewhere) touches.push({ sessionId, timeoutMs })
    this.#touched = new Set()
    this.#touchedElsewhere = new Map()
    return touches
  }

  buckets(): [] {
    return []
  }
}
