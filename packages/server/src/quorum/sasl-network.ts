import type { ConnectOptions, Listener, ListenOptions, Log, Network, Socket, SocketHandler } from '@vivarium/env'
import { FrameBuffer } from '../clients/frame-buffer.ts'
import type { SaslAcceptor, SaslInitiator, SaslResult } from '../sasl/exchange.ts'
import { decodeInitialMessage } from './initial-message.ts'
import { AuthStatus, decodeAuthPacket, encodeAuthPacket, MAGIC_BYTES, startsWithMagic } from './quorum-auth-packet.ts'

/** So many answers may a server give before it has to be clear who calls (QuorumAuth.MAX_RETRIES). */
const MOST_ROUNDS = 5

/** More than that does not wait for the end of an exchange: the longest token, and what may follow it at once. */
const MOST_WAITING_BYTES = 1 << 18

/** What goes in front of the exchange, in the clear. */
export type Preamble = 'none' | 'initial message'

export interface SaslNetworkOptions {
  /** Begins an exchange with a server that calls. */
  accept(): SaslAcceptor
  /** Whether who has authenticated as one may act as the other, and is a member. */
  authorizes(user: string, authorizationId: string): boolean | Promise<boolean>
  /** Begins an exchange with a server that is called, by its name; null: this server does not authenticate. */
  readonly call: ((host: string) => SaslInitiator) | null
  /** Whether those who do not authenticate, or fail to, are turned away. */
  readonly required: boolean
  readonly preamble: Preamble
  readonly log: Log
}

/**
 * A network on which servers authenticate to each other by SASL before anything else is said, but for a preamble
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
    const { call, preamble, log } = this.#options
    if (call === null) return this.#network.connect(options, handler)
    const link = new CallingLink(call(options.serverName ?? options.host), handler, log)
    try {
      link.socket = await this.#network.connect(options, link)
    } catch (error) {
      link.forget()
      throw error
    }
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
  #over = false
  /** An answer is being thought of. */
  #waits = false
  #slowed = false

  constructor(log: Log) {
    this.log = log
  }

  protected abstract get carrier(): Socket
  protected abstract get handler(): SocketHandler
  /** Something has arrived, and stands in `received`. */
  protected abstract arrived(): void
  /** The exchange is over, or will never be. */
  abstract forget(): void

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
    if (this.#over) return
    this.received.append(bytes, start, end)
    if (this.received.length > MOST_WAITING_BYTES) {
      this.#slowed = true
      this.carrier.pause()
    }
    if (!this.#waits) this.arrived()
  }

  drained(): void {
    if (this.#open) this.handler.drained()
  }

  closed(error: Error | null): void {
    this.#over = true
    this.forget()
    this.handler.closed(error)
  }

  /** Goes on with what comes of an exchange, at once or later; what arrives in between waits. */
  protected afterwards<T>(coming: T | Promise<T>, goOn: (result: T) => void): void {
    if (!(coming instanceof Promise)) return goOn(coming)
    this.#waits = true
    coming.then(
      (result) => {
        this.#waits = false
        if (this.#over) return
        goOn(result)
        if (!this.#open && !this.#over && !this.#waits && this.received.length > 0) this.arrived()
      },
      (error: unknown) => {
        if (!this.#over) this.refuse((error as Error).message)
      },
    )
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
    this.#over = true
    this.log.warn(`Closed a connection between servers: ${reason}.`, { address: this.remoteAddress })
    this.carrier.destroy()
  }

  /** The exchange is over: what waits leaves, and what has arrived behind it is told. */
  protected open(before: Uint8Array = new Uint8Array(0)): void {
    this.#open = true
    this.forget()
    const waiting = this.#waiting
    this.#waiting = []
    for (const bytes of waiting) this.carrier.write(bytes, 0, bytes.length)
    const { received } = this
    const rest = Buffer.concat([before, received.bytes.subarray(0, received.length)])
    received.consume(received.length)
    if (this.#slowed) this.carrier.resume()
    if (rest.length > 0) this.handler.data(rest, 0, rest.length)
    if (waiting.length > 0) this.handler.drained()
    if (this.#ending) this.carrier.end()
  }
}

/** A connection that this server has made: it says who it is. */
class CallingLink extends Link {
  socket: Socket | null = null
  protected readonly handler: SocketHandler
  readonly #client: SaslInitiator
  #begun = false

  constructor(client: SaslInitiator, handler: SocketHandler, log: Log) {
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
    this.#ask(
      () => this.#client.first(),
      (token) => this.send(AuthStatus.IN_PROGRESS, token),
    )
  }

  forget(): void {
    this.#client.dispose?.()
  }

  protected arrived(): void {
    const packet = this.take()
    if (packet === null) return
    const { status, token } = packet
    if (status !== AuthStatus.IN_PROGRESS && status !== AuthStatus.SUCCESS) return this.refuse('it does not let us in')
    this.#ask(
      () => this.#client.respond(token),
      (answer) => {
        if (answer !== null && status === AuthStatus.IN_PROGRESS) this.send(AuthStatus.IN_PROGRESS, answer)
        else if (answer === null && status === AuthStatus.SUCCESS) this.open()
        else this.refuse('it breaks off the exchange of SASL')
      },
    )
  }

  #ask<T>(ask: () => T | Promise<T>, goOn: (answer: T) => void): void {
    try {
      this.afterwards(ask(), goOn)
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
  readonly #server: SaslAcceptor
  /** What went in front; null until it is there. */
  #preamble: Uint8Array | null
  #begun = false
  #rounds = 0

  constructor(socket: Socket, options: SaslNetworkOptions, accept: (socket: Socket) => SocketHandler) {
    super(options.log)
    this.carrier = socket
    this.#options = options
    this.#server = options.accept()
    this.#preamble = options.preamble === 'none' ? new Uint8Array(0) : null
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
    this.afterwards(this.#server.evaluate(packet.token), (result) => this.#answer(result))
  }

  forget(): void {
    this.#server.dispose?.()
  }

  #answer(result: SaslResult): void {
    if (result.type === 'challenge' && ++this.#rounds <= MOST_ROUNDS) {
      this.send(AuthStatus.IN_PROGRESS, result.token)
    } else if (result.type === 'authenticated') {
      this.afterwards(this.#options.authorizes(result.user, result.authorizationId), (may) => {
        if (!may) return this.#refuseIdentity(result)
        this.send(AuthStatus.SUCCESS, result.token ?? new Uint8Array(0))
        this.#proceed()
      })
    } else {
      this.#refuseIdentity(result)
    }
  }

  #refuseIdentity(result: SaslResult): void {
    this.send(AuthStatus.ERROR, new Uint8Array(0))
    this.#letThrough(reasonOf(result))
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

function reasonOf(result: SaslResult): string {
  if (result.type === 'failed') return result.reason
  return result.type === 'challenge'
    ? 'the exchange takes too long'
    : `${result.user}, acting as ${result.authorizationId}, is no member`
}
