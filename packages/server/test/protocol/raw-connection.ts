import { connect, type Socket } from 'node:net'
import type { Network } from '@vivarium/env'

/** A TCP connection to a server under test that takes frames apart, and knows nothing of what is in them. */
export class RawConnection {
  #socket: { write(bytes: Uint8Array): unknown; destroy(): unknown }
  readonly #frames: Uint8Array[] = []
  #bytes: Uint8Array = new Uint8Array(0)
  #wake: () => void = () => {}
  /** Whether the server has ended the connection. */
  closed = false

  private constructor(socket: Socket | null) {
    this.#socket = socket ?? { write() {}, destroy() {} }
    socket?.on('data', (chunk: Uint8Array) => this.#receive(chunk))
    // A reset is one way to close; which one it was is told by `close`.
    socket?.on('error', () => {})
    socket?.on('close', () => this.#ended())
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const connection = new RawConnection(socket)
    // A connection that is refused may be reset before anybody here has seen it open.
    await new Promise<void>((resolve) => {
      socket.once('connect', resolve)
      socket.once('close', () => resolve())
    })
    return connection
  }

  /** A connection over another network. */
  static async over(
    network: Pick<Network, 'connect'>,
    address: { host: string; port: number },
  ): Promise<RawConnection> {
    const connection = new RawConnection(null)
    const socket = await network.connect(
      { ...address, timeoutMs: 1000 },
      {
        data: (bytes, start, end) => connection.#receive(bytes.slice(start, end)),
        drained() {},
        closed: () => connection.#ended(),
      },
    )
    connection.#socket = {
      write: (bytes) => socket.write(bytes, 0, bytes.length),
      destroy: () => socket.destroy(),
    }
    return connection
  }

  #ended(): void {
    this.closed = true
    this.#wake()
  }

  /** Sends bytes as they are, all parts in one write. */
  send(...parts: readonly Uint8Array[]): void {
    this.#socket.write(Buffer.concat(parts))
  }

  /**
   * The next frame, without its length; null once the server has closed the connection and all frames are taken. To be
   * asked for one at a time.
   */
  async frame(): Promise<Uint8Array | null> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame !== undefined) return frame
      if (this.closed) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Waits until the server closes the connection. Returns what it sent until then: whole frames, or text of a word. */
  async untilClosed(): Promise<{ frames: Uint8Array[]; rest: string }> {
    const frames: Uint8Array[] = []
    for (let frame = await this.frame(); frame !== null; frame = await this.frame()) frames.push(frame)
    return { frames, rest: Buffer.from(this.#bytes).toString('latin1') }
  }

  /** Ends the connection without a word; the session, if there is one, lives on. */
  destroy(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Uint8Array): void {
    const bytes = Buffer.concat([this.#bytes, chunk])
    let at = 0
    // A four-letter word's answer is no frame: its first four bytes are too large a length to be one.
    while (bytes.length - at >= 4 && bytes.readInt32BE(at) <= bytes.length - at - 4) {
      const end = at + 4 + bytes.readInt32BE(at)
      this.#frames.push(bytes.subarray(at + 4, end))
      at = end
    }
    this.#bytes = bytes.subarray(at)
    this.#wake()
  }
}
