import type { ConnectOptions, Listener, ListenOptions, Log, Network, Socket, SocketHandler } from '@vivarium/env'
import { DigestMd5Client, DigestMd5Server, QUORUM_DIGEST_MD5 } from '@vivarium/protocol'
import { FrameBuffer } from '../clients/frame-buffer.ts'
import { decodeInitialMessage } from './initial-message.ts'
import { AuthStatus, decodeAuthPacket, encodeAuthPacket, MAGIC_BYTES, startsWithMagic } from './quorum-auth-packet.ts'

/** So many answers may a server give before it has to be clear who calls (QuorumAuth.MAX_RETRIES). */
const MOST_ROUNDS = 5

/** What goes in front of the exchange, in the clear. */
export type Preamble = 'none' | 'initial message'

export interface SaslNetworkOptions {
  /** The passwords of the servers that may come. */
  readonly users: ReadonlyMap<string, string>
  /** Who this server says that it is when it calls others; null: it does not authenticate. */
  readonly self: { readonly user: string; readonly password: string } | null
  /** Whether those who do not authenticate, or fail to, are turned away. */
  readonly required: boolean
  readonly preamble: Preamble
  /** What nobody can guess. */
  nonce(): string
  readonly log: Log
}

/**
 * A network on which servers authenticate to each other by SASL DIGEST-MD5 before anything else is said, but for a preamble
 * (SaslQuorumAuthLearner, SaslQuorumAuthServer). What its users send before that is over waits.
 */
export class SaslNetwork implements Network {
  readonly #network: Network
  readonly #options: SaslNetworkOptions

  constructor(network: Network, options: SaslNetworkOptions) {
    this.#network = network
    this.#options = options
  }

  listen(options: ListenOptions, accept: (socket: Socket) => SocketHandler): Promise<Listener> {
    return this.#network.listen(options, (socket) => new AcceptedLink(socket, this.#options, accept))
  }

  async connect(options: ConnectOptions, handler: SocketHandler): Promise<Socket> {
    const { self, preamble, nonce } = this.#options
    if (self === null) return this.#network.connect(options, handler)
    const client = new DigestMd5Client(self, QUORUM_DIGEST_MD5, nonce())
    const link = new CallingLink(client, handler, this.#options.log)
    link.socket = await this.#network.connect(options, link)
    if (preamble === 'none') link.begin()
    return link
  }
}

/** A connection of which the exchange is not over: it is a socket to its user, and a handler to the network. */
abstract class Link implements Socket, SocketHandler {
  protected readonly log: Log
  protected readonly received = new FrameBuffer()
  #waiting: Uint8Array[] = []
  #open = false
  #ending = false

  constructor(log: Log) {
    this.log = log
  }

  protected abstract get carrier(): Socket
  protected abstract get handler(): SocketHandler
  /** Something has arrived, and stands in `received`. */
  protected abstract arrived(): void

  get remoteAddress(): string {
    return this.carrier.remoteAddress
  }

  get remotePort(): number {
    return this.carrier.remotePort
  }

  get pendingBytes(): number {
    return this.#waiting.reduce((sum, { length }) => sum + length, this.carrier.pendingBytes)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#open) return this.carrier.write(bytes, start, end)
    this.#waiting.push(Uint8Array.from(bytes.subarray(start, end)))
    return false
  }

  pause(): void {
    this.carrier.pause()
  }

  resume(): void {
    this.carrier.resume()
  }

