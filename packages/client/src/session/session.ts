/** What a session asks of the client that has it. */
export interface SessionCare {
  isSure(): boolean
  reassure(): void
}

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
  readonly #keeper: SessionCare
  readonly #holders = new Set<() => void>()

  constructor(
    number: number,
    granted: { readonly id: bigint; readonly password: Uint8Array; readonly readOnly: boolean },
    keeper: SessionCare,
  ) {
    this.#keeper = keeper
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

  /**
   * Whether no server can have given it up, even if the one that answered last did not live to tell its leader. A session can
   * be in doubt while the connection is lost or answers are slow, live all the same, and be sure again once a server has it.
   */
  get isSure(): boolean {
    return this.isLive && this.#keeper.isSure()
  }

  /** For recipes only: calls `look` whenever it may not be sure any more. Returns a function that ends this. */
  onDoubt(look: () => void): () => void {
    this.#holders.add(look)
    return () => void this.#holders.delete(look)
  }

  /** For recipes only: it is to be made sure of, by another connection if there is one that leaves it in doubt. */
  reassure(): void {
    if (this.isLive) this.#keeper.reassure()
  }

  /** For the client only: tells those who hold something by it that it is not sure. */
  doubt(): void {
    for (const look of [...this.#holders]) look()
  }

  /** For the client only: tells everyone that the session is over. */
  end(reason: unknown): void {
    this.#end.abort(reason)
  }
}
