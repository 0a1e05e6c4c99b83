import type { DigestMd5Result } from '@vivarium/protocol'

/** What comes of what a client has said. */
export type SaslResult =
  | Exclude<DigestMd5Result, { readonly type: 'authenticated' }>
  /** The client is `user`, and wants to act as `authorizationId`. There may be something left to say. */
  | {
      readonly type: 'authenticated'
      readonly token: Uint8Array | null
      readonly user: string
      readonly authorizationId: string
    }

/** The server's side of one exchange. It never throws, nor rejects: what a client sends wrong fails. */
export interface SaslAcceptor {
  /** Takes a token of the client. Not called again before a promise is settled. */
  evaluate(token: Uint8Array): SaslResult | Promise<SaslResult>
  /** The exchange is over, or given up. */
  dispose?(): void
}

/** The side of a server that calls another one. What it throws, or rejects with, ends the attempt. */
export interface SaslInitiator {
  /** Empty where the other speaks first. */
  first(): Uint8Array | Promise<Uint8Array>
  /** The answer to a token; null once nothing is left to be proved. */
  respond(token: Uint8Array): Uint8Array | null | Promise<Uint8Array | null>
  dispose?(): void
}
