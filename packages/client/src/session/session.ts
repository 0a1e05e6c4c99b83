/** One session of a client: what its ephemeral znodes belong to. A client can have several, one after another. */
export class Session {
  /** Counts the sessions of a client, from 1. */
  readonly number: number
  /** What servers call it: the `ephemeralOwner` of its znodes. */
  readonly id: bigint
  /** With the id, the right to the session: keep it secret. */
  readonly password: Uint8Array
  /** What the server granted, in milliseconds; another server may grant something else. */
  timeoutMs = 0
  /** Granted by a read-only server, which nobody else knows of. */
  readonly isReadOnly: boolean
  /** Aborts when the session is lost or closed; its reason says how. Locks and the like end with it. */
  readonly signal: AbortSignal
  readonly #end: AbortController

  constructor(
    number: number,
    granted: { readonly id: bigint; readonly password: Uint8Array; readonly readOnly: boolean },
  ) {
    this.number = number
    this.id = granted.id
    this.password = granted.password
    this.isReadOnly = granted.readOnly
    this.#end = new AbortController()
    this.signal = this.#end.signal
  }

  /** Whether the session may still live. */
  get isLive(): boolean {
    return !this.signal.aborted
  }

  /** For the client only: tells everyone that the session is over. */
  end(reason: unknown): void {
    this.#end.abort(reason)
  }
}
