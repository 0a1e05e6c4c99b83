import { setTimeout as delay } from 'node:timers/promises'
import { ConnectionLost, RawClient, RequestFailed } from '../raw-client.ts'
import type { Ensemble } from './ensemble.ts'

const SESSION_TIMEOUT_MS = 60_000
/** Between two writes of a writer, so that the load is a light one. */
const PAUSE_MS = 5
const NODE_EXISTS = -110

/** One session, which writes as long as it is allowed to, on whichever member takes it. */
export class Writer {
  readonly at: number
  readonly acknowledged: string[] = []
  readonly #ensemble: Ensemble
  #client!: RawClient
  #stopped = false

  constructor(ensemble: Ensemble, at: number) {
    this.#ensemble = ensemble
    this.at = at
  }

  async open(): Promise<void> {
    this.#client = await this.#ensemble.member(1 + (this.at % 3)).connect({ timeoutMs: SESSION_TIMEOUT_MS })
    await this.#client.create(`/alive-${this.at}`, null, { flags: 1 })
  }

  stop(): void {
    this.#stopped = true
  }

  async run(): Promise<void> {
    for (let number = 0; !this.#stopped; number++) {
      const path = `/w${this.at}-${number}`
      // One whose answer got lost may be there already.
      for (let asked = 0; !(await this.#create(path, asked > 0)); asked++) await this.#reconnect()
      this.acknowledged.push(path)
      await delay(PAUSE_MS)
    }
  }

  async #create(path: string, again: boolean): Promise<boolean> {
    try {
      await this.#client.create(path)
      return true
    } catch (error) {
      if (error instanceof RequestFailed && error.errno === NODE_EXISTS && again) return true
      if (error instanceof ConnectionLost) return false
      throw error
    }
  }

  async #reconnect(): Promise<void> {
    const { sessionId, password } = this.#client.session
    for (let attempt = 0; ; attempt++) {
      const member = this.#ensemble.running[attempt % this.#ensemble.running.length]
      const request = { sessionId, password: password ?? undefined, timeoutMs: SESSION_TIMEOUT_MS }
      const client = member === undefined ? null : await RawClient.connect(member.port, request).catch(() => null)
      if (client !== null) {
        this.#client.destroy()
        this.#client = client
        return
      }
      if (attempt > 400) throw new Error(`session 0x${sessionId.toString(16)} finds no member that takes it`)
      await delay(50)
    }
  }

  async missing(client: RawClient): Promise<string[]> {
    const missing: string[] = []
    const paths = [`/alive-${this.at}`, ...this.acknowledged]
    await Promise.all(
      paths.map(async (path) => {
        if ((await client.exists(path)) === null) missing.push(`${path} is missing`)
      }),
    )
    return missing
  }

  async close(): Promise<void> {
    await this.#client.close()
  }
}
