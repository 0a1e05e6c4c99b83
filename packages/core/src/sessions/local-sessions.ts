import type { Session } from './session.ts'
import { SessionTracker, type SessionTrackerOptions } from './session-tracker.ts'

export interface LocalSessionsOptions extends SessionTrackerOptions {
  /** Whether a session that wants an ephemeral znode becomes one that all servers know. */
  readonly upgrading: boolean
}

/**
 * The sessions that one member of an ensemble keeps to itself: it costs no transaction to begin and to end them, no other
 * server gives them back to a client that comes to it, and they own no ephemeral znodes. Their server lets them expire.
 * They outlive an election, other than in Java, where every new role begins without any.
 *
 * Inherited from LocalSessionTracker and UpgradeableSessionTracker.
 */
export class LocalSessions extends SessionTracker {
  readonly upgrading: boolean
  /** Sessions that all servers know: their ids are not given out, even where the clock was set back. */
  #global: ReadonlyMap<bigint, unknown> = new Map()
  /** Those of them that have ended in the last {@link maxTimeoutMs}, and when: the oldest first. */
  readonly #ended = new Map<bigint, number>()
  /** The top byte of the ids given out here. */
  readonly #serverByte: bigint

  constructor(options: LocalSessionsOptions) {
    super(options)
    this.upgrading = options.upgrading
    this.#serverByte = BigInt.asUintN(8, BigInt(options.serverId))
  }

  override open(timeoutMs: number, nowMs: number): Session {
    let session = super.open(timeoutMs, nowMs)
    while (this.#global.has(session.id)) {
      this.remove(session.id)
      session = super.open(timeoutMs, nowMs)
    }
    session.local = true
    return this.commit(session.id, timeoutMs, nowMs)
  }

  /** Gives a session away: it is none of these any more. */
  release(session: Session): void {
    this.remove(session.id)
    session.local = false
    session.committed = false
    session.closing = false
  }

  /** Serving begins: for as long as it did not, no client could show that it is alive. */
  restart(global: ReadonlyMap<bigint, unknown>, nowMs: number): void {
    this.#global = global
    for (const session of this.values()) this.touch(session, nowMs)
  }

  /**
   * A session that all servers knew has ended. What comes late of it is not taken for a request of a local session of
   * another server, as in Java it is (LeaderSessionTracker.checkSession): it would be done behind later ones.
   */
  ended(id: bigint, nowMs: number): void {
    for (const [other, endedMs] of this.#ended) {
      if (endedMs + this.maxTimeoutMs > nowMs) break
      this.#ended.delete(other)
    }
    this.#ended.set(id, nowMs)
  }

  /** Whether a session that is not known here may be one that another server keeps to itself. */
  mayBeElsewhere(id: bigint): boolean {
    return BigInt.asUintN(8, id >> 56n) !== this.#serverByte && !this.#ended.has(id)
  }
}
