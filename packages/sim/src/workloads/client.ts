import type { Network, Socket } from '@vivarium/env'
import {
  AuthPacket,
  ConnectRequest,
  ConnectResponse,
  digestId,
  encodeUtf8,
  OpCode,
  Reader,
  ReplyHeader,
  RequestHeader,
  WatcherEvent,
  Writer,
  Xid,
} from '@vivarium/protocol'
import type { SeededRandom } from '../random.ts'
import { CLIENT_PORT } from '../world/random-config.ts'
import type { SimSocket } from '../world/socket.ts'
import type { Trace } from '../world/trace.ts'
import { Frames } from './frames.ts'
import type { ConnectionHistory, Operation, Recorder, SessionHistory } from './history.ts'
import { describe, opcodeOf, type Request, type Result, readResult, writeRequest } from './requests.ts'
import { tellEvent, tellRequest, tellResult, tellZxid } from './tell.ts'
import { WatchRegistry } from './watch-registry.ts'

/** What a client runs in: a process of the simulated world, or this one. */
export interface ClientProcess {
  readonly world: { readonly nowMs: number; readonly trace: Pick<Trace, 'add'> }
  run(fire: () => void): void
  after(ms: number, fire: () => void): unknown
}

export interface ClientOptions {
  readonly name: string
  readonly address: string
  readonly process: ClientProcess
  readonly network: Network
  /** Addresses of all servers. */
  readonly servers: readonly string[]
  readonly recorder: Recorder
  readonly random: SeededRandom
  /** What it asks for; the server may give less or more. */
  readonly timeoutMs: number
  /** `user:password` to authenticate with, or null. */
  readonly credentials: string | null
}

/** One connection while it lasts. */
class Connection {
  readonly frames = new Frames()
  server = ''
  socket: Socket | null = null
  history: ConnectionHistory | null = null
  over = false
}

/**
 * A client that speaks ZooKeeper's protocol as Java's does: it pings, notices a silent server, connects again with its
 * session's password and sets its watches again; and that tells a {@link Recorder} everything it sees.
 */
export class SimClient {
  readonly name: string
  readonly options: ClientOptions
  /** Called with each operation that was answered. */
  onAnswer: (operation: Operation) => void = () => {}
  /** Called once requests can be sent. */
  onConnected: () => void = () => {}
  session: SessionHistory | null = null
  /** False: it does not come back when its connection has ended. */
  wanted = true
  /** Requests that are not answered, oldest first; pings are not among them. */
  pending: Operation[] = []
  readonly #identities: readonly string[]
  readonly #watches = new WatchRegistry()
  readonly #writer = new Writer()
  #connection: Connection | null = null
  #established = false
  #password = new Uint8Array(16)
  #lastZxid = 0
  #nextXid = 1
  #pings: Operation[] = []
  #receivedMs = 0
  #sentMs = 0
  #timeoutMs: number
  /** The servers in an order of its own, as every client has one (StaticHostProvider), and the one that it tries next. */
  readonly #servers: readonly string[]
  #nextServer = 0

  constructor(options: ClientOptions) {
    this.options = options
    this.name = options.name
    this.#timeoutMs = options.timeoutMs
    this.#identities = options.credentials === null ? [] : [digestId(options.credentials)]
    this.#servers = options.random.shuffled(options.servers)
    this.#watchTheTime()
  }

  get connected(): boolean {
    return this.#established
  }

  /** The address of the server that it is connected to, or calls; the last one otherwise. */
  get server(): string {
    return this.#servers[(this.#nextServer + this.#servers.length - 1) % this.#servers.length] as string
  }

