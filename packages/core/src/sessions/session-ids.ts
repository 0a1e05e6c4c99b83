import { firstSessionId } from './session-id.ts'

export interface SessionIdOptions {
  /** The top byte of the ids: 1 on a standalone server, else the server's id. */
  readonly serverId: number
  /** What the ids are derived from, in milliseconds: should not repeat over restarts. */
  readonly timeMs: number
  /**
   * From 0 to 65535, at random: is added to the first id, as a clock can show the same time again. Who still has the id
   * and password of a session that has ended must not find somebody else's. 0 if left out, as in Java.
   */
  readonly offset?: number | undefined
}

/** Gives ids to new sessions. */
export class SessionIds {
  #next: bigint

  constructor({ serverId, timeMs, offset }: SessionIdOptions) {
    this.#next = BigInt.asIntN(64, firstSessionId(serverId, timeMs) + BigInt(offset ?? 0))
  }

  /** After a start with a clock that was set back there may be sessions with the ids that come next. */
  next(taken: ReadonlyMap<bigint, unknown>): bigint {
    let id = this.#next
    while (taken.has(id)) id = BigInt.asIntN(64, id + 1n)
    this.#next = BigInt.asIntN(64, id + 1n)
    return id
  }
}
