import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { presentedBy, type Revocation, TLS_HANDSHAKE, type TlsContext, verifyError } from '@vivarium/env/node'

/** How an HTTP server encrypts. */
export interface HttpTls {
  /** What encrypts the next connection. Asked for each, so that certificates can be replaced. */
  readonly context: () => TlsContext
  /** What knows of revoked certificates; null where nothing is to. */
  readonly revocation: () => Revocation | null
  /** Whether who comes has to show a certificate. Nobody is asked for one otherwise, as by Jetty. */
  readonly needsCertificate: boolean
  /** Whether who begins without a handshake is served in the clear. */
  readonly plaintext: 'refused' | 'accepted'
  /** How long a new connection may take to begin, and to finish, its handshake, in milliseconds. */
  readonly handshakeMs: number
  refused(reason: string, address: string): void
  acceptedPlaintext(): void
}

/**
 * Has connections of a server that speaks HTTP begin with a TLS handshake, if they do (UnifiedConnectionFactory).
 *
 * @returns ends those connections that have not come so far
 */
export function encrypting(server: Server, options: HttpTls): () => void {
  const [speakHttp] = server.listeners('connection')
  if (speakHttp === undefined) throw new Error('an HTTP server takes no connections')
  const newcomers = new Set<Socket>()
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    newcomers.add(socket)
    socket.once('close', () => newcomers.delete(socket))
    begin(socket, options, (ready) => {
      newcomers.delete(socket)
      speakHttp.call(server, ready)
    })
  })
  return () => {
    for (const socket of newcomers) socket.destroy()
  }
}

function begin(socket: Socket, options: HttpTls, begun: (socket: Socket) => void): void {
  const address = socket.remoteAddress ?? ''
  const refuse = (reason: string): void => {
    if (socket.destroyed) return
    options.refused(reason, address)
    socket.destroy()
  }
  const deadline = setTimeout(() => refuse('it did not finish a TLS handshake in time'), options.handshakeMs)
  socket.once('close', () => clearTimeout(deadline))
  socket.on('error', () => {})
  socket.once('data', (first: Buffer) => {
    socket.pause()
    socket.unshift(first)
    if (first[0] === TLS_HANDSHAKE) return handshake(socket, options, refuse, ready)
    if (options.plaintext === 'refused') return refuse('it does not begin with a TLS handshake')
    options.acceptedPlaintext()
    ready(socket)
    socket.resume()
  })

  function ready(carrier: Socket): void {
    clearTimeout(deadline)
    begun(carrier)
  }
}

function handshake(
  socket: Socket,
  { context, revocation, needsCertificate }: HttpTls,
  refuse: (reason: string) => void,
  secured: (socket: TLSSocket) => void,
): void {
  const encrypted = new TLSSocket(socket, {
    isServer: true,
    secureContext: context(),
    requestCert: needsCertificate,
    rejectUnauthorized: needsCertificate,
  })
  encrypted.on('error', (error: Error & { readonly reason?: string }) =>
    refuse(`its TLS handshake failed (${error.reason ?? error.message})`),
  )
  encrypted.once('secure', () => {
    if (!needsCertificate) return secured(encrypted)
    void problemWith(encrypted, revocation()).then((problem) => {
      if (problem !== null) refuse(problem)
      else if (!encrypted.destroyed) secured(encrypted)
    })
  })
}

async function problemWith(socket: TLSSocket, revocation: Revocation | null): Promise<string | null> {
  const presented = presentedBy(socket)
  if (presented.length === 0) return 'it has shown no certificate'
  const error = verifyError(socket)
  if (error !== null) return `its certificate is not valid (${error.message})`
  return revocation === null ? null : revocation.problemWith(presented)
}
