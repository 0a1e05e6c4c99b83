import { type InlineStore, inlineBytes } from '../../tls/inline-store.ts'
import { fileKey, type Key, propertyKey } from '../key.ts'
import { int, list, looseBool, oneOf, optional, port, strictBool, text, type ValueType } from '../value-type.ts'

const file = optional(text)
const secret = { secret: true } as const

/** A store that stands in the configuration itself; an empty text is none, as what a variable that is not set leaves. */
const inline: ValueType<InlineStore | null> = {
  allowed: 'PEM, or a store in base64',
  parse: (value) => (value === '' || inlineBytes(value) !== null ? value : undefined),
  format: (store) => (store === null ? '' : typeof store === 'string' ? store : Buffer.from(store).toString('base64')),
}

/** The keys that exist twice: `ssl.` for clients, `ssl.quorum.` for the members of an ensemble. */
function keysOf<Prefix extends string>(prefix: string, field: Prefix, verifiesClients: boolean) {
  const keys = {
    KeyStoreLocation: propertyKey(
      `${prefix}keyStore.location`,
      file,
      null,
      'Own key and certificates: PEM, PKCS#12, JKS.',
    ),
    KeyStoreInline: propertyKey(
      `${prefix}keyStore.inline`,
      inline,
      null,
      'Own key and certificates themselves, in place of a file: PEM, or PKCS#12 or JKS in base64.',
      secret,
    ),
    KeyStorePassword: propertyKey(`${prefix}keyStore.password`, file, null, 'Password of the key store.', secret),
    KeyStorePasswordPath: propertyKey(`${prefix}keyStore.passwordPath`, file, null, 'File with that password.'),
    KeyStoreType: propertyKey(
      `${prefix}keyStore.type`,
      oneOf(['', 'JKS', 'PEM', 'PKCS12', 'BCFKS'], false),
      '',
      'Format of the key store; it is told by the store itself.',
    ),
    TrustStoreLocation: propertyKey(
      `${prefix}trustStore.location`,
      file,
      null,
      'Certificates of those who vouch for peers.',
    ),
    TrustStoreInline: propertyKey(
      `${prefix}trustStore.inline`,
      inline,
      null,
      'Certificates of those who vouch for peers themselves, in place of a file.',
      secret,
    ),
    TrustStorePassword: propertyKey(`${prefix}trustStore.password`, file, null, 'Password of the trust store.', secret),
    TrustStorePasswordPath: propertyKey(`${prefix}trustStore.passwordPath`, file, null, 'File with that password.'),
    TrustStoreType: propertyKey(
      `${prefix}trustStore.type`,
      oneOf(['', 'JKS', 'PEM', 'PKCS12', 'BCFKS'], false),
      '',
      'Format of the trust store; it is told by the store itself.',
    ),
    Protocol: propertyKey(`${prefix}protocol`, optional(text), null, 'Version of TLS: TLSv1.3 unless set.'),
    EnabledProtocols: propertyKey(`${prefix}enabledProtocols`, optional(list), null, 'Versions of TLS that are taken.'),
    CipherSuites: propertyKey(
      `${prefix}ciphersuites`,
      optional(list),
      null,
      'Cipher suites, by the names of their RFCs.',
    ),
    HostnameVerification: propertyKey(
      `${prefix}hostnameVerification`,
      looseBool,
      true,
      'Compare the names in certificates with whom they are from.',
    ),
    ClientHostnameVerification: propertyKey(
      `${prefix}clientHostnameVerification`,
      looseBool,
      verifiesClients,
      'Do so for those who connect to this server, too.',
    ),
    Crl: propertyKey(
      `${prefix}crl`,
      looseBool,
      false,
      'Refuse certificates unless lists say that they were not revoked.',
    ),
    Ocsp: propertyKey(
      `${prefix}ocsp`,
      looseBool,
      false,
      'The same by asking online (OCSP); lists are looked at where nobody answers.',
    ),
    ClientAuth: propertyKey(
      `${prefix}clientAuth`,
      oneOf(['none', 'want', 'need'], false),
      'need',
      'Whether those who connect are asked for a certificate, and must have one.',
    ),
    HandshakeTimeoutMs: propertyKey(
      `${prefix}handshakeDetectionTimeoutMillis`,
      int(1),
      5000,
      'Time in ms for a new connection to begin, and to finish, its handshake.',
    ),
  } as const
  const entries = Object.entries(keys).map(([name, key]) => [`${field}${name}`, key])
  return Object.fromEntries(entries) as {
    readonly [Name in keyof typeof keys as `${Prefix}${Name}`]: (typeof keys)[Name]
  }
}

/** Encrypted connections. */
export const tlsKeys = {
  secureClientPort: fileKey(
    'secureClientPort',
    optional(port),
    null,
    'TCP port for TLS clients; 0 takes any free one.',
  ),
  secureClientPortAddress: fileKey('secureClientPortAddress', optional(text), null, 'Address of secureClientPort.'),
  clientPortUnification: propertyKey('client.portUnification', looseBool, false, 'clientPort takes TLS clients, too.'),
  clientCertReload: propertyKey('client.certReload', looseBool, false, 'Notice new certificates for clients.'),
  ...keysOf('ssl.', 'clientTls', false),
  outstandingHandshakeLimit: propertyKey(
    'netty.server.outstandingHandshake.limit',
    int(),
    -1,
    'TLS handshakes of clients at the same time; -1: any number.',
    { aliases: ['outstandingHandshake.limit'] },
  ),
  x509SuperUser: propertyKey(
    'X509AuthenticationProvider.superUser',
    optional(text),
    null,
    'Subject of the certificate of who may do everything.',
  ),
  sslAuthProvider: propertyKey('ssl.authProvider', oneOf(['x509']), 'x509', 'Scheme that a TLS client is known by.'),
  sslQuorum: fileKey('sslQuorum', strictBool, false, 'Encrypt connections between servers.'),
  portUnification: fileKey(
    'portUnification',
    strictBool,
    false,
    'Ports for servers take both TLS and plain connections.',
  ),
  quorumCertReload: fileKey('sslQuorumReloadCertFiles', strictBool, false, 'Notice new certificates of this server.'),
  ...keysOf('ssl.quorum.', 'quorumTls', true),
} as const

/** What Java has and this server does not, for clients and for the ensemble. */
export const otherTlsKeys: readonly Key<unknown>[] = ['ssl.', 'ssl.quorum.'].flatMap((prefix) => [
  propertyKey(`${prefix}context.supplier.class`, optional(text), null, 'A Java class that makes connections.', {
    support: 'refused',
  }),
  propertyKey(`${prefix}allowReverseDnsLookup`, looseBool, prefix !== 'ssl.', 'Believe the reverse DNS about names.', {
    support: 'missing',
    actual: false,
  }),
])
