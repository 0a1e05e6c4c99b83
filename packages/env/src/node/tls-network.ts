import type { X509Certificate } from 'node:crypto'
import type net from 'node:net'
import tls from 'node:tls'
import type { ConnectOptions, Listener, ListenOptions, Network, Socket, SocketHandler, TlsPeer } from '../network.ts'
import { connected, emitting, listenForSockets, NodeNetwork, type NodeSocket, type Received } from './network.ts'
import { isAddress, type TlsContext } from './tls-context.ts'

/** The first byte of a TLS handshake. No length in front of a frame begins with it: it would be 369 MB and more. */
export const TLS_HANDSHAKE = 0x16

/** What clients are asked for: no certificate; one, if they have one; or one in any case. */
export type ClientAuth = 'none' | 'want' | 'need'

/** Knows which certificates were revoked. */
export interface Revocation {
  /**
   * Why a peer is not to be believed although its certificate is valid; null: it is. Never rejects.
   *
   * @param presented what it has shown, its own certificate first
   */
  problemWith(presented: readonly X509Certificate[]): Promise<string | null>
}

export interface TlsNetworkOptions {
  /** What encrypts the next connection. Asked for each, so that certificates can be replaced. */
  readonly context: () => TlsContext
  readonly clientAuth: ClientAuth
  /** Asked for each connection; null: certificates are not revoked. */
  readonly revocation: () => Revocation | null
  /** Whether who begins without a handshake is served in the clear. */
  readonly plaintext: 'refused' | 'accepted'
  /** Whether what is dialled is encrypted. */
  readonly dials: 'encrypted' | 'plaintext'
  /** How long a new connection may take to begin, and to finish, its handshake, in milliseconds. */
  readonly handshakeMs: number
  /** How many may be in the middle of their handshakes at the same time; null: any number. */
  readonly handshakeLimit: number | null
  /** Why a peer is turned away although its certificate, if it has shown one, is valid; null: it is not. */
  refuseClient(certificate: Uint8Array | null, address: string): string | null
  refuseServer(certificate: Uint8Array, host: string): string | null
  /** Somebody was turned away: no handshake, one that failed, or one too many. */
  refused(reason: string, address: string, tooMany: boolean): void
}

/**
 * A network whose connections are encrypted. A handler is asked for as soon as somebody connects, so that it can count and
 * give up those who never get through their handshake; it is told of the peer by `secured`.
 */
export class TlsNetwork implements Network {
  /** How many are in the middle of their handshakes. */
  handshakes = 0
  readonly #options: TlsNetworkOptions
  readonly #plain = new NodeNetwork()

  constructor(options: TlsNetworkOptions) {
    this.#options = options
  }

