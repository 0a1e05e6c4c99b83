import { AuthPacket, OpCode, Xid } from '@vivarium/protocol'
import type { Output } from '../connection/output.ts'

interface Credential {
  readonly scheme: string
  readonly auth: Uint8Array
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** What a client proves itself with: told to each server it comes to, before anything else is asked. */
export class Credentials {
  readonly #output: Output
  readonly #all: Credential[] = []
  /** Told to the present server, which has not answered yet. */
  #unanswered: Credential[] = []

  constructor(output: Output) {
    this.#output = output
  }

  /** Adds one, and sends it at once if `isOpen`. The promise is settled by the first server that answers. */
  add(scheme: string, auth: Uint8Array, isOpen: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const credential = { scheme, auth, resolve, reject }
      this.#all.push(credential)
      if (isOpen) this.#send(credential)
    })
  }

  /** There is another server. */
  sendAll(): void {
    this.#unanswered = []
    for (const credential of this.#all) this.#send(credential)
  }

  /** The server has taken the oldest that it was told. */
  accepted(): void {
    this.#unanswered.shift()?.resolve()
  }

  failAll(error: unknown): void {
    for (const { reject } of this.#all) reject(error)
  }

  #send(credential: Credential): void {
    this.#unanswered.push(credential)
    const at = this.#output.beginFrame()
    this.#output.writer.int(Xid.AUTH)
    this.#output.writer.int(OpCode.auth)
    AuthPacket.write(this.#output.writer, { type: 0, scheme: credential.scheme, auth: credential.auth })
    this.#output.endFrame(at, Number.POSITIVE_INFINITY)
  }
}
