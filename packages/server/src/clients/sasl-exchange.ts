import { errno, JuteError, type Reader } from '@vivarium/protocol'
import type { SaslAcceptor, SaslResult } from '../sasl/exchange.ts'
import { withIdentities } from './authentication.ts'
import type { Clients } from './clients.ts'
import type { Connection } from './connection.ts'

const HEADER_BYTES = 16
const LENGTH_BYTES = 4

/** What a connection keeps of its exchange; null before it. */
export type SaslState = SaslAcceptor | null

/**
 * Takes a SASL packet: a token of an exchange, which is answered with the next one, until it is clear who the client is
 * (ZooKeeperServer.processSasl). A server without a mechanism answers success with nothing to say, as Java's does without a
 * JAAS configuration.
 */
export function answerSasl(clients: Clients, connection: Connection, xid: number, body: Reader): void {
  let token: Uint8Array
  try {
    const sent = body.buffer()
    if (sent === null) throw new JuteError('its token is null')
    token = sent
  } catch (error) {
    if (!(error instanceof JuteError)) throw error
    connection.drop(`a malformed SASL packet (${error.message})`)
    return
  }
  const { sasl } = clients
  connection.sasl ??= sasl?.start?.() ?? null
  if (sasl === null || connection.sasl === null) return reply(connection, xid, 0, null)
  const result = connection.sasl.evaluate(token)
  if (!(result instanceof Promise)) return settle(clients, connection, xid, result)
  // What follows waits: it may be allowed only to who the client is about to be.
  connection.authenticating = true
  void result.then((settled) => {
    connection.authenticating = false
    if (!connection.open) return
    clients.readClocks()
    settle(clients, connection, xid, settled)
    clients.resume(connection)
  })
}

function settle(clients: Clients, connection: Connection, xid: number, result: SaslResult): void {
  if (result.type === 'failed') return fail(clients, connection, xid, result.reason)
  if (result.type === 'authenticated') {
    const added = clients.sasl?.identities(result.user) ?? []
    clients.log.debug('Authenticated by SASL.', { identities: added })
    connection.identities = withIdentities(connection.identities, added)
  }
  reply(connection, xid, 0, result.token)
}

function fail({ sasl, log, metrics }: Clients, connection: Connection, xid: number, reason: string): void {
  log.warn(`SASL authentication failed: ${reason}.`, { address: connection.socket.remoteAddress })
  metrics.authFailed()
  if (sasl?.allowFailed && !sasl.required) return reply(connection, xid, 0, null)
  reply(connection, xid, errno(sasl?.required ? 'SESSIONCLOSEDREQUIRESASLAUTH' : 'AUTHFAILED'), null)
  connection.closeAfterFlush('SASL authentication failed')
}

function reply(connection: Connection, xid: number, error: number, token: Uint8Array | null): void {
  const output = connection.output()
  output.int(HEADER_BYTES + LENGTH_BYTES + (token?.length ?? 0))
  output.int(xid)
  output.int(0)
  output.int(0)
  output.int(error)
  output.buffer(token)
  connection.packetSent()
}
