import type { AuthProvider } from './auth-provider.ts'
import { isX500Name } from './x500-name.ts'

/**
 * The subject of a client's certificate, as RFC 2253 writes it. It is established when the TLS connection is; an auth
 * request is refused.
 *
 * Inherited from X509AuthenticationProvider.
 *
 * @param superUser the subject that may do everything, and that every x509 entry of an ACL means as well; null for none
 */
export function x509Provider(superUser: string | null = null): AuthProvider {
  return {
    scheme: 'x509',
    isAuthenticated: true,
    authenticate: () => 'AUTHFAILED',
    established(id) {
      const identity = { scheme: 'x509', id }
      return id === superUser ? [{ scheme: 'super', id }, identity] : [identity]
    },
    isValid: isX500Name,
    matches: (id, expression) => id === expression || id === superUser,
    userName: (id) => id,
  }
}
