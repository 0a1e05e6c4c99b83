import { connect, type Socket } from 'node:net'

/**
 * A TCP connection that hands over whole frames (4-byte length, then that many bytes), without the length.
 * Frames are copies: they may be kept.
 */
export class FrameSocket {
  closed = false
  /** Frames received so far. */
  received = 0
  readonly #socket: Socket
  readonly #onFrame: (frame: Buffer) => void
  readonly #onClose: () => void
  #pending: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket, onFrame: (frame: Buffer) => void, onClose: () => void) {
    this.#socket = socket
    this.#onFrame = onFrame
    this.#onClose = onClose
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', () => this.#close())
    socket.on('close', () => this.#close())
  }

  /** Connects to this machine; rejects where nobody listens. */
  static open(port: number, onFrame: (frame: Buffer) => void, onClose: () => void): Promise<FrameSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' })
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new FrameSocket(socket, onFrame, onClose))
      })
    })
  }

  /** Writes bytes as they are. Returns false when the peer is slow to take them. */
  write(bytes: Uint8Array): boolean {
    return this.closed || this.#socket.write(bytes)
  }

  /** Resolves when everything written has been handed to the kernel, or the connection is closed. */
  drained(): Promise<void> {
    if (this.closed || !this.#socket.writableNeedDrain) return Promise.resolve()
    return new Promise((resolve) => {
      this.#socket.once('drain', resolve)
      this.#socket.once('close', () => resolve())
    })
  }

  /** Ends the connection abruptly. */
  destroy(): void {
    this.#socket.destroy()
    this.#close()
  }

  #take(chunk: Buffer): void {
    let bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    while (bytes.length >= 4) {
      const length = bytes.readInt32BE(0)
      if (length < 0) throw new RangeError(`the server sent a frame of length ${length}`)
      if (bytes.length < 4 + length) break
      this.received++
      this.#onFrame(Buffer.from(bytes.subarray(4, 4 + length)))
      bytes = bytes.subarray(4 + length)
    }
    this.#pending = bytes
  }

  #close(): void {
    if (this.closed) return
    this.closed = true
    this.#onClose()
  }
}
