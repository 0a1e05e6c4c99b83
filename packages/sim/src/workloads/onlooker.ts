import type { Network, Socket } from '@vivarium/env'
import {
  ConnectRequest,
  ConnectResponse,
  encodeUtf8,
  OPEN_ACL_UNSAFE,
  Reader,
  ReplyHeader,
  RequestHeader,
  Writer,
} from '@vivarium/protocol'
import type { SeededRandom } from '../random.ts'
import type { SimProcess } from '../world/process.ts'
import { CLIENT_PORT } from '../world/random-config.ts'
import { Frames } from './frames.ts'
import type { Operation, Recorder } from './history.ts'
import { anyPath } from './mixed.ts'
import { isWrite, opcodeOf, type Request, readResult, writeRequest } from './requests.ts'
import { tellRequest, tellResult, tellZxid } from './tell.ts'

const NAME = 'the onlooker'
/** How long it waits for anything. */
const PATIENCE_MS = 3000

export interface OnlookerOptions {
  readonly process: SimProcess
  readonly network: Network
  readonly servers: readonly string[]
  readonly recorder: Recorder
  readonly random: SeededRandom
  readonly timeoutMs: number
}

/**
 * A client that is content with servers that only read (`readonlymode.enabled`), and looks for those: it asks each whether it is
 * one (`isro`), as Java's does, begins a session there, reads, and tries to write now and then.
 */
export class Onlooker {
  readonly #options: OnlookerOptions
  /** What ends with the connection. */
  #connection = { over: true, socket: null as Socket | null }
  #waiting: Operation | null = null
  #sessionId = 0n
  #xid = 0

  constructor(options: OnlookerOptions) {
    this.#options = options
  }

  start(): void {
    const { process, random } = this.#options
    process.after(random.between(50, 500), () => {
      if (this.#connection.over) this.#call('isro')
      this.start()
    })
  }

  #call(purpose: 'isro' | 'session', server = this.#options.random.pick(this.#options.servers)): void {
    const { process, network } = this.#options
    const connection = { over: false, socket: null as Socket | null }
    this.#connection = connection
    const end = (): void => {
      connection.over = true
      connection.socket?.destroy()
    }
    const frames = new Frames()
    const handler = {
      data: (bytes: Uint8Array, from: number, to: number) => {
        if (connection.over) return
        if (purpose === 'session') return frames.add(bytes, from, to, (frame) => this.#received(frame, end))
        const isReadOnly = Buffer.from(bytes.subarray(from, to)).toString() === 'ro'
        end()
        if (isReadOnly) this.#call('session', server)
      },
      drained: () => {},
      closed: end,
    }
    process.after(PATIENCE_MS, () => {
      if (purpose === 'isro' || connection.socket === null) end()
    })
    network.connect({ host: server, port: CLIENT_PORT, timeoutMs: PATIENCE_MS }, handler).then((socket) => {
      connection.socket = socket
      if (connection.over) return socket.destroy()
      if (purpose === 'session') return this.#greet(socket)
      const word = encodeUtf8('isro')
      socket.write(word, 0, word.length)
    }, end)
  }

  #greet(socket: Socket): void {
    this.#sessionId = 0n
    this.#xid = 0
    this.#waiting = null
    this.#frame(socket, (writer) =>
      ConnectRequest.write(writer, {
        protocolVersion: 0,
        lastZxidSeen: 0,
        timeOut: this.#options.timeoutMs,
        sessionId: 0n,
        passwd: new Uint8Array(16),
        readOnly: true,
      }),
    )
  }

  #received(frame: Uint8Array, end: () => void): void {
    const { process, random, recorder } = this.#options
    const { world } = process
    const reader = new Reader(frame)
    if (this.#sessionId === 0n) {
      const { sessionId, timeOut, readOnly } = ConnectResponse.read(reader)
      if (readOnly) this.#sessionId = sessionId
      else {
        // It has found the others meanwhile.
        recorder.session(sessionId, NAME, timeOut, world.nowMs)
        return end()
      }
    } else {
      const { xid, zxid, err } = ReplyHeader.read(reader)
      const operation = this.#waiting
      if (operation?.xid !== xid) throw new Error(`an answer to ${xid}`)
      // What it should not have been answered has no use.
      const isRead = !isWrite(operation.request) && operation.request.kind !== 'sync'
      const result = err === 0 && isRead ? readResult(reader, operation.request) : { err }
      operation.answer = { ms: world.nowMs, zxid, result }
      world.trace.add('client', `${NAME} is answered: ${tellResult(result)} (zxid ${tellZxid(zxid)})`)
    }
    const connection = this.#connection
    process.after(random.between(5, 200), () => {
      if (!connection.over && connection.socket !== null) this.#ask(connection.socket, end)
    })
  }

  #ask(socket: Socket, end: () => void): void {
    const { process, recorder } = this.#options
    const { world } = process
    const request = this.#anyRequest()
    const operation: Operation = {
      id: -1,
      client: NAME,
      sessionId: this.#sessionId,
      xid: ++this.#xid,
      connection: -1,
      request,
      identities: [],
      invokedMs: world.nowMs,
      floorZxid: 0,
      answer: null,
    }
    recorder.glimpses.push(operation)
    this.#waiting = operation
    world.trace.add('client', `${NAME} asks: ${tellRequest(request)}`)
    this.#frame(socket, (writer) => {
      RequestHeader.write(writer, { xid: operation.xid, type: opcodeOf(request) })
      writeRequest(writer, request)
    })
    process.after(PATIENCE_MS, () => {
      if (operation.answer === null) end()
    })
  }

  #anyRequest(): Request {
    const { random } = this.#options
    const path = random.chance(0.7) ? anyPath(random) : random.pick(['/', '/queue', '/locks'])
    switch (random.int(0, 9)) {
      case 0:
        return { kind: 'create', path: `${path}-seen`, data: null, acl: OPEN_ACL_UNSAFE, flags: 0 }
      case 1:
        return { kind: 'setData', path, data: 'seen', version: -1 }
      case 2:
        return { kind: 'sync', path }
      case 3:
      case 4:
        return { kind: 'getChildren2', path, watch: false }
      case 5:
        return { kind: 'exists', path, watch: false }
      default:
        return { kind: 'getData', path, watch: false }
    }
  }

  #frame(socket: Socket, write: (writer: Writer) => void): void {
    const writer = new Writer()
    writer.int(0)
    write(writer)
    const bytes = writer.finish()
    new DataView(bytes.buffer, bytes.byteOffset).setInt32(0, bytes.length - 4)
    socket.write(bytes, 0, bytes.length)
  }
}
