import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const REQUEST = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'
const END = Buffer.from('\r\n0\r\n\r\n')

/**
 * Asks for metrics over one connection, as Prometheus does, but looks at nothing of the answer except for its end: the clients
 * that are measured share this process, and what it would cost it to understand the answer is no cost of the server.
 */
export class Scraper {
  /** Of the last answer, with its head. */
  bytes = 0
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  static async connect(port: number): Promise<Scraper> {
    const socket = connect(port, '127.0.0.1').setNoDelay(true)
    await once(socket, 'connect')
    return new Scraper(socket)
  }

  /** @throws {Error} where there is no answer, or another one than metrics */
  ask(): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = this.#socket
      let begun: Buffer | null = null
      let bytes = 0
      const took = (part: Buffer): void => {
        begun ??= part
        bytes += part.length
        if (!part.subarray(-END.length).equals(END)) return
        end()
        this.bytes = bytes
        if (begun.toString('latin1', 0, 12) === 'HTTP/1.1 200') resolve()
        else reject(new Error(`metrics were answered with ${begun.toString('latin1', 0, 12)}`))
      }
      const gone = (): void => {
        end()
        reject(new Error('the server has closed the connection for metrics'))
      }
      const end = (): void => void socket.off('data', took).off('close', gone)
      socket.on('data', took).on('close', gone).write(REQUEST)
    })
  }

  end(): void {
    this.#socket.destroy()
  }
}
