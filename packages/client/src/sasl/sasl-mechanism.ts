import type { Random } from '@vivarium/env'

/** A way to prove who one is (SASL, RFC 4422). The server and the client must have agreed on it: nothing is negotiated. */
export interface SaslMechanism {
  /** As registered: `DIGEST-MD5`, `GSSAPI`. */
  readonly name: string
  /** Begins an exchange with a server. Called for every connection. */
  start(context: SaslContext): SaslExchange
}

export interface SaslContext {
  /** The server's name, as it stands in the connect string. */
  readonly host: string
  readonly random: Random
}

/** One exchange of tokens. What it throws, or rejects with, ends the attempt as a failed authentication. */
export interface SaslExchange {
  /** The first token; null where the server has to speak first. */
  first(): Uint8Array | null | Promise<Uint8Array | null>
  /** The answer to what the server said (null: it had nothing to say). */
  respond(challenge: Uint8Array | null): SaslStep | Promise<SaslStep>
}

export interface SaslStep {
  /** What to send; null: nothing, where `done`, or else an empty token. */
  readonly token: Uint8Array | null
  /** The exchange is complete once that was sent and answered, or at once if there is nothing to send. */
  readonly done: boolean
}
