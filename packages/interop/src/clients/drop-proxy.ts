import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { Wire } from '@vivarium/testing'

/**
 * A wire that a client's test in another language orders about: `drop` ends all connections, `refuse` ends them and takes
 * no new ones, `accept` takes them again. Orders are lines to a port of their own; each is answered with a byte when
 * carried out.
 */
export class DropProxy {
  readonly port: number
  readonly controlPort: number
  readonly #wire: Wire
  readonly #control: Server

  private constructor(wire: Wire, control: Server) {
    this.#wire = wire
    this.#control = control
    this.port = wire.port
    this.controlPort = (control.address() as AddressInfo).port
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
    const control = createServer()
    control.listen(0, '127.0.0.1')
    await once(control, 'listening')
    return new DropProxy(await Wire.start(target), control)
  }

  close(): void {
    this.#control.close()
    void this.#wire.close()
  }

  /** Carries out an order, as if it had come to the control port. */
  order(order: string): void {
    if (order === 'refuse') return this.#wire.refuse()
    this.#wire.heal()
    if (order !== 'accept') this.#wire.cut()
  }
}
