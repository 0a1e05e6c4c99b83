import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { OpCode, Operation } from '@vivarium/protocol'
import { greeting } from '../load/connection.ts'
import { RequestTemplate } from '../load/request-template.ts'

const CONNECTIONS = 20
const DEPTH = 16
const SETTLE_MS = 500
/** Behind the length, xid and zxid of an answer. */
const ERROR_AT = 16

/** What the znode has that is read and written. */
export const DATA = new Uint8Array(100).fill(120)

export const READ = new RequestTemplate(OpCode.getData, 0, (to) =>
  Operation.getData.request.write(to, { path: '/load', watch: false }),
)
export const WRITE = new RequestTemplate(OpCode.setData, 0, (to) =>
  Operation.setData.request.write(to, { path: '/load', data: DATA, version: -1 }),
)

/** Connections that have as many requests under way as they may, all the time. */
export class RequestLoad {
  readonly #sockets: readonly Socket[]
  readonly #counter: { answers: number }

  private constructor(sockets: readonly Socket[], counter: { answers: number }) {
    this.#sockets = sockets
    this.#counter = counter
  }

  /** @param event by which a socket says that it is there */
  static async begin(open: () => Socket, event: string, request: RequestTemplate): Promise<RequestLoad> {
    const counter = { answers: 0 }
    const begun = Array.from({ length: CONNECTIONS }, () => begin(open(), event, request, counter))
    const load = new RequestLoad(await Promise.all(begun), counter)
    await delay(SETTLE_MS)
    return load
  }

  /** Answers in a second. */
  async rateFor(seconds: number): Promise<number> {
    const [before, began] = [this.#counter.answers, performance.now()]
    await delay(seconds * 1000)
    return Math.round(((this.#counter.answers - before) / (performance.now() - began)) * 1000)
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** Resolves once the connection is there; after the greeting it asks again as often as it is answered. */
function begin(socket: Socket, event: string, request: RequestTemplate, counter: { answers: number }): Promise<Socket> {
  const all = Buffer.concat(Array.from({ length: DEPTH }, () => request.bytes))
  let left: Buffer = Buffer.alloc(0)
  let greeted = false
  socket.setNoDelay(true)
  socket.on('data', (bytes: Buffer) => {
    left = left.length === 0 ? bytes : Buffer.concat([left, bytes])
    let answers = 0
    let at = 0
    while (left.length - at >= 4 && left.length - at >= 4 + left.readInt32BE(at)) {
      if (greeted && left.readInt32BE(at + ERROR_AT) !== 0) throw new Error('a request was refused')
      at += 4 + left.readInt32BE(at)
      if (greeted) answers++
      else socket.write(all)
      greeted = true
    }
    left = left.subarray(at)
    counter.answers += answers
    if (answers > 0) socket.write(all.subarray(0, answers * request.bytes.length))
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once(event, () => {
      socket.write(greeting)
      resolve(socket)
    })
  })
}
