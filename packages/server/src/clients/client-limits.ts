import type { ConnectionWeights } from '@vivarium/core'

/** What clients may have of a server. */
export interface ClientLimits {
  /** The longest frame, in bytes (`jute.maxbuffer`). */
  readonly frameBytes: number
  /** The longest string or buffer inside a request, in bytes. */
  readonly fieldBytes: number
  /** Connections from one address (`maxClientCnxns`); 0: any number. */
  readonly perAddress: number
  /** Connections in all (`maxCnxns`); 0: any number. */
  readonly total: number
  /** Requests in process beyond which who has some is not read from (`globalOutstandingLimit`). */
  readonly outstanding: number
  /** How long a connection may take to begin a session, in milliseconds (`nio.sessionlessCnxnTimeout`). */
  readonly greetingMs: number
  /** A client that leaves this many bytes of replies and events untaken is closed. */
  readonly pendingBytes: number
  readonly connectionWeights: ConnectionWeights
  /** One of these is needed for any request (`enforce.auth.schemes`); null: none. */
  readonly requiredSchemes: readonly string[] | null
}
