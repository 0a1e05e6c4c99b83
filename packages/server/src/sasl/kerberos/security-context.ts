import type { ContextCell, GssStep, Handle, Mechanism } from './gssapi.ts'

/** Longer than any ticket, with all that may be in it. */
const LONGEST_TOKEN = 65_536

/** Lets one task after the other run: a thread that waits for a KDC is one that does not write to the disk. */
export class OneAtATime {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task)
    this.#last = result.catch(() => {})
    return result
  }
}

/** What both ends of an exchange have: a security context, which must not be deleted while another thread works on it. */
export abstract class SecurityContext<Step extends GssStep> {
  protected readonly gssapi: Mechanism
  readonly #context: ContextCell = [null]
  readonly #held: readonly Handle[]
  readonly #queue: OneAtATime
  #busy = false
  #over = false

  /** @param held what is released with the context */
  constructor(gssapi: Mechanism, queue: OneAtATime, held: readonly Handle[]) {
    this.gssapi = gssapi
    this.#queue = queue
    this.#held = held
  }

  dispose(): void {
    if (this.#over) return
    this.#over = true
    if (!this.#busy) this.#delete()
  }

  /** One more step. Rejects with what the library has against it, or because the exchange was given up. */
  protected step(token: Uint8Array, take: (context: ContextCell) => Promise<Step>): Promise<Step> {
    return this.#queue.run(async () => {
      this.check(token)
      this.#busy = true
      try {
        return await take(this.#context)
      } finally {
        this.#busy = false
        if (this.#over) this.#delete()
      }
    })
  }

  protected check(token: Uint8Array): void {
    if (this.#over) throw new Error('the exchange is over')
    if (token.length > LONGEST_TOKEN) throw new Error(`a token of ${token.length} bytes`)
  }

  protected wrap(message: Uint8Array): Uint8Array {
    return this.gssapi.wrap(this.#context, message)
  }

  protected unwrap(token: Uint8Array): Uint8Array {
    this.check(token)
    return this.gssapi.unwrap(this.#context, token)
  }

  #delete(): void {
    this.gssapi.delete(this.#context)
    for (const handle of this.#held) handle.release()
  }
}