  /** So that it can try all servers while its session lasts (ClientCnxn.connectTimeout). */
  get #connectMs(): number {
    return this.#servers.length === 1 ? (this.#timeoutMs * 2) / 3 : this.#timeoutMs / this.#servers.length
  }

  get #nowMs(): number {
    return this.options.process.world.nowMs
  }

  connect(): void {
    if (this.#connection !== null) return
    const connection = new Connection()
    this.#connection = connection
    this.#receivedMs = this.#nowMs
    this.#sentMs = this.#nowMs
    const handler = {
      data: (bytes: Uint8Array, start: number, end: number) => this.#received(connection, bytes, start, end),
      drained: () => {},
      closed: (error: Error | null) => this.#lost(connection, error === null ? 'closed' : error.message),
    }
    const host = this.#servers[this.#nextServer++ % this.#servers.length] as string
    connection.server = host
    const target = { host, port: CLIENT_PORT, timeoutMs: Math.min(1500, this.#connectMs) }
    this.options.network.connect(target, handler).then(
      (socket) => {
        if (connection.over) return socket.destroy()
        connection.socket = socket
        ;(socket as SimSocket).onDelivered = () => void this.session?.heardMs.push(this.#nowMs)
        this.#greet()
      },
      (error: Error) => this.#lost(connection, error.message),
    )
  }

  /** Sends a request. To be called while {@link connected}. */
  send(request: Request, xid = this.#nextXid++): Operation {
    const { recorder } = this.options
    const session = this.session as SessionHistory
    const operation = recorder.operation({
      client: this.name,
      sessionId: session.id,
      xid,
      connection: this.#connection?.history?.id as number,
      request,
      identities: this.#identities,
      invokedMs: this.#nowMs,
    })
    if (xid !== Xid.PING) this.#say(`asks ${xid}: ${tellRequest(request)}`)
    this.#note(`request ${xid}: ${describe(request)}`)
    const { kind } = request
    if (kind === 'ping') this.#pings.push(operation)
    else this.pending.push(operation)
    if (kind === 'closeSession') session.closedMs = this.#nowMs
    this.#frame((writer) => {
      RequestHeader.write(writer, { xid, type: opcodeOf(request) })
      writeRequest(writer, request)
    })
    return operation
  }

  /** Stops taking bytes, as a client does that is busy with something else. */
  stopReading(): void {
    this.#connection?.socket?.pause()
  }

  readAgain(): void {
    this.#connection?.socket?.resume()
  }

  /** Lets go of the connection without a word. */
  disconnect(): void {
    const connection = this.#connection
    if (connection === null) return
    connection.socket?.destroy()
    this.#lost(connection, 'given up')
  }

  /** Lets go of the connection, if there is one, and tries a server of which it has heard before. */
  moveTo(server: string): void {
    if (!this.wanted || this.session === null || this.session.closedMs !== null) return
    this.disconnect()
    this.#nextServer = this.#servers.indexOf(server)
    this.connect()
  }

  #say(text: string): void {
    this.options.process.world.trace.add('client', `${this.name} ${text}`)
  }

  /** All of it, for those who look closely. */
  #note(text: string): void {
    this.options.process.world.trace.add('network', `${this.name} ${text}`)
  }

  #frame(write: (writer: Writer) => void): void {
    const writer = this.#writer
    writer.clear()
    writer.int(0)
    write(writer)
    const bytes = writer.finish()
    new DataView(bytes.buffer).setInt32(0, bytes.length - 4)
    this.#sentMs = this.#nowMs
    this.#connection?.socket?.write(bytes, 0, bytes.length)
  }

  #greet(): void {
    const { session } = this
    this.#frame((writer) =>
      ConnectRequest.write(writer, {
        protocolVersion: 0,
        lastZxidSeen: this.#lastZxid,
        timeOut: this.options.timeoutMs,
        sessionId: session?.id ?? 0n,
        passwd: this.#password,
        readOnly: false,
      }),
    )
    // Java's client does not wait for the answer with this.
    const { credentials } = this.options
    if (credentials === null) return
    this.#frame((writer) => {
      RequestHeader.write(writer, { xid: Xid.AUTH, type: OpCode.auth })
      AuthPacket.write(writer, { type: 0, scheme: 'digest', auth: encodeUtf8(credentials) })
    })
  }

  #received(connection: Connection, bytes: Uint8Array, start: number, end: number): void {
    if (connection.over) return
    this.#receivedMs = this.#nowMs
    try {
      connection.frames.add(bytes, start, end, (frame) => {
        if (connection.over) return
        if (connection.history === null) this.#welcomed(connection, frame)
        else this.#message(connection.history, frame)
      })
    } catch (error) {
      this.options.recorder.protocolErrors.push(`${this.name}: ${(error as Error).message}`)
      this.disconnect()
    }
  }

  /** The ConnectResponse. */
  #welcomed(connection: Connection, frame: Uint8Array): void {
    const { recorder } = this.options
    const { timeOut, sessionId, passwd } = ConnectResponse.read(new Reader(frame))
    if (timeOut === 0) {
      this.#say(`is told that its session has expired`)
      if (this.session !== null) this.session.expiredMs = this.#nowMs
      this.#forgetSession()
      this.disconnect()
      return
    }
    if (this.session === null) {
      this.session = recorder.session(sessionId, this.name, timeOut, this.#nowMs)
      this.#password = Uint8Array.from(passwd ?? [])
      this.#timeoutMs = timeOut
    } else if (sessionId !== this.session.id) {
      recorder.protocolErrors.push(`${this.name}: another session than it asked for`)
    }
    connection.history = recorder.connection({
      client: this.name,
      sessionId,
      server: connection.server,
      identities: this.#identities,
    })
    this.#established = true
    this.#say(
      `has session 0x${sessionId.toString(16)}, timeout ${timeOut} ms, on connection ${connection.history.id} to ${connection.server}`,
    )
    const watches = this.#watches.toSetAgain(this.#lastZxid)
    if (watches !== null) this.send({ kind: 'setWatches', watches }, Xid.SET_WATCHES)
    this.onConnected()
  }

  #message(history: ConnectionHistory, frame: Uint8Array): void {
    const reader = new Reader(frame)
    const { xid, zxid, err } = ReplyHeader.read(reader)
    if (xid === Xid.AUTH) {
      if (err !== 0) throw new Error(`authentication failed with ${err}`)
      return
    }
    if (zxid > 0) {
      this.#lastZxid = Math.max(this.#lastZxid, zxid)
      this.options.recorder.saw(zxid)
    }
    if (xid === Xid.NOTIFICATION) {
      const { type, path } = WatcherEvent.read(reader)
      history.messages.push({ kind: 'event', type, path: path ?? '', zxid })
      this.#watches.fired(type, path ?? '')
      this.#say(`is told of ${tellEvent(type)} at ${path} (zxid ${tellZxid(zxid)})`)
      return
    }
    const queue = xid === Xid.PING ? this.#pings : this.pending
    const operation = queue[0]
    if (operation === undefined || operation.xid !== xid) {
      history.messages.push({ kind: 'answer', xid, operation: null, zxid })
      throw new Error(`an answer to ${xid}, where one to ${operation?.xid} was due`)
    }
    queue.shift()
    const result: Result = err === 0 ? readResult(reader, operation.request) : { err }
    if (reader.remaining > 0) throw new Error(`${reader.remaining} bytes behind the answer to ${xid}`)
    operation.answer = { ms: this.#nowMs, zxid, result }
    history.messages.push({ kind: 'answer', xid, operation, zxid })
    if (xid !== Xid.PING) this.#say(`is answered ${xid}: ${tellResult(result)} (zxid ${tellZxid(zxid)})`)
    this.#note(`answer ${xid}: ${describe(result)}`)
    this.#watches.answered(operation)
    if (operation.request.kind === 'closeSession' && err === 0) this.#forgetSession()
    this.onAnswer(operation)
  }

  #forgetSession(): void {
    this.session = null
    this.#watches.clear()
    this.#password = new Uint8Array(16)
    this.#lastZxid = 0
    this.#nextXid = 1
    this.#established = false
  }

  #lost(connection: Connection, why: string): void {
    if (connection.over) return
    connection.over = true
    if (this.#connection !== connection) return
    this.#connection = null
    if (connection.history !== null) this.#say(`loses connection ${connection.history.id} (${why})`)
    this.#established = false
    this.pending = []
    this.#pings = []
    const { process, random } = this.options
    process.after(random.between(10, 1000), () => {
      if (this.wanted) this.connect()
    })
  }

  /** Pings in time, and gives a silent server up. */
  #watchTheTime(): void {
    const { process } = this.options
    process.after(this.#timeoutMs / 12, () => {
      const connection = this.#connection
      if (connection !== null && connection.socket !== null) {
        const patienceMs = this.#established ? (this.#timeoutMs * 2) / 3 : this.#connectMs
        if (this.#nowMs - this.#receivedMs > patienceMs) {
          connection.socket.destroy()
          this.#lost(connection, 'the server is silent')
        } else if (this.#established && this.#nowMs - this.#sentMs > this.#timeoutMs / 3) {
          this.send({ kind: 'ping' }, Xid.PING)
        }
      }
      this.#watchTheTime()
    })
  }
}
