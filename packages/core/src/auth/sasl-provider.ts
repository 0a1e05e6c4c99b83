import type { AuthProvider } from './auth-provider.ts'

/** A Kerberos principal: `service/host@REALM`, where host may be missing (KerberosName). */
const PRINCIPAL = /^[^/@]*(?:\/[^/@]*)?@[^/@]*$/

/**
 * An identity that a SASL exchange has established; credentials in an auth request are refused.
 *
 * Inherited from SASLAuthenticationProvider.
 *
 * @param anyUserMayDo the id in ACLs that stands for every SASL user (`letAnySaslUserDoX`), null for none
 * @param superUsers who may do everything (`superUser`, `superUser.x`)
 */
export function saslProvider(
  anyUserMayDo: string | null = null,
  superUsers: ReadonlySet<string> = new Set(),
): AuthProvider {
  return {
    scheme: 'sasl',
    isAuthenticated: true,
    authenticate: () => 'AUTHFAILED',
    established(id) {
      const identity = { scheme: 'sasl', id }
      return superUsers.has(id) ? [{ scheme: 'super', id: '' }, identity] : [identity]
    },
    isValid: (id) => !id.includes('@') || PRINCIPAL.test(id),
    matches: (id, expression) => id === 'super' || id === expression || expression === anyUserMayDo,
    userName: (id) => id,
  }
}
