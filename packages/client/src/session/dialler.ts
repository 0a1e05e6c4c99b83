import type { Timer } from '@vivarium/env'
import type { ClientEnv } from '../client-env.ts'
import type { Connection } from '../connection/connection.ts'
import { formatHost, type Host } from '../hosts/connect-string.ts'
import type { HostList } from '../hosts/host-list.ts'
import { fraction } from '../random.ts'

const LONGEST_ATTEMPT_MS = 10_000
const SHORTEST_ATTEMPT_MS = 200

export interface DiallerOptions {
  readonly env: ClientEnv
  readonly hosts: HostList
  readonly sessionTimeoutMs: number
  /** A connection to this server is about to be attempted. */
  readonly begin: (host: Host) => Connection
}

/** Attempts connections, one at a time, when the list of servers says so and to whom it says. */
export class Dialler {
  readonly #options: DiallerOptions
  /** What came of the last attempt at each server since there was a session at one. */
  readonly attempts = new Map<string, string>()
  #waiting: Timer | null = null
  /** From the name to the session: a server that takes the connection and then says nothing is none. */
  #limit: Timer | null = null

  constructor(options: DiallerOptions) {
    this.#options = options
  }

  /** Attempts a connection when it is time for one. */
  dialLater(): void {
    const { env, hosts } = this.#options
    this.#waiting ??= env.clock.after(hosts.delayMs(), () => {
      this.#waiting = null
      this.#dial()
    })
  }

  /** The attempt has come to a session. */
  succeeded(): void {
    this.#limit?.cancel()
    this.#options.hosts.connected()
    this.attempts.clear()
  }

  /** The attempt, or what it brought, is over. */
  failed(host: Host, cause: Error): void {
    this.attempts.set(formatHost(host), cause.message)
    this.#options.hosts.failed()
  }

  /** The attempt that is under way is not to be limited any more. */
  letGo(): void {
    this.#limit?.cancel()
  }

  /** Attempts nothing any more. */
  stop(): void {
    this.#waiting?.cancel()
  }

  #dial(): void {
    const { hosts, sessionTimeoutMs, begin, env } = this.#options
    const { clock, network, resolver, random } = env
    const host = hosts.next()
    const attempt = begin(host)
    const share = sessionTimeoutMs / hosts.size
    const timeoutMs = Math.max(SHORTEST_ATTEMPT_MS, Math.min(LONGEST_ATTEMPT_MS, share))
    this.#limit = clock.after(timeoutMs, () => attempt.end(new Error(`no session within ${timeoutMs} ms`)))
    resolver
      .resolve(host.host)
      .then((addresses) => {
        const address = addresses[Math.floor(fraction(random) * addresses.length)]
        if (address === undefined) throw new Error('the name has no address')
        if (attempt.isOver) throw new Error('the attempt was given up')
        return network.connect({ host: address, port: host.port, timeoutMs, serverName: host.host }, attempt)
      })
      .then(
        (socket) => attempt.opened(socket),
        (error: Error) => attempt.end(error),
      )
  }
}
