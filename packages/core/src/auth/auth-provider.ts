import type { Identity } from './identity.ts'

/**
 * What comes of an auth request: the identities that the connection now has as well; AUTHFAILED, which is answered
 * before the connection is closed; or CLOSE, where the client is to try another server and gets no answer.
 */
export type AuthResult = readonly Identity[] | 'AUTHFAILED' | 'CLOSE'

/** One scheme of authentication. Inherited from AuthenticationProvider. */
export interface AuthProvider {
  readonly scheme: string
  /** Whether its identities are what an `auth` entry of an ACL stands for. */
  readonly isAuthenticated: boolean
  /**
   * A client has sent credentials.
   * @param credentials as they came; null and empty are possible
   * @param address of the client, as text without a port
   */
  authenticate(credentials: Uint8Array | null, address: string): AuthResult
  /** The identities of who has proved to be `id` by the connection itself: a certificate, a SASL exchange. */
  established?(id: string): readonly Identity[]
  /** Whether `id` may stand in an ACL. */
  isValid(id: string): boolean
  /** Whether the identity `id` of a connection is meant by `expression` in an ACL. */
  matches(id: string, expression: string): boolean
  /** The part of `id` that may be shown to people. */
  userName(id: string): string
}

/** The schemes that a server knows. `world` and `auth` are not among them: they are part of the checks themselves. */
export type AuthProviders = ReadonlyMap<string, AuthProvider>

/** @example const providers = authProviders(ipProvider, digestProvider({ hash, superDigest: null })) */
export function authProviders(...providers: readonly AuthProvider[]): AuthProviders {
  return new Map(providers.map((provider) => [provider.scheme, provider]))
}
