import { constants, X509Certificate } from 'node:crypto'
import tls from 'node:tls'

/** What encrypts connections, and proves to peers who one is. Texts are PEM. */
export interface TlsMaterial {
  /** The own certificate, then those that vouch for it. */
  readonly certificates: string
  readonly key: string
  /** Certificates of those who vouch for peers; empty: the ones that Node.js trusts. */
  readonly trusted: readonly string[]
  /** Whether peers may come back with the session that they had, without all of their certificates. */
  readonly resumable: boolean
  /** At least one. */
  readonly protocols: readonly TlsProtocol[]
  /** As OpenSSL names them, best first. */
  readonly ciphers: readonly string[]
}

export type TlsProtocol = 'TLSv1.2' | 'TLSv1.3'

/** Made of {@link TlsMaterial}; one serves any number of connections. */
export type TlsContext = tls.SecureContext

/** @throws what OpenSSL says of material that does not fit together */
export function createTlsContext(material: TlsMaterial): TlsContext {
  const { certificates, key, trusted, resumable, protocols, ciphers } = material
  return tls.createSecureContext({
    cert: certificates,
    key,
    ...(trusted.length > 0 ? { ca: [...trusted] } : {}),
    minVersion: protocols.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
    maxVersion: protocols.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
    ciphers: ciphers.join(':'),
    honorCipherOrder: true,
    // A peer that asks for another handshake in the middle of a connection makes the server work at no cost of its own.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | (resumable ? 0 : constants.SSL_OP_NO_TICKET),
    // Without one, a client that comes back with its session, and has shown a certificate, is refused.
    sessionIdContext: 'vivarium',
  })
}

/**
 * Whether a certificate is for a name or an address, by its subject's alternative names alone: the common name has not
 * been one for decades (RFC 6125), and whoever answers for an address's reverse lookup is not whom to ask.
 */
export function certifies(certificate: Uint8Array, host: string): boolean {
  const parsed = new X509Certificate(certificate)
  const address = host.replace(/^\[(.*)\]$/, '$1')
  return isAddress(address)
    ? parsed.checkIP(address) !== undefined
    : parsed.checkHost(host, { subject: 'never' }) !== undefined
}

/** Whether a host is written as an address. */
export function isAddress(host: string): boolean {
  return host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host)
}
