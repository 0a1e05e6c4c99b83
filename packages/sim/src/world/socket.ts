import type { Socket, SocketHandler } from '@vivarium/env'
import { copyBytes } from '@vivarium/protocol'
import type { SeededRandom } from '../random.ts'
import type { Link } from './link.ts'
import type { SimProcess } from './process.ts'

/** What a socket has on its way to the other end: bytes, or the end of them. */
type Segment = { readonly bytes: Uint8Array; readonly atMs: number } | { readonly bytes: null; readonly atMs: number }

interface Unsent {
  readonly bytes: Uint8Array
  start: number
  readonly end: number
}

/** Where received bytes stand during a call of `data`, and not a moment longer. */
const scratch = new Uint8Array(131_072)
const GARBAGE = 0xdb

const RESET = Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' })

/** How often a packet to a host that is gone is sent again. */
const RETRANSMIT_MS = 500

export interface SimSocketOptions {
  readonly process: SimProcess
  readonly link: Link
  readonly random: SeededRandom
  readonly remoteAddress: string
  readonly remotePort: number
  readonly windowBytes: number
  /** Whether the other host answers at all; false after a power cut until it is up again. */
  readonly peerHostUp: () => boolean
}

/**
 * One end of a simulated TCP connection. Bytes arrive in order, in pieces of any size, as late as the link is slow; a
 * receiver that pauses fills the window, and then the sender.
 */
export class SimSocket implements Socket {
  readonly remoteAddress: string
  readonly remotePort: number
  readonly process: SimProcess
  pendingBytes = 0
  /** Told when bytes of this end have been handed to the other: what its owner cannot know, and checkers want to. */
  onDelivered: (() => void) | null = null
  handler: SocketHandler | null = null
  peer!: SimSocket
  readonly #options: SimSocketOptions
  /** Sent, and not taken by the other end yet. */
  #segments: Segment[] = []
  #inFlightBytes = 0
  /** Not taken by the kernel yet: read where they stand, as the contract of `write` has it. */
  #unsent: Unsent[] = []
  #lastArrivalMs = 0
  #scheduled = false
  #paused = false
  #ending = false
  #finSent = false
  #finReceived = false
  /** Nothing is done with it any more by its owner. */
  #destroyed = false
  #closedTold = false
  /** Its machine lost power: it answers nothing, not even that it is gone. */
  #vanished = false
  /** Made once: there is one of each for every piece that a socket sends. */
  readonly #onArrival = (): void => this.#arrived()
  readonly #onHandOver = (): void => this.#handOver()

  constructor(options: SimSocketOptions) {
    this.#options = options
    this.process = options.process
    this.remoteAddress = options.remoteAddress
    this.remotePort = options.remotePort
  }

