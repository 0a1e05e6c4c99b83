import type { Session } from './session.ts'

/** The sessions of a server, as those see them who serve clients: a leader tracks all, a learner those that are its own. */
export interface Sessions {
  /** The timeout that a client gets for the one that it asks for; milliseconds. */
  negotiate(timeoutMs: number): number
  /** A new session, with a new id. It exists for others once its creation is applied. */
  open(timeoutMs: number, nowMs: number): Session
  /** A session that only this server knew is to be one like the others, with the id that it has. */
  adopt(session: Session, nowMs: number): void
  get(id: bigint): Session | undefined
  /** The client has shown that it is alive. False if that comes too late. Called for every request. */
  touch(session: Session, nowMs: number): boolean
  /** The end of the session has been applied. The session that is gone, if it was known here. */
  remove(id: bigint): Session | undefined
  /** When sessions expire: the earliest bucket first, empty ones included; none where that is not decided. */
  buckets(): { readonly expiresAtMs: number; readonly elements: readonly Session[] }[]
}
