import type { Member } from '@vivarium/core'
import type { Clock, Listener, ListenOptions, Log, Network, Socket, SocketHandler, Timer } from '@vivarium/env'
import { copyBytes } from '@vivarium/protocol'
import { FrameBuffer } from '../clients/frame-buffer.ts'
import { type Address, connectToAny } from './connect-to-any.ts'
import { decodeInitialMessage, encodeInitialMessage, type InitialMessage } from './initial-message.ts'
import { listenOnSome } from './listen-on-some.ts'
import type { PeerLog } from './peer-log.ts'

/** The longest message (QuorumCnxManager.PACKETMAXSIZE). */
const LONGEST_MESSAGE = 524_288
/** How many connections may be there that have not said who they are. */
const MOST_STRANGERS = 128
/** What those call themselves that have no id: numbers from −1 downwards stand for them here. */
const ANONYMOUS = 2n ** 63n - 1n

export interface ElectionConnectionsOptions {
  readonly clock: Clock
  readonly network: Network
  readonly log: Log
  readonly peerLog: PeerLog
  readonly sid: number
  /** The members that may be called, this server among them. */
  readonly memberOf: (sid: number) => Member | undefined
  /** Where they are called; none: they are no members. */
  readonly addressesOf: (sid: number) => readonly Address[]
  /** Whether a server that is no member yet is called back where it says that it can be (`reconfigEnabled`). */
  readonly callsStrangers: boolean
  readonly connectTimeoutMs: number
  /** Whether members may have several addresses (`multiAddress.enabled`). */
  readonly multiAddress: boolean
  /** How long it may take to find out whether one of them still works; null: that is not looked at. */
  readonly probeTimeoutMs: number | null
  /** How long a connection may take to say who it is. */
  readonly greetingMs: number
  readonly received: (sid: number, message: Uint8Array) => void
  /** Nobody answers at the addresses of a server, or somebody does again. */
  readonly reachable: (sid: number, reachable: boolean) => void
}

/** What is known of the connection with one server. */
interface Peer {
  readonly sid: number
  connection: Connection | null
  dialling: boolean
  probing: boolean
  /** Whether nothing has come from it since something was sent to it. */
  unanswered: boolean
  /** The message that could not leave yet: a newer one takes its place. */
  waiting: Uint8Array | null
  /** The last one that left, which is sent once more on a new connection: it may not have arrived. */
  last: Uint8Array | null
}

/**
 * Connections for the election, one with each server, made when there is something to say. Of two servers the one with
 * the larger id calls; if the other one does so, it is only asked to call back.
 *
 * Inherited from QuorumCnxManager.
 */
export class ElectionConnections {
  readonly #options: ElectionConnectionsOptions
  readonly #peers = new Map<number, Peer>()
  readonly #strangers = new Set<Connection>()
  #listeners: Listener[] = []
  #nextAnonymous = -1
  #closed = false

  constructor(options: ElectionConnectionsOptions) {
    this.#options = options
  }

