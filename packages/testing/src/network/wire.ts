import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Conditions, Pump } from './pump.ts'

/** `forth` is from the one who connects to the one who listens. */
export type Way = 'forth' | 'back' | 'both'

const RETRY_MS = 5

/** One connection through a wire. */
interface Connection {
  readonly sockets: readonly [Socket, Socket]
  readonly pumps: readonly [Pump, Pump]
}

export interface WireOptions {
  /**
   * How long to wait for someone to listen at the far end. One who is accepted by a wire and then hung up on may take that
   * for a failure where it would just have tried again. Default 0.
   */
  readonly patienceMs?: number | undefined
  /** What becomes of the bytes on their way forth, piece by piece: one function for each connection. */
  readonly rewrite?: (() => (bytes: Buffer) => Buffer) | undefined
}

/** A TCP proxy of the kit on the way to a port of this machine: what goes through it can be cut, held up and delayed. */
export class Wire {
  /** Where to connect instead. */
  readonly port: number
  /** Called when bytes have come to the wire, before they go on or are held up. */
  onBytes: ((way: Exclude<Way, 'both'>) => void) | null = null
  readonly #target: number
  readonly #server: Server
  readonly #rewrite: WireOptions['rewrite']
  readonly #connections = new Set<Connection>()
  /** Accepted here, and not at the far end yet. */
  readonly #waiting = new Set<Socket>()
  readonly #forth: Conditions = { blocked: false, delayMs: 0, came: () => this.onBytes?.('forth') }
  readonly #back: Conditions = { blocked: false, delayMs: 0, came: () => this.onBytes?.('back') }
  readonly #patienceMs: number
  #refuses = false

  private constructor(target: number, server: Server, { rewrite, patienceMs = 0 }: WireOptions) {
    this.#target = target
    this.#server = server
    this.#rewrite = rewrite
    this.#patienceMs = patienceMs
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (socket) => {
      socket.on('error', () => {}) // Told by its end.
      this.#waiting.add(socket)
      this.#accept(socket, performance.now() + this.#patienceMs)
    })
  }

  static async start(target: number, options: WireOptions = {}): Promise<Wire> {
    const server = createServer({ noDelay: true })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Wire(target, server, options)
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#connections.size
  }

  /** Ends all connections; new ones can be made. */
  cut(): void {
    for (const { sockets } of this.#connections) for (const socket of sockets) socket.destroy()
    for (const socket of this.#waiting) socket.destroy()
  }

  /** Ends all connections, and every new one as it comes. */
  refuse(): void {
    this.#refuses = true
    this.cut()
  }

  /**
   * A black hole: connections stand, and new ones are made, but nothing arrives, not even that one has ended. What was
   * sent arrives after {@link heal}.
   */
  block(way: Way = 'both'): void {
    for (const conditions of this.#ways(way)) conditions.blocked = true
  }

  /** Everything takes so many milliseconds longer. */
  delay(ms: number, way: Way = 'both'): void {
    for (const conditions of this.#ways(way)) conditions.delayMs = ms
  }

  /** All is well again: nothing is refused, blocked or delayed. */
  heal(): void {
    this.#refuses = false
    for (const conditions of this.#ways('both')) Object.assign(conditions, { blocked: false, delayMs: 0 })
    for (const { pumps } of this.#connections) for (const pump of pumps) pump.run()
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.refuse()
    await closed
  }

  #ways(way: Way): Conditions[] {
    if (way === 'both') return [this.#forth, this.#back]
    return [way === 'forth' ? this.#forth : this.#back]
  }

  #accept(near: Socket, untilMs: number): void {
    if (this.#refuses) near.destroy()
    if (near.destroyed) return void this.#waiting.delete(near)
    const far = connect({ host: '127.0.0.1', port: this.#target, noDelay: true })
    const failed = (): void => {
      if (performance.now() >= untilMs) near.destroy()
      setTimeout(() => this.#accept(near, untilMs), RETRY_MS)
    }
    far.once('error', failed)
    far.once('connect', () => {
      far.off('error', failed)
      this.#waiting.delete(near)
      this.#join(near, far)
    })
  }

  #join(near: Socket, far: Socket): void {
    const pumps = [new Pump(near, far, this.#forth, this.#rewrite?.()), new Pump(far, near, this.#back)] as const
    const connection: Connection = { sockets: [near, far], pumps }
    this.#connections.add(connection)
    far.on('error', () => {})
    for (const socket of connection.sockets) {
      socket.on('close', () => {
        if (near.destroyed && far.destroyed) this.#connections.delete(connection)
      })
    }
    if (this.#refuses || near.destroyed) for (const socket of connection.sockets) socket.destroy()
  }
}
