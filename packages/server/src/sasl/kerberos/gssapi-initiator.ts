import type { SaslInitiator } from '../exchange.ts'
import type { GssStep, Handle, Mechanism } from './gssapi.ts'
import { type OneAtATime, SecurityContext } from './security-context.ts'

const NO_LAYER = 1
/** Nothing but authentication, and nobody else to act as (RFC 4752, 3.1). */
const CHOICE = Uint8Array.of(NO_LAYER, 0, 0, 0)

/** The side of a server that calls another one in SASL GSSAPI (RFC 4752). */
export class GssapiInitiator extends SecurityContext<GssStep> implements SaslInitiator {
  readonly #credential: Handle
  readonly #target: Handle
  #state: 'context' | 'offer' | 'done' = 'context'

  /** Both handles are its own from here on. */
  constructor(gssapi: Mechanism, queue: OneAtATime, credential: Handle, target: Handle) {
    super(gssapi, queue, [credential, target])
    this.#credential = credential
    this.#target = target
  }

  first(): Promise<Uint8Array> {
    return this.#step(new Uint8Array(0))
  }

  async respond(token: Uint8Array): Promise<Uint8Array | null> {
    switch (this.#state) {
      case 'context':
        return this.#step(token)
      case 'offer': {
        const offer = this.unwrap(token)
        if (((offer[0] ?? 0) & NO_LAYER) === 0) throw new Error('the server asks for more than authentication')
        this.#state = 'done'
        return this.wrap(CHOICE)
      }
      case 'done':
        return null
    }
  }

  async #step(token: Uint8Array): Promise<Uint8Array> {
    const step = await this.step(token, (context) =>
      this.gssapi.initiate(context, this.#credential, this.#target, token),
    )
    if (step.complete) this.#state = 'offer'
    return step.token
  }
}
