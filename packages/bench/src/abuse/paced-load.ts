import { setTimeout as delay } from 'node:timers/promises'
import { Histogram } from '../load/histogram.ts'
import { RawClient } from './interop.ts'

const OP_GET_DATA = 4
const OP_SET_DATA = 5
const DATA_BYTES = 100

export interface PacedLoadOptions {
  /** Of a server on this machine. */
  readonly port: number
  /** What is read and written. It is created. */
  readonly path: string
  readonly clients: number
  /** Between an answer and the next request of a client, in milliseconds. */
  readonly pauseMs: number
  /** How many reads there are for a write; null: there are no writes. */
  readonly readsPerWrite: number | null
}

/** So many requests as some clients make at their leisure: nothing is saturated, and who is late was kept waiting. */
export class PacedLoad {
  readonly #options: PacedLoadOptions
  readonly #clients: readonly RawClient[]

  private constructor(options: PacedLoadOptions, clients: readonly RawClient[]) {
    this.#options = options
    this.#clients = clients
  }

  static async connect(options: PacedLoadOptions): Promise<PacedLoad> {
    const clients = await Promise.all(Array.from({ length: options.clients }, () => RawClient.connect(options.port)))
    await clients[0]?.create(options.path, Buffer.alloc(DATA_BYTES))
    return new PacedLoad(options, clients)
  }

  /** How long the answers took, of so many seconds. */
  async run(seconds: number): Promise<Histogram> {
    const { path: target, pauseMs, readsPerWrite } = this.#options
    const histogram = new Histogram()
    const bytes = Buffer.from(target)
    const path = Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes])
    const get = Buffer.concat([path, Buffer.from([0])])
    const set = Buffer.concat([path, Buffer.from([0, 0, 0, 1, 120, 255, 255, 255, 255])])
    const until = performance.now() + seconds * 1000
    await Promise.all(
      this.#clients.map(async (client) => {
        for (let request = 0; performance.now() < until; request++) {
          const started = performance.now()
          if (readsPerWrite !== null && request % (readsPerWrite + 1) === 0) await client.call(OP_SET_DATA, set)
          else await client.call(OP_GET_DATA, get)
          histogram.record(performance.now() - started)
          await delay(pauseMs)
        }
      }),
    )
    return histogram
  }

  end(): void {
    for (const client of this.#clients) client.destroy()
  }
}