  listen(options: ListenOptions, accept: (socket: Socket) => SocketHandler): Promise<Listener> {
    return listenForSockets(options, (socket) => socket.attach(new Newcomer(this, this.#options, socket, accept)))
  }

  connect(options: ConnectOptions, handler: SocketHandler): Promise<Socket> {
    if (this.#options.dials === 'plaintext') return this.#plain.connect(options, handler)
    const { host, port, serverName = host, timeoutMs } = options
    const raw = tls.connect({
      host,
      port,
      secureContext: this.#options.context(),
      // An address is no name for the extension that tells the server which name is meant (RFC 6066).
      ...(isAddress(serverName) ? {} : { servername: serverName }),
      checkServerIdentity: (_host, { raw: certificate }) => {
        const reason = this.#options.refuseServer(certificate, serverName)
        return reason === null ? undefined : new Error(reason)
      },
    })
    raw.setNoDelay(true)
    const revocation = this.#options.revocation()
    const admit = async (): Promise<void> => {
      const problem = await revocation?.problemWith(presentedBy(raw))
      if (problem) throw new Error(problem)
    }
    const open = (received: Received): tls.TLSSocket => emitting(raw, received) as tls.TLSSocket
    return connected(raw, 'secureConnect', timeoutMs, open, handler, revocation === null ? undefined : admit)
  }
}

/** A connection of which it is not known yet whether, and by whom, it is encrypted. */
class Newcomer implements SocketHandler {
  readonly #network: TlsNetwork
  readonly #options: TlsNetworkOptions
  readonly #socket: NodeSocket
  readonly #handler: SocketHandler
  readonly #deadline: NodeJS.Timeout
  #handshaking = false
  #over = false

  constructor(
    network: TlsNetwork,
    options: TlsNetworkOptions,
    socket: NodeSocket,
    accept: (socket: Socket) => SocketHandler,
  ) {
    this.#network = network
    this.#options = options
    this.#socket = socket
    this.#handler = accept(socket)
    this.#deadline = setTimeout(() => this.#late(), options.handshakeMs)
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    if (this.#over) return
    if (bytes[start] === TLS_HANDSHAKE) this.#begin(Buffer.from(bytes.subarray(start, end)))
    else if (this.#options.plaintext === 'refused') this.#refuse('it does not begin with a TLS handshake')
    else {
      clearTimeout(this.#deadline)
      this.#socket.attach(this.#handler)
      this.#handler.data(bytes, start, end)
    }
  }

  drained(): void {}

  closed(error: Error | null): void {
    clearTimeout(this.#deadline)
    if (this.#handshaking) this.#network.handshakes--
    if (this.#handshaking && !this.#over) this.#tell(`its TLS handshake failed (${reasonOf(error)})`)
    this.#over = true
    this.#handler.closed(error)
  }

  /** Where it may be served in the clear, how long it may be silent is for its handler to say. */
  #late(): void {
    if (this.#handshaking) this.#refuse('its TLS handshake took too long')
    else if (this.#options.plaintext === 'refused') this.#refuse('it did not begin a TLS handshake in time')
  }

  #begin(bytes: Uint8Array): void {
    const { handshakeLimit, context, clientAuth } = this.#options
    if (handshakeLimit !== null && this.#network.handshakes >= handshakeLimit) {
      return this.#refuse('too many TLS handshakes are under way', true)
    }
    this.#network.handshakes++
    this.#handshaking = true
    const open = (carrier: net.Socket): tls.TLSSocket =>
      new tls.TLSSocket(carrier, {
        isServer: true,
        secureContext: context(),
        requestCert: clientAuth !== 'none',
        rejectUnauthorized: clientAuth === 'need',
      })
    const socket = this.#socket.encrypt(bytes, open)
    socket.once('secure', () => this.#secured(socket))
  }

  #secured(socket: tls.TLSSocket): void {
    if (this.#over) return
    clearTimeout(this.#deadline)
    const presented = this.#options.clientAuth === 'none' ? [] : presentedBy(socket)
    const certificate = presented[0]?.raw ?? null
    const reason = this.#problemWith(socket, certificate)
    const revocation = certificate === null ? null : this.#options.revocation()
    if (reason !== null) this.#refuse(reason)
    else if (revocation === null) this.#admit(socket, certificate)
    else {
      // What the client sends meanwhile waits in the socket.
      this.#socket.pause()
      void revocation.problemWith(presented).then((problem) => {
        if (this.#over) return
        if (problem === null) this.#admit(socket, certificate)
        else this.#refuse(problem)
      })
    }
  }

  #admit(socket: tls.TLSSocket, certificate: Uint8Array | null): void {
    this.#network.handshakes--
    this.#handshaking = false
    const peer: TlsPeer = {
      protocol: socket.getProtocol() ?? '',
      cipher: socket.getCipher().standardName,
      certificate,
    }
    this.#socket.attach(this.#handler)
    this.#handler.secured?.(peer)
  }

  #problemWith(socket: tls.TLSSocket, certificate: Uint8Array | null): string | null {
    const { clientAuth, refuseClient } = this.#options
    if (certificate === null && clientAuth === 'need') return 'it has shown no certificate'
    if (certificate !== null) {
      const problem = verifyError(socket)
      if (problem !== null) return `its certificate is not valid (${problem.message})`
    }
    return refuseClient(certificate, this.#socket.remoteAddress)
  }

  #refuse(reason: string, tooMany = false): void {
    this.#over = true
    this.#tell(reason, tooMany)
    this.#socket.fail(new Error(reason))
  }

  #tell(reason: string, tooMany = false): void {
    this.#options.refused(reason, this.#socket.remoteAddress, tooMany)
  }
}

/** The certificates that a peer has shown, its own first. To be asked once: Node.js takes those behind it from the socket. */
export function presentedBy(socket: tls.TLSSocket): X509Certificate[] {
  const presented: X509Certificate[] = []
  for (let next = socket.getPeerX509Certificate(); next !== undefined; next = next.issuerCertificate) {
    presented.push(next)
    if (next.issuerCertificate?.fingerprint256 === next.fingerprint256) break
  }
  return presented
}

/** OpenSSL's own message has its source files in it. */
function reasonOf(error: (Error & { readonly reason?: string }) | null): string {
  return error === null ? 'it gave up' : (error.reason ?? error.message)
}

/** What OpenSSL has against a peer's certificate, if anything. Node tells it itself only to its own kind of server. */
export function verifyError(socket: tls.TLSSocket): Error | null {
  const { ssl } = socket as { readonly ssl?: { verifyError?(): Error | null } }
  return typeof ssl?.verifyError === 'function' ? ssl.verifyError() : new Error('it cannot be verified here')
}