  end(): void {
    if (this.#open) this.carrier.end()
    else this.#ending = true
  }

  destroy(reset?: boolean): void {
    this.carrier.destroy(reset)
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    if (this.#open) return this.handler.data(bytes, start, end)
    this.received.append(bytes, start, end)
    this.arrived()
  }

  drained(): void {
    if (this.#open) this.handler.drained()
  }

  closed(error: Error | null): void {
    this.handler.closed(error)
  }

  protected send(status: number, token: Uint8Array): void {
    const packet = encodeAuthPacket(status, token)
    this.carrier.write(packet, 0, packet.length)
  }

  /** Takes one packet of what has arrived; null if there is none yet, and the connection ends if there is none at all. */
  protected take(): { readonly status: number; readonly token: Uint8Array } | null {
    const packet = decodeAuthPacket(this.received.bytes, this.received.length)
    if (packet === null) return null
    if (typeof packet === 'string') {
      this.refuse(packet)
      return null
    }
    this.received.consume(packet.length)
    return packet
  }

  protected refuse(reason: string): void {
    this.log.warn(`Closed a connection between servers: ${reason}.`, { address: this.remoteAddress })
    this.carrier.destroy()
  }

  /** The exchange is over: what waits leaves, and what has arrived behind it is told. */
  protected open(before: Uint8Array = new Uint8Array(0)): void {
    this.#open = true
    const waiting = this.#waiting
    this.#waiting = []
    for (const bytes of waiting) this.carrier.write(bytes, 0, bytes.length)
    const { received } = this
    const rest = Buffer.concat([before, received.bytes.subarray(0, received.length)])
    received.consume(received.length)
    if (rest.length > 0) this.handler.data(rest, 0, rest.length)
    if (waiting.length > 0) this.handler.drained()
    if (this.#ending) this.carrier.end()
  }
}

/** A connection that this server has made: it says who it is. */
class CallingLink extends Link {
  socket: Socket | null = null
  protected readonly handler: SocketHandler
  readonly #client: DigestMd5Client
  #begun = false

  constructor(client: DigestMd5Client, handler: SocketHandler, log: Log) {
    super(log)
    this.#client = client
    this.handler = handler
  }

  protected get carrier(): Socket {
    return this.socket as Socket
  }

  /** The first that is sent is the preamble, if there is to be one. */
  override write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#begun) return super.write(bytes, start, end)
    this.carrier.write(bytes.slice(start, end), 0, end - start)
    this.begin()
    return true
  }

  begin(): void {
    this.#begun = true
    this.send(AuthStatus.IN_PROGRESS, new Uint8Array(0))
  }

  protected arrived(): void {
    const packet = this.take()
    if (packet === null) return
    const { status, token } = packet
    if (status !== AuthStatus.IN_PROGRESS && status !== AuthStatus.SUCCESS) return this.refuse('it does not let us in')
    try {
      const answer = this.#client.respond(token)
      if (answer !== null && status === AuthStatus.IN_PROGRESS) this.send(AuthStatus.IN_PROGRESS, answer)
      else if (answer === null && status === AuthStatus.SUCCESS) this.open()
      else this.refuse('it breaks off the exchange of SASL')
    } catch (error) {
      this.refuse((error as Error).message)
    }
  }
}

/** A connection that another server has made: it has to say who it is. */
class AcceptedLink extends Link {
  protected readonly carrier: Socket
  protected readonly handler: SocketHandler
  readonly #options: SaslNetworkOptions
  readonly #server: DigestMd5Server
  /** What went in front; null until it is there. */
  #preamble: Uint8Array | null
  #begun = false
  #rounds = 0

  constructor(socket: Socket, options: SaslNetworkOptions, accept: (socket: Socket) => SocketHandler) {
    super(options.log)
    const { users, nonce, preamble } = options
    this.carrier = socket
    this.#options = options
    this.#server = new DigestMd5Server(QUORUM_DIGEST_MD5, nonce(), (user) => users.get(user))
    this.#preamble = preamble === 'none' ? new Uint8Array(0) : null
    this.handler = accept(this)
  }

  protected arrived(): void {
    if (!this.#takePreamble()) return
    if (!this.#begun) {
      const { received } = this
      if (received.length < MAGIC_BYTES) return
      if (!startsWithMagic(received.bytes)) return this.#letThrough('it does not authenticate')
      this.#begun = true
    }
    const packet = this.take()
    if (packet === null) return
    const result = this.#server.evaluate(packet.token)
    if (result.type === 'challenge' && ++this.#rounds <= MOST_ROUNDS) {
      this.send(AuthStatus.IN_PROGRESS, result.token)
    } else if (result.type === 'authenticated' && result.authorizationId === result.user) {
      this.send(AuthStatus.SUCCESS, result.token)
      this.#proceed()
    } else {
      this.send(AuthStatus.ERROR, new Uint8Array(0))
      this.#letThrough(result.type === 'failed' ? result.reason : 'it asks to act as another')
    }
  }

  #takePreamble(): boolean {
    if (this.#preamble !== null) return true
    const { received } = this
    const decoded = decodeInitialMessage(received.bytes, received.length)
    if (decoded === null) return false
    // What is no initial message is for the handler to refuse.
    const length = typeof decoded === 'string' ? received.length : decoded.length
    this.#preamble = Uint8Array.from(received.bytes.subarray(0, length))
    received.consume(length)
    return true
  }

  /** While servers learn to authenticate one by one, who cannot is let in as before. */
  #letThrough(reason: string): void {
    if (this.#options.required) this.refuse(reason)
    else this.#proceed()
  }

  #proceed(): void {
    const preamble = this.#preamble ?? new Uint8Array(0)
    this.#preamble = new Uint8Array(0)
    this.open(preamble)
  }
}
