import { QuorumPacketDecoder } from '@vivarium/core'
import type { Socket, SocketHandler } from '@vivarium/env'
import { QuorumPacket, Writer } from '@vivarium/protocol'

const FIRST_BYTES = 16_384
/** A buffer that grew beyond this is not kept. */
const KEPT_BYTES = 1 << 20

/** What is to happen with what a link receives. */
export interface PacketLinkEvents {
  /** Something has arrived. */
  turnBegan(): void
  packet(packet: QuorumPacket): void
  /** All that arrived at once has been handed on. */
  turnEnded(): void
  closed(reason: string): void
  /** There is room again for more to be sent. */
  drained(): void
}

/** Takes bytes that are no packets. */
export interface RawReceiver {
  /** It has all that it wants. */
  readonly done: boolean
  /** Returns how many it took. */
  take(bytes: Uint8Array, start: number, end: number): number
}

/**
 * A connection between a leader and a learner: packets without frames, and between them a snapshot as it is. What is
 * sent in a turn leaves in one write.
 */
export class PacketLink implements SocketHandler {
  socket: Socket | null = null
  readonly #events: PacketLinkEvents
  readonly #decoder: QuorumPacketDecoder
  #output = new Writer(FIRST_BYTES)
  /** Packets that wait for the next flush. */
  queuedPackets = 0
  #raw: RawReceiver | null = null
  #held = false
  #over = false

  /** @param maxField the longest buffer or string in a packet, in bytes */
  constructor(events: PacketLinkEvents, maxField: number) {
    this.#events = events
    this.#decoder = new QuorumPacketDecoder(maxField)
  }

  get open(): boolean {
    return !this.#over
  }

  /** What has not left this process yet, in bytes. */
  get pendingBytes(): number {
    return this.#output.length + (this.socket?.pendingBytes ?? 0)
  }

  send(packet: QuorumPacket): void {
    if (this.#over) return
    QuorumPacket.write(this.#output, packet)
    this.queuedPackets++
  }

  /** What was sent leaves, unless bytes that are no packets have to go first. */
  flush(): void {
    const output = this.#output
    if (this.#held || this.#over || this.socket === null || output.length === 0) return
    this.queuedPackets = 0
    const kept = this.socket.write(output.bytes, 0, output.length) && output.bytes.length <= KEPT_BYTES
    // The socket may still read from these bytes.
    if (kept) output.clear()
    else this.#output = new Writer(FIRST_BYTES)
  }

  /** From here on only `sendRaw` sends, until `release`. */
  hold(): void {
    this.flush()
    this.#held = true
  }

  release(): void {
    this.#held = false
    this.flush()
  }

  /** The bytes must not change any more. False: there is no room for more now. */
  sendRaw(bytes: Uint8Array, length: number): boolean {
    return this.#over || this.socket === null || this.socket.write(bytes, 0, length)
  }

  /** What comes next is for `receiver`, until it is done. */
  receiveRaw(receiver: RawReceiver): void {
    this.#raw = receiver
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    if (this.#over) return
    this.#events.turnBegan()
    this.#take(bytes, start, end)
    this.#packets()
    this.#events.turnEnded()
  }

  drained(): void {
    if (!this.#over) this.#events.drained()
  }

  closed(error: Error | null): void {
    if (this.#over) return
    this.#over = true
    this.#events.closed(error === null ? 'the connection was closed' : `the connection broke (${error.message})`)
  }

  /** Sends what is under way, and closes. Nothing is told any more. */
  close(): void {
    if (this.#over) return
    this.flush()
    this.#over = true
    this.socket?.end()
  }

  /** Closes at once. Nothing is told any more. */
  destroy(): void {
    this.#over = true
    this.socket?.destroy()
  }

  #take(bytes: Uint8Array, start: number, end: number): void {
    const raw = this.#raw
    const taken = raw === null ? 0 : raw.take(bytes, start, end)
    if (raw?.done) this.#raw = null
    if (this.#raw === null) this.#decoder.push(bytes, start + taken, end)
  }

  #packets(): void {
    while (!this.#over && this.#raw === null) {
      const packet = this.#decoder.next()
      if (packet === null) break
      this.#events.packet(packet)
      if (this.#raw === null) continue
      // The packet has announced bytes that are none, of which some may be here.
      const rest = this.#decoder.takeRest()
      this.#take(rest, 0, rest.length)
    }
    const { error } = this.#decoder
    if (error === null || this.#over) return
    this.destroy()
    this.#events.closed(`what arrived is no packet (${error})`)
  }
}
