import type { Socket, SocketHandler, Timer } from '@vivarium/env'
import type { ClientEnv } from '../client-env.ts'
import type { Host } from '../hosts/connect-string.ts'

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 60_000
const PATIENCE_MS = 2000

/**
 * While a client is with a read-only server: looks for one that is not, by asking each in turn `isro`
 * (ClientCnxn.SendThread.pingRwServer).
 */
export class WritableSearch {
  readonly #env: ClientEnv
  readonly #hosts: () => readonly Host[]
  readonly #found: (host: Host) => void
  #pauseMs = FIRST_PAUSE_MS
  #next = 0
  #timer: Timer | null = null
  #over = false

  /** @param found called once */
  constructor(env: ClientEnv, hosts: () => readonly Host[], found: (host: Host) => void) {
    this.#env = env
    this.#hosts = hosts
    this.#found = found
    this.#wait()
  }

  stop(): void {
    this.#over = true
    this.#timer?.cancel()
  }

  #wait(): void {
    this.#timer = this.#env.clock.after(this.#pauseMs, () => this.#ask())
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2)
  }

  #ask(): void {
    const hosts = this.#hosts()
    const asked = hosts[this.#next++ % hosts.length] as Host
    const { host, port } = asked
    const { network, resolver, clock } = this.#env
    let answer = ''
    let socket: Socket | null = null
    const handler: SocketHandler = {
      data(bytes, start, end) {
        answer += Buffer.from(bytes.subarray(start, end)).toString('latin1')
      },
      drained() {},
      closed: () => {
        limit.cancel()
        this.#answered(asked, answer)
      },
    }
    const limit = clock.after(PATIENCE_MS, () => socket?.destroy())
    resolver
      .resolve(host)
      .then((addresses) =>
        network.connect({ host: addresses[0] ?? host, port, timeoutMs: PATIENCE_MS, serverName: host }, handler),
      )
      .then(
        (connected) => {
          socket = connected
          connected.write(Buffer.from('isro'), 0, 4)
        },
        () => {
          limit.cancel()
          this.#answered(asked, '')
        },
      )
  }

  #answered(asked: Host, answer: string): void {
    if (this.#over) return
    if (!answer.startsWith('rw')) return this.#wait()
    this.stop()
    this.#found(asked)
  }
}
