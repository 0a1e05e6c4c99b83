import type { SaslAcceptor, SaslResult } from '../exchange.ts'
import type { GssStep, Handle, Mechanism } from './gssapi.ts'
import { type OneAtATime, SecurityContext } from './security-context.ts'

/** What is offered for the time after the exchange: nothing, so that no length is needed (RFC 4752, 3.2). */
const OFFER = Uint8Array.of(1, 0, 0, 0)
const NO_LAYER = 1

interface AcceptedStep extends GssStep {
  readonly user: string | null
}

/** The server's side of SASL GSSAPI (RFC 4752). */
export class GssapiAcceptor extends SecurityContext<AcceptedStep> implements SaslAcceptor {
  readonly #credential: Handle
  #user: string | null = null
  #offered = false

  /** @param credential the keys of this server; it is not released */
  constructor(gssapi: Mechanism, queue: OneAtATime, credential: Handle) {
    super(gssapi, queue, [])
    this.#credential = credential
  }

  async evaluate(token: Uint8Array): Promise<SaslResult> {
    try {
      return await this.#take(token)
    } catch (error) {
      this.dispose()
      return { type: 'failed', reason: (error as Error).message }
    }
  }

  async #take(token: Uint8Array): Promise<SaslResult> {
    if (this.#offered) return this.#agree(this.unwrap(token))
    if (this.#user !== null) {
      if (token.length > 0) throw new Error('a token where none is left to be sent')
      return this.#offer()
    }
    const step = await this.step(token, (context) => this.gssapi.accept(context, this.#credential, token))
    if (!step.complete) return { type: 'challenge', token: step.token }
    this.#user = step.user
    return step.token.length === 0 ? this.#offer() : { type: 'challenge', token: step.token }
  }

  #offer(): SaslResult {
    this.#offered = true
    return { type: 'challenge', token: this.wrap(OFFER) }
  }

  /** What the client has chosen, and who it wants to act as. */
  #agree(choice: Uint8Array): SaslResult {
    const user = this.#user as string
    this.dispose()
    if (choice.length < OFFER.length || choice[0] !== NO_LAYER) {
      return { type: 'failed', reason: 'more than authentication is asked for' }
    }
    const authorizationId = Buffer.from(choice.subarray(OFFER.length)).toString('utf8')
    return { type: 'authenticated', token: null, user, authorizationId: authorizationId || user }
  }
}
