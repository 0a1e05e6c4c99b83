import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { median } from '../compare/results.ts'
import { ask, startProcess } from './child-process.ts'
import { ServerProcess, VIVARIUM } from './interop.ts'

const AT_ONCE = 200
/** How long the server may take to see that they have gone. */
const SETTLE_MS = 1000
const READERS = { path: '/read', clients: 20, pauseMs: 5, readsPerWrite: null }

export interface HalfOpenOptions {
  readonly sockets: number
  /** How long the others are measured each time. */
  readonly seconds: number
  /** Measurements without and with them, by turns. */
  readonly rounds: number
}

/** Medians of the rounds. */
export interface HalfOpenResult extends HalfOpenOptions {
  readonly p99BeforeMs: number
  readonly p99WithMs: number
  /** Of the rounds' ratios, as what else the machine does is much the same for both halves of a round. */
  readonly ratio: number
  /** Half-open sockets when they were measured beside, at least. */
  readonly open: number
}

/** Compares how long reads take with how long they take beside sockets that never finish their greeting. */
export async function measureHalfOpen({ sockets, seconds, rounds }: HalfOpenOptions): Promise<HalfOpenResult> {
  const server = await ServerProcess.start(VIVARIUM, { config: { maxClientCnxns: '0' } })
  const readers = startProcess('paced-load-process.js')
  const idle = new HalfOpen(server.port, sockets)
  const [before, beside]: [number[], number[]] = [[], []]
  let open = sockets
  try {
    await ask(readers, { ...READERS, port: server.port })
    const p99 = async (): Promise<number> => (await ask(readers, seconds)) as number
    await p99() // What is new to V8 is compiled meanwhile.
    for (let round = 0; round < rounds; round++) {
      before.push(await p99())
      await idle.fill()
      open = Math.min(open, idle.open)
      beside.push(await p99())
      idle.close()
      await delay(SETTLE_MS)
    }
    const ratio = median(beside.map((ms, round) => ms / (before[round] ?? Number.NaN)))
    return { sockets, seconds, rounds, p99BeforeMs: median(before), p99WithMs: median(beside), ratio, open }
  } finally {
    readers.kill()
    idle.close()
    await server.dispose()
  }
}

/** Sockets that send two bytes of a length and no more, and come again when they are closed. */
class HalfOpen {
  readonly #port: number
  readonly #wanted: number
  readonly #sockets = new Set<Socket>()
  #closing = true

  constructor(port: number, wanted: number) {
    this.#port = port
    this.#wanted = wanted
  }

  get open(): number {
    return this.#sockets.size
  }

  async fill(): Promise<void> {
    this.#closing = false
    while (this.#sockets.size < this.#wanted) {
      const missing = Math.min(AT_ONCE, this.#wanted - this.#sockets.size)
      await Promise.all(Array.from({ length: missing }, () => this.#open()))
    }
  }

  close(): void {
    this.#closing = true
    for (const socket of this.#sockets) socket.destroy()
  }

  #open(): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, '127.0.0.1', () => {
        socket.write(Buffer.alloc(2))
        this.#sockets.add(socket)
        resolve()
      })
      socket.on('error', () => resolve())
      socket.on('close', () => {
        this.#sockets.delete(socket)
        resolve()
        if (!this.#closing) setTimeout(() => this.#closing || void this.#open(), Math.random() * 1000)
      })
    })
  }
}
