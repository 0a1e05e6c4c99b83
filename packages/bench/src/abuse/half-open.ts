import { connect, type Socket } from 'node:net'
import { ServerProcess, VIVARIUM } from './interop.ts'
import { PacedLoad } from './paced-load.ts'

const AT_ONCE = 200
const READERS = { path: '/read', clients: 20, pauseMs: 5, readsPerWrite: null }

export interface HalfOpenOptions {
  readonly sockets: number
  /** How long the others are measured, without and with them. */
  readonly seconds: number
}

export interface HalfOpenResult extends HalfOpenOptions {
  readonly p99BeforeMs: number
  readonly p99WithMs: number
  readonly ratio: number
  /** Half-open sockets when the second measurement began. */
  readonly open: number
}

/** Compares how long reads take with how long they take beside sockets that never finish their greeting. */
export async function measureHalfOpen({ sockets, seconds }: HalfOpenOptions): Promise<HalfOpenResult> {
  const server = await ServerProcess.start(VIVARIUM, { config: { maxClientCnxns: '0' } })
  const idle = new HalfOpen(server.port, sockets)
  try {
    const readers = await PacedLoad.connect({ ...READERS, port: server.port })
    await readers.run(seconds / 2)
    const before = await readers.run(seconds)
    await idle.fill()
    const { open } = idle
    const beside = await readers.run(seconds)
    readers.end()
    const [p99BeforeMs, p99WithMs] = [before.percentile(0.99), beside.percentile(0.99)]
    return { sockets, seconds, p99BeforeMs, p99WithMs, ratio: p99WithMs / p99BeforeMs, open }
  } finally {
    idle.close()
    await server.dispose()
  }
}

/** Sockets that send two bytes of a length and no more, and come again when they are closed. */
class HalfOpen {
  readonly #port: number
  readonly #wanted: number
  readonly #sockets = new Set<Socket>()
  #closing = false

  constructor(port: number, wanted: number) {
    this.#port = port
    this.#wanted = wanted
  }

  get open(): number {
    return this.#sockets.size
  }

  async fill(): Promise<void> {
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
        if (!this.#closing) setTimeout(() => void this.#open(), Math.random() * 1000)
      })
    })
  }
}