  /** Listens here, and no longer where it did before. @param hosts undefined: all addresses */
  async listen(hosts: readonly ListenOptions[]): Promise<void> {
    const { network, log } = this.#options
    for (const listener of this.#listeners.splice(0)) await listener.close()
    this.#listeners.push(...(await listenOnSome(network, log, hosts, (socket) => this.#accept(socket))))
  }

  /** Whether some server has been sent all there was for it (QuorumCnxManager.haveDelivered). */
  get delivered(): boolean {
    for (const { waiting } of this.#peers.values()) if (waiting === null) return true
    return false
  }

  /** Sends a message as soon as it can be; a later one replaces it until then. The bytes must not change any more. */
  send(sid: number, message: Uint8Array): void {
    const peer = this.#peer(sid)
    peer.waiting = message
    if (peer.connection === null) this.#dial(peer, null)
    else {
      if (peer.unanswered) this.#probe(peer, peer.connection)
      this.#flush(peer)
    }
  }

  /**
   * A network that has broken down tells nobody: what is sent over it just does not arrive. Of a server with several
   * addresses another one may work (QuorumCnxManager.asyncValidateIfSocketIsStillReachable).
   */
  #probe(peer: Peer, connection: Connection): void {
    const { network, memberOf, probeTimeoutMs: timeoutMs } = this.#options
    const [first, second] = memberOf(peer.sid)?.addresses ?? []
    const host = connection.socket?.remoteAddress
    if (timeoutMs === null || second === undefined || host === undefined || peer.probing) return
    peer.probing = true
    const port = first?.electionPort ?? 0
    network
      .connect({ host, port, timeoutMs }, NOBODY)
      .then(
        (socket) => socket.destroy(),
        (error: Error & { readonly code?: string }) => {
          // Where nobody listens there is somebody at least.
          if (error.code === 'ECONNREFUSED' || peer.connection !== connection) return
          this.#options.peerLog.warn(`The connection with server ${peer.sid} for the election is dead.`, { host })
          connection.drop()
          peer.connection = null
          peer.waiting ??= peer.last
          this.#dial(peer, null)
        },
      )
      .finally(() => {
        peer.probing = false
      })
  }

  /** Calls everybody for whom a message waits. */
  connectAll(): void {
    for (const peer of this.#peers.values()) if (peer.connection === null) this.#dial(peer, null)
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const listener of this.#listeners) await listener.close()
    for (const connection of this.#strangers) connection.drop()
    for (const { connection } of this.#peers.values()) connection?.drop()
  }

  #peer(sid: number): Peer {
    let peer = this.#peers.get(sid)
    if (peer === undefined) {
      peer = { sid, connection: null, dialling: false, probing: false, unanswered: false, waiting: null, last: null }
      this.#peers.set(sid, peer)
    }
    return peer
  }

  #dial(peer: Peer, addresses: InitialMessage['addresses']): void {
    if (peer.dialling || this.#closed) return
    const targets = addresses ?? this.#options.addressesOf(peer.sid)
    if (targets.length === 0) return
    peer.dialling = true
    this.#call(peer, targets).finally(() => {
      peer.dialling = false
    })
  }

  async #call(peer: Peer, targets: readonly Address[]): Promise<void> {
    const { connectTimeoutMs, multiAddress, log, sid, memberOf } = this.#options
    const connection = new Connection(this.#options, peer.sid, this)
    try {
      const socket = await connectToAny(this.#options, targets, connectTimeoutMs, connection)
      if (this.#closed) return socket.destroy()
      const hello = encodeInitialMessage(sid, memberOf(sid)?.addresses ?? [], multiAddress)
      socket.write(hello, 0, hello.length)
      // Who has the larger id calls: this was to make it do so.
      if (peer.sid > sid) socket.end()
      else {
        connection.socket = socket
        this.#use(peer, connection)
      }
    } catch (error) {
      log.debug(`Server ${peer.sid} cannot be reached for the election.`, { targets, error: String(error) })
      if (peer.connection !== null) return
      this.#isGone(peer)
      this.#forgetStranger(peer)
    }
  }

  #accept(socket: Socket): SocketHandler {
    const connection = new Connection(this.#options, null, this)
    connection.socket = socket
    if (this.#closed || this.#strangers.size >= MOST_STRANGERS) socket.destroy(true)
    else {
      this.#strangers.add(connection)
      connection.waitForGreeting()
    }
    return connection
  }

  /** A connection has said who it is. Returns the id by which it is known from here on; null: it is of no use. */
  greeted(connection: Connection, { sid: id, addresses }: InitialMessage): number | null {
    this.#strangers.delete(connection)
    const { sid: own, peerLog, memberOf, callsStrangers } = this.#options
    const sid = id === ANONYMOUS ? this.#nextAnonymous-- : Number(id)
    if (!Number.isSafeInteger(sid) || sid === own) {
      peerLog.warn(`A server calls itself ${id} on the election port, and cannot be.`)
      return null
    }
    if (sid < own && id !== ANONYMOUS) {
      // Nobody who is not a member makes this server call anywhere; unless servers may join, which begins like this.
      if (memberOf(sid) === undefined && (!callsStrangers || this.#peers.size >= MOST_STRANGERS)) return null
      const peer = this.#peer(sid)
      peer.connection?.drop()
      peer.connection = null
      this.#dial(peer, addresses)
      return null
    }
    this.#use(this.#peer(sid), connection)
    return sid
  }

  /** @param error null: the other side has ended it, or this one */
  closed(connection: Connection, error: Error | null): void {
    this.#strangers.delete(connection)
    if (connection.sid === null) return
    const peer = this.#peers.get(connection.sid)
    if (peer === undefined) return
    const used = peer.connection === connection
    if (used) {
      peer.connection = null
      this.#forgetStranger(peer)
    }
    if (used && connection.heard) this.#askIfAnybodyIsThere(peer)
    else if (used || error !== null) this.#isGone(peer)
  }

  /**
   * A connection has ended that worked: the server may have, too. The end of a process comes as a surprise at any moment, also
   * where something was sent to it just before; and who votes should not wait for it. To call it would make it drop what it
   * may have begun instead, if it has the larger id; so this connection says nothing.
   */
  #askIfAnybodyIsThere(peer: Peer): void {
    const { addressesOf, connectTimeoutMs } = this.#options
    const targets = addressesOf(peer.sid)
    if (peer.probing || this.#closed || targets.length === 0) return
    peer.probing = true
    const over = (error: Error | null): void => {
      peer.probing = false
      if (error !== null) this.#isGone(peer)
    }
    connectToAny(this.#options, targets, connectTimeoutMs, { ...NOBODY, closed: over }).then(
      (socket) => socket.end(),
      over,
    )
  }

  /**
   * A connection is refused, or ends before anything has come over it: for a process that has been killed the system goes on
   * to take connections for a moment, and resets them.
   */
  #isGone(peer: Peer): void {
    if (peer.connection === null && !this.#closed) this.#options.reachable(peer.sid, false)
  }

  #forgetStranger({ sid }: Peer): void {
    if (this.#options.memberOf(sid) === undefined) this.#peers.delete(sid)
  }

  received(connection: Connection, message: Uint8Array): void {
    const sid = connection.sid as number
    const peer = this.#peers.get(sid)
    connection.heard = true
    if (peer?.connection === connection) peer.unanswered = false
    this.#options.received(sid, message)
  }

  drained(connection: Connection): void {
    const peer = connection.sid === null ? undefined : this.#peers.get(connection.sid)
    if (peer?.connection === connection) this.#flush(peer)
  }

  #use(peer: Peer, connection: Connection): void {
    this.#options.reachable(peer.sid, true)
    peer.connection?.drop()
    peer.connection = connection
    peer.unanswered = false
    peer.waiting ??= peer.last
    this.#flush(peer)
  }

  #flush(peer: Peer): void {
    const socket = peer.connection?.socket
    const message = peer.waiting
    if (socket === null || socket === undefined || message === null || socket.pendingBytes > 0) return
    const bytes = Buffer.allocUnsafe(4 + message.length)
    bytes.writeInt32BE(message.length, 0)
    bytes.set(message, 4)
    peer.waiting = null
    peer.last = message
    peer.unanswered = true
    socket.write(bytes, 0, bytes.length)
  }
}

/** Of a connection that is made only to see whether it can be. */
const NOBODY: SocketHandler = { data() {}, drained() {}, closed() {} }

/** One connection on the election port: first who it is, then messages, each behind its length. */
class Connection implements SocketHandler {
  sid: number | null
  socket: Socket | null = null
  /** Whether a message has come over it. */
  heard = false
  readonly #options: ElectionConnectionsOptions
  readonly #connections: ElectionConnections
  readonly #rest = new FrameBuffer()
  #greeting: Timer | null = null
  #over = false

  /** @param sid whom this server called; null if it was called */
  constructor(options: ElectionConnectionsOptions, sid: number | null, connections: ElectionConnections) {
    this.sid = sid
    this.#options = options
    this.#connections = connections
  }

  waitForGreeting(): void {
    this.#greeting = this.#options.clock.after(this.#options.greetingMs, () => this.drop())
  }

  data(bytes: Uint8Array, start: number, end: number): void {
    if (this.#over) return
    const rest = this.#rest
    rest.append(bytes, start, end)
    if (this.sid === null && !this.#greet()) return
    let at = 0
    while (rest.length - at >= 4 && !this.#over) {
      const length = new DataView(rest.bytes.buffer, rest.bytes.byteOffset).getInt32(at)
      if (length <= 0 || length > LONGEST_MESSAGE) {
        this.#options.peerLog.warn(`Server ${this.sid} announced ${length} bytes on the election port.`)
        return this.drop()
      }
      if (rest.length - at - 4 < length) break
      this.#connections.received(this, copyBytes(rest.bytes, at + 4, at + 4 + length))
      at += 4 + length
    }
    rest.consume(at)
  }

  drained(): void {
    this.#connections.drained(this)
  }

  closed(error: Error | null): void {
    this.#over = true
    this.#greeting?.cancel()
    this.#connections.closed(this, error)
  }

  drop(): void {
    if (this.#over) return
    this.#over = true
    this.#greeting?.cancel()
    this.socket?.destroy()
  }

  #greet(): boolean {
    const rest = this.#rest
    const decoded = decodeInitialMessage(rest.bytes, rest.length)
    if (decoded === null) return false
    if (typeof decoded === 'string') {
      this.#options.peerLog.warn(`Closed a connection on the election port: ${decoded}.`)
      this.drop()
      return false
    }
    this.#greeting?.cancel()
    rest.consume(decoded.length)
    this.sid = this.#connections.greeted(this, decoded.message)
    if (this.sid === null) this.drop()
    return this.sid !== null
  }
}
