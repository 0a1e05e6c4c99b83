import type { ClientAuth, TlsProtocol } from '@vivarium/env/node'
import type { ServerConfig } from '../config/server-config.ts'
import { openSslCiphers } from './cipher-suites.ts'
import { type InlineStore, inTwoPlaces } from './inline-store.ts'
import { KeyStoreError } from './key-store-error.ts'

/** Keys or certificates, and what opens them. */
export interface Store {
  /** The path of their file; null: they stand in the configuration. */
  readonly path: string | null
  /** What stands there; null where there is a file. */
  readonly inline: InlineStore | null
  /** How the configuration says where they are, without what is secret, for messages. */
  readonly name: string
  readonly password: string
  /** Wins over the password. */
  readonly passwordPath: string | null
}

/** How connections of one kind are encrypted, checked as far as that can be without reading files. */
export interface TlsSettings {
  /** As the keys begin that say so, for messages. */
  readonly prefix: 'ssl.' | 'ssl.quorum.'
  readonly keyStore: Store
  readonly trustStore: Store | null
  readonly protocols: readonly TlsProtocol[]
  /** OpenSSL's names. */
  readonly ciphers: readonly string[]
  readonly clientAuth: ClientAuth
  /** Whether servers that are dialled have to be who they should be. */
  readonly verifyServers: boolean
  /** Whether those who connect have to be where their certificates say. */
  readonly verifyClients: boolean
  /** Whether lists have to say that certificates were not revoked. */
  readonly crl: boolean
  /** The same for who can be asked; lists are enough where nobody answers. */
  readonly ocsp: boolean
  readonly handshakeMs: number
}

const PREFIXES = { clientTls: 'ssl.', quorumTls: 'ssl.quorum.' } as const

/** @throws {KeyStoreError} with a sentence about the key that is wrong */
export function tlsSettings(
  config: ServerConfig,
  kind: keyof typeof PREFIXES,
  clientAuth: ClientAuth = config[`${kind}ClientAuth`],
): TlsSettings {
  const prefix = PREFIXES[kind]
  const keyStore = storeOf(config, kind, 'KeyStore')
  const trustStore = storeOf(config, kind, 'TrustStore')
  if (keyStore === null) throw new KeyStoreError(`${prefix}keyStore.location is not set, nor ${prefix}keyStore.inline`)
  if (trustStore === null && clientAuth !== 'none') {
    // Java would believe every authority that it ships with, and so let in whoever can buy a certificate.
    throw new KeyStoreError(
      `${prefix}clientAuth=${clientAuth} needs ${prefix}trustStore.location or .inline to say whom to believe`,
    )
  }
  const suites = config[`${kind}CipherSuites`] ?? []
  const { ciphers, unknown } = openSslCiphers(suites)
  if (unknown.length > 0 && suites.length > 0) {
    throw new KeyStoreError(`${prefix}ciphersuites: ${unknown.join(', ')} cannot be had`)
  }
  const verifyServers = config[`${kind}HostnameVerification`]
  return {
    prefix,
    keyStore,
    trustStore,
    protocols: protocolsOf(config, kind),
    ciphers,
    clientAuth,
    verifyServers,
    verifyClients: verifyServers && config[`${kind}ClientHostnameVerification`],
    crl: config[`${kind}Crl`],
    ocsp: config[`${kind}Ocsp`],
    handshakeMs: config[`${kind}HandshakeTimeoutMs`],
  }
}

/** Null: none is named. */
function storeOf(config: ServerConfig, kind: keyof typeof PREFIXES, which: 'KeyStore' | 'TrustStore'): Store | null {
  const name = `${PREFIXES[kind]}${which === 'KeyStore' ? 'keyStore' : 'trustStore'}`
  // A variable that is not set leaves an empty text.
  const path = config[`${kind}${which}Location`] || null
  const given = config[`${kind}${which}Inline`]
  const inline = given?.length ? given : null
  if (path === null && inline === null) return null
  if (path !== null && inline !== null) {
    throw new KeyStoreError(inTwoPlaces(`${name}.inline`, `${name}.location`))
  }
  if (config[`${kind}${which}Type`] === 'BCFKS') {
    throw new KeyStoreError(`${name}.type=BCFKS is not supported; PEM, PKCS12 and JKS are`)
  }
  const password = config[`${kind}${which}Password`] ?? ''
  const shown = path === null ? `${name}.inline` : `${name}.location=${path}`
  return { path, inline, name: shown, password, passwordPath: config[`${kind}${which}PasswordPath`] }
}

/**
 * How the admin server's connections are encrypted: with the stores of the members, whatever else is configured for these
 * (JettyAdminServer).
 *
 * @throws {KeyStoreError}
 */
export function adminTlsSettings(config: ServerConfig): TlsSettings {
  const settings = tlsSettings(config, 'quorumTls', config.adminNeedClientAuth ? 'need' : 'none')
  return { ...settings, protocols: ['TLSv1.2', 'TLSv1.3'] }
}

/**
 * With neither key set, Apache takes TLS 1.3 alone from its clients, and 1.2 too between servers; a version alone means no
 * other to clients, and none above it between servers (ClientX509Util, SSLContextAndOptions).
 */
function protocolsOf(config: ServerConfig, kind: keyof typeof PREFIXES): TlsProtocol[] {
  const prefix = PREFIXES[kind]
  const named = config[`${kind}EnabledProtocols`]
  const version = config[`${kind}Protocol`] ?? 'TLSv1.3'
  const wanted = named ?? (kind === 'quorumTls' && version === 'TLSv1.3' ? ['TLSv1.2', 'TLSv1.3'] : [version])
  const known = wanted.filter((name) => name === 'TLSv1.2' || name === 'TLSv1.3')
  if (known.length === 0) {
    throw new KeyStoreError(
      `${prefix}${named === null ? 'protocol' : 'enabledProtocols'}: TLSv1.2 and TLSv1.3 are spoken`,
    )
  }
  return known
}
