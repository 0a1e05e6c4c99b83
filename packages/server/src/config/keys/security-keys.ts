import { type Key, propertyKey } from '../key.ts'
import { int, list, looseBool, onIf, optional, text } from '../value-type.ts'

/** Who may do what. */
export const securityKeys = {
  skipAcl: propertyKey('skipACL', onIf('yes', 'no'), false, 'Check no ACL at all.'),
  digestAuthEnabled: propertyKey('DigestAuthenticationProvider.enabled', looseBool, true, 'Allow the scheme digest.'),
  digestAuthAlgorithm: propertyKey(
    'DigestAuthenticationProvider.digestAlg',
    text,
    'SHA1',
    'Hash of the scheme digest, by the name Java gives it.',
  ),
  superDigest: propertyKey(
    'DigestAuthenticationProvider.superDigest',
    optional(text),
    null,
    'Who may do everything: super:<base64 of the hash of super:password>.',
    { secret: true },
  ),
  enforceAuthEnabled: propertyKey(
    'enforce.auth.enabled',
    looseBool,
    false,
    'Close connections that do not authenticate.',
  ),
  enforceAuthSchemes: propertyKey('enforce.auth.schemes', list, [], 'Schemes that satisfy enforce.auth.enabled.'),
  fipsMode: propertyKey('fips-mode', looseBool, true, 'No DIGEST-MD5 between servers.'),
  ensembleAuthName: propertyKey(
    'ensembleAuthName',
    optional(text),
    null,
    'Names of this ensemble, which clients of the scheme ensemble must know.',
  ),
  trustForwardedFor: propertyKey(
    'IPAuthenticationProvider.usexforwardedfor',
    looseBool,
    false,
    'Who asks the admin server is whom the header X-Forwarded-For names last, proxies aside.',
  ),
  kerberosConfigRequired: propertyKey(
    'requireKerberosConfig',
    looseBool,
    false,
    'Do not start unless the configuration of Kerberos has a default realm.',
  ),
} as const

/** Kerberos. */
export const laterSecurityKeys: readonly Key<unknown>[] = [
  propertyKey('kerberos.minReLoginTimeMs', int(), 60_000, 'Time between Kerberos logins in ms.', { support: 'inert' }),
  propertyKey('kinit', text, '/usr/bin/kinit', 'Command that renews a ticket.', { support: 'inert' }),
  propertyKey('ssl.sslProvider', text, 'JDK', 'TLS implementation for clients.', { support: 'inert' }),
]