  get closed(): boolean {
    return this.#closedTold || this.#destroyed
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.process.alive || this.#destroyed || this.#ending) return true
    if (this.#unsent.length > 0) {
      this.#unsent.push({ bytes, start, end })
      this.pendingBytes += end - start
      return false
    }
    const taken = Math.min(end - start, this.#room())
    if (taken > 0) this.#send(copyBytes(bytes, start, start + taken))
    if (taken === end - start) return true
    this.#unsent.push({ bytes, start: start + taken, end })
    this.pendingBytes += end - start - taken
    return false
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.peer.#pump()
  }

  end(): void {
    if (this.#destroyed || this.#ending) return
    this.#ending = true
    this.#finishIfSent()
  }

  destroy(reset = false): void {
    if (this.#destroyed) return
    this.#destroyed = true
    this.#unsent = []
    this.pendingBytes = 0
    if (reset) this.#reset()
    else this.#sendFin()
    this.#tellClosed(null)
  }

  /** The process has ended, and its system closes the connection; what the kernel has taken still arrives. */
  abandoned(): void {
    this.#destroyed = true
    this.#closedTold = true
    this.#unsent = []
    if (this.#options.random.chance(0.5)) this.#sendFin()
    else this.#reset()
  }

  /** The machine has lost power. */
  vanished(): void {
    this.#destroyed = true
    this.#closedTold = true
    this.#vanished = true
    this.#segments = []
    this.#unsent = []
  }

  #room(): number {
    return Math.max(0, this.#options.windowBytes - this.#inFlightBytes)
  }

  #arrivalMs(): number {
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, this.#options.link.arrivalMs())
    return this.#lastArrivalMs
  }

  #send(bytes: Uint8Array): void {
    this.#segments.push({ bytes, atMs: this.#arrivalMs() })
    this.#inFlightBytes += bytes.length
    this.#pump()
  }

  #sendFin(): void {
    if (this.#finSent) return
    this.#finSent = true
    this.#segments.push({ bytes: null, atMs: this.#arrivalMs() })
    this.#pump()
  }

  /** What is on its way is lost, too. */
  #reset(): void {
    this.#segments = []
    this.#inFlightBytes = 0
    this.#finSent = true
    const arrive = (): void => {
      if (this.#options.link.blocked) this.#options.link.park(arrive)
      else this.peer.#wasReset()
    }
    this.process.world.queue.at(this.#arrivalMs(), arrive)
  }

  #wasReset(): void {
    if (this.#vanished || this.#closedTold) return
    this.#destroyed = true
    this.#segments = []
    this.#unsent = []
    this.pendingBytes = 0
    this.#tellClosed(RESET)
  }

  /** Sees to it that the next segment is handed over when it has arrived. */
  #pump(): void {
    const first = this.#segments[0]
    if (first === undefined || this.#scheduled) return
    this.#scheduled = true
    this.process.world.queue.at(first.atMs, this.#onArrival)
  }

  #arrived(): void {
    const { link, peerHostUp } = this.#options
    const { peer } = this
    if (link.blocked) {
      link.park(this.#onArrival)
      return
    }
    if (peer.#vanished && !peerHostUp()) {
      this.process.world.queue.after(RETRANSMIT_MS, this.#onArrival)
      return
    }
    this.#scheduled = false
    if (this.#segments.length === 0) return
    if (peer.#destroyed || peer.#vanished) {
      // Nobody is there: the answer to that is a reset, and to a reset nothing.
      const hadBytes = this.#segments.some(({ bytes }) => bytes !== null)
      this.#segments = []
      if (hadBytes || peer.#vanished) {
        const back = peer.#options.link
        const arrive = (): void => {
          if (back.blocked) back.park(arrive)
          else this.#wasReset()
        }
        this.process.world.queue.at(back.arrivalMs(), arrive)
      } else if (!this.#closedTold) this.#tellClosed(null)
      return
    }
    if (peer.#paused) return
    this.#scheduled = true
    peer.process.run(this.#onHandOver)
    if (!peer.process.alive) this.#scheduled = false
  }

  /** In the other end's process. */
  #handOver(): void {
    this.#scheduled = false
    const { peer } = this
    const first = this.#segments[0]
    if (first === undefined || peer.#destroyed || peer.#paused) return this.#pump()
    if (first.bytes === null) {
      this.#segments.shift()
      peer.#finArrived()
      return
    }
    this.#deliver(peer, this.#takeChunk())
    if (this.#unsent.length > 0) this.#sendMore()
    this.#pump()
  }

  /** One piece of what has arrived: mostly all of it, sometimes a few bytes. */
  #takeChunk(): Uint8Array {
    const { random } = this.#options
    const { nowMs } = this.process.world
    const first = this.#segments[0]?.bytes as Uint8Array
    if (random.chance(0.1) && first.length > 1) {
      const cut = random.chance(0.5) ? random.int(1, Math.min(8, first.length - 1)) : random.int(1, first.length - 1)
      this.#segments[0] = { bytes: first.subarray(cut), atMs: nowMs }
      return first.subarray(0, cut)
    }
    const parts: Uint8Array[] = []
    let length = 0
    for (let next = this.#segments[0]; next?.bytes && next.atMs <= nowMs; next = this.#segments[0]) {
      if (length > 0 && length + next.bytes.length > 65_536) break
      parts.push(next.bytes)
      length += next.bytes.length
      this.#segments.shift()
    }
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
  }

  #deliver(peer: SimSocket, bytes: Uint8Array): void {
    this.#inFlightBytes -= bytes.length
    this.onDelivered?.()
    for (let at = 0; at < bytes.length && !peer.#destroyed; at += 65_536) {
      const part = bytes.subarray(at, at + 65_536)
      const start = this.#options.random.int(0, 64)
      scratch.set(part, start)
      peer.handler?.data(scratch, start, start + part.length)
      scratch.fill(GARBAGE, start, start + part.length)
    }
  }

  /** The window has room again. */
  #sendMore(): void {
    for (let next = this.#unsent[0]; next !== undefined; next = this.#unsent[0]) {
      const taken = Math.min(next.end - next.start, this.#room())
      if (taken === 0) return
      this.#send(copyBytes(next.bytes, next.start, next.start + taken))
      next.start += taken
      this.pendingBytes -= taken
      if (next.start < next.end) return
      this.#unsent.shift()
    }
    if (this.#ending) this.#finishIfSent()
    else
      this.process.after(0, () => {
        if (!this.#destroyed && this.#unsent.length === 0) this.handler?.drained()
      })
  }

  #finishIfSent(): void {
    if (this.#unsent.length > 0) return
    this.#sendFin()
    if (this.#finReceived) this.#tellClosed(null)
  }

  /** Neither end stays open when the other has closed. */
  #finArrived(): void {
    this.#finReceived = true
    if (this.#ending) {
      if (this.#finSent) this.#tellClosed(null)
      return
    }
    this.end()
  }

  #tellClosed(error: Error | null): void {
    if (this.#closedTold) return
    this.#closedTold = true
    this.#destroyed = true
    this.process.after(0, () => {
      const { handler } = this
      this.handler = null
      handler?.closed(error)
    })
  }
}
