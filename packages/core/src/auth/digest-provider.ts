import { digestId, digestUser, readUtf8 } from '@vivarium/protocol'
import type { AuthProvider } from './auth-provider.ts'

export interface DigestOptions {
  /** The hash, as Node names it: `sha1` unless `DigestAuthenticationProvider.digestAlg` names another. */
  readonly algorithm: string
  /** The id whose password makes a superuser: `super:` and base64; null for none. */
  readonly superDigest: string | null
}

/**
 * A user name and a password. Whatever they are, the client then has the identity that follows from them: the password
 * is checked by comparing it to those in ACLs.
 *
 * Inherited from DigestAuthenticationProvider.
 *
 * @example
 * const digest = digestProvider({ algorithm: 'sha1', superDigest: null })
 * digest.authenticate(encodeUtf8('bob:secret'), '') // [{ scheme: 'digest', id: 'bob:…' }]
 */
export function digestProvider({ algorithm, superDigest }: DigestOptions): AuthProvider {
  return {
    scheme: 'digest',
    isAuthenticated: true,
    authenticate(credentials) {
      // Java throws on null, which it answers as any other failure.
      if (credentials === null) return 'AUTHFAILED'
      const id = digestId(readUtf8(credentials, 0, credentials.length), algorithm)
      const identity = { scheme: 'digest', id }
      return id === superDigest ? [{ scheme: 'super', id: '' }, identity] : [identity]
    },
    isValid: isDigestId,
    matches: (id, expression) => id === expression,
    userName: digestUser,
  }
}

/** Two parts around a colon, as String.split counts them in Java: it forgets empty ones at the end. */
function isDigestId(id: string): boolean {
  let end = id.length
  while (end > 0 && id[end - 1] === ':') end--
  return id.slice(0, end).split(':', 3).length === 2
}
