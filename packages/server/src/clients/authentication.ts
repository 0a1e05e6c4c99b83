import { type AuthResult, type Identity, sameIdentity, toHostAddress, writeHeader } from '@vivarium/core'
import type { TlsPeer } from '@vivarium/env'
import { AuthPacket, errno, JuteError, type Reader } from '@vivarium/protocol'
import { x509Subject } from '../tls/x509-subject.ts'
import type { Clients } from './clients.ts'
import type { Connection } from './connection.ts'

/**
 * Takes an auth packet: who the client says it is holds for what it sends from then on. The answer does not wait for
 * requests before it, as in Java (ZooKeeperServer.processPacket).
 */
export function authenticate(clients: Clients, connection: Connection, xid: number, body: Reader): void {
  let packet: AuthPacket
  try {
    packet = AuthPacket.read(body)
  } catch (error) {
    if (!(error instanceof JuteError)) throw error
    connection.drop(`a malformed auth packet (${error.message})`)
    return
  }
  const { scheme, auth } = packet
  const provider = clients.access.providers.get(scheme ?? '')
  let result: AuthResult = 'AUTHFAILED'
  try {
    // The certificate has said it already (X509AuthenticationProvider.handleAuthentication).
    if (scheme === 'x509' && provider !== undefined && connection.tls?.certificate) result = []
    else if (provider !== undefined)
      result = provider.authenticate(auth, toHostAddress(connection.socket.remoteAddress))
  } catch (error) {
    clients.log.warn(`The provider for scheme ${scheme} failed.`, { error })
  }
  if (result === 'CLOSE') {
    connection.drop('the client belongs to another ensemble')
    return
  }
  if (result === 'AUTHFAILED') {
    clients.log.warn(
      `Authentication failed for scheme ${scheme}${provider === undefined ? ', which is unknown' : ''}.`,
      {
        address: connection.socket.remoteAddress,
      },
    )
    clients.metrics.authFailed()
    writeHeader(connection.output(), xid, 0, errno('AUTHFAILED'))
    connection.closeAfterFlush('authentication failed')
    return
  }
  connection.identities = withIdentities(connection.identities, result)
  writeHeader(connection.output(), xid, 0, 0)
  connection.packetSent()
}

/**
 * The client has shown a certificate when it encrypted the connection, and that is who it is. Java has the provider verify
 * the certificate once more; here that is the handshake's business alone.
 */
export function identifyByCertificate(
  { access, log, metrics }: Clients,
  connection: Connection,
  { certificate }: TlsPeer,
): void {
  const provider = access.providers.get('x509')
  if (certificate === null || provider?.established === undefined) return
  try {
    const added = provider.established(x509Subject(certificate))
    log.debug('Authenticated by a certificate.', { identities: added })
    connection.identities = withIdentities(connection.identities, added)
  } catch (error) {
    metrics.authFailed()
    connection.drop(`a certificate whose subject cannot be read (${(error as Error).message})`)
  }
}

/** A new list, never the old one changed: what the old one may do is remembered under it. */
export function withIdentities(known: readonly Identity[], added: readonly Identity[]): readonly Identity[] {
  const fresh = added.filter((identity) => !known.some((other) => sameIdentity(identity, other)))
  return fresh.length === 0 ? known : [...known, ...fresh]
}

/** Whether the connection has one of the schemes that `enforce.auth.schemes` asks for. */
export function hasRequiredScheme(identities: readonly Identity[], schemes: readonly string[]): boolean {
  return identities.some((identity) => schemes.includes(identity.scheme))
}
