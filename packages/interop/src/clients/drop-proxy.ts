import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/**
 * A TCP proxy that a client's test orders about: `drop` ends all connections, `refuse` ends them and takes no new ones,
 * `accept` takes them again. Orders are lines to a port of their own; each is answered with a byte when carried out.
 */
export class DropProxy {
  readonly port: number
  readonly controlPort: number
  readonly #servers: Server[]
  readonly #connections = new Set<Socket>()
  readonly #target: number
  #accepting = true

  private constructor(target: number, proxy: Server, control: Server) {
    this.#target = target
    this.#servers = [proxy, control]
    this.port = portOf(proxy)
    this.controlPort = portOf(control)
    proxy.on('connection', (socket) => this.#forward(socket))
    control.on('connection', (socket) => {
      socket.on('error', () => {})
      socket.on('data', (order) => {
        this.order(order.toString().trim())
        socket.end('.')
      })
    })
  }

  /** Starts a proxy to a port of this machine. */
  static async start(target: number): Promise<DropProxy> {
    const servers = [createServer(), createServer()] as const
    for (const server of servers) {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
    }
    return new DropProxy(target, ...servers)
  }

  close(): void {
    for (const server of this.#servers) server.close()
    this.#dropAll()
  }

  /** Carries out an order, as if it had come to the control port. */
  order(order: string): void {
    this.#accepting = order !== 'refuse'
    if (order !== 'accept') this.#dropAll()
  }

  #dropAll(): void {
    for (const socket of this.#connections) socket.destroy()
  }

  #forward(socket: Socket): void {
    if (!this.#accepting) {
      socket.destroy()
      return
    }
    const onward = connect({ port: this.#target, host: '127.0.0.1', noDelay: true })
    for (const [one, other] of [[socket, onward] as const, [onward, socket] as const]) {
      this.#connections.add(one)
      one.pipe(other)
      one.on('error', () => {})
      one.on('close', () => {
        this.#connections.delete(one)
        other.destroy()
      })
    }
  }
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
