import type { Socket } from '@vivarium/env'
import { Writer } from '@vivarium/protocol'

const CAPACITY = 65_536
/** What a turn has written is sent before the turn is over once there is this much of it. */
const EARLY = 262_144

/**
 * Where requests are encoded, and from where they leave: together, in one call to the socket a turn. The buffer is used
 * again unless the kernel could not take all of it.
 */
export class Output {
  readonly writer = new Writer(CAPACITY)
  #socket: Socket | null = null
  #blocked = false

  /** From now on to this socket, from an empty buffer; null: to none. */
  attach(socket: Socket | null): void {
    this.#socket = socket
    this.#blocked = false
    this.writer.clear()
  }

  /** Whether so much has been written that it should not wait for the end of the turn. */
  get isFull(): boolean {
    return this.writer.length >= EARLY && !this.#blocked
  }

  /** Sends what was written. True: something left, or is on its way. */
  flush(): boolean {
    const { writer } = this
    if (writer.length === 0 || this.#blocked || this.#socket === null) return false
    if (this.#socket.write(writer.bytes, 0, writer.length)) {
      if (writer.bytes.length > 4 * EARLY) writer.bytes = new Uint8Array(CAPACITY)
    } else {
      // The socket reads the rest from these bytes later: they are its own now.
      writer.bytes = new Uint8Array(CAPACITY)
      this.#blocked = true
    }
    writer.clear()
    return true
  }

  /** The socket has room again. */
  drained(): void {
    this.#blocked = false
  }

  /** Begins a frame; {@link endFrame} takes what this returns. */
  beginFrame(): number {
    const at = this.writer.length
    this.writer.int(0)
    return at
  }

  /** Puts the length in front of a frame. Returns it, or minus it if it is beyond `limit`: then the frame is gone. */
  endFrame(at: number, limit: number): number {
    const { writer } = this
    const length = writer.length - at - 4
    if (length > limit) {
      writer.length = at
      return -length
    }
    const { bytes } = writer
    bytes[at] = length >> 24
    bytes[at + 1] = length >> 16
    bytes[at + 2] = length >> 8
    bytes[at + 3] = length
    return length
  }
}
