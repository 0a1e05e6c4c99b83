import { copyBytes, GetSASLRequest, OpCode, type Reader, SetSASLResponse } from '@vivarium/protocol'
import type { Output } from '../connection/output.ts'
import type { SaslExchange, SaslStep } from '../sasl/sasl-mechanism.ts'

export interface SaslLoginOptions {
  readonly exchange: SaslExchange
  readonly output: Output
  readonly takeXid: () => number
  readonly succeeded: () => void
  readonly failed: (cause: unknown) => void
}

const NO_TOKEN = new Uint8Array(0)

/** Drives an exchange of SASL tokens over a connection on which nothing else goes on meanwhile. */
export class SaslLogin {
  readonly #options: SaslLoginOptions
  #done = false

  constructor(options: SaslLoginOptions) {
    this.#options = options
  }

  start(): void {
    this.#take(async () => ({ token: (await this.#options.exchange.first()) ?? NO_TOKEN, done: false }))
  }

  replied(reader: Reader): void {
    reader.int()
    reader.zxid()
    const errno = reader.int()
    if (errno !== 0) return this.#options.failed(new Error(`the server refused it (${errno})`))
    const { token } = SetSASLResponse.read(reader)
    if (this.#done) return this.#options.succeeded()
    const challenge = token === null ? null : copyBytes(token)
    this.#take(async () => this.#options.exchange.respond(challenge))
  }

  #take(step: () => Promise<SaslStep>): void {
    step().then(({ token, done }) => {
      this.#done = done
      if (token !== null || !done) this.#send(token ?? NO_TOKEN)
      else this.#options.succeeded()
    }, this.#options.failed)
  }

  #send(token: Uint8Array): void {
    const { output, takeXid } = this.#options
    const at = output.beginFrame()
    output.writer.int(takeXid())
    output.writer.int(OpCode.sasl)
    GetSASLRequest.write(output.writer, { token })
    output.endFrame(at, Number.POSITIVE_INFINITY)
    output.flush()
  }
}
