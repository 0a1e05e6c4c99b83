import { createHash } from 'node:crypto'
import { ZooKeeper, type ZooKeeperOptions } from '@vivarium/client'
import type { Clock, Timer } from '@vivarium/env'
import { Problem } from '../http/problem.ts'

export interface PoolOptions {
  readonly servers: string
  readonly client: ZooKeeperOptions
  /** How many identities are connected at once. */
  readonly mostClients: number
  /** For how long a client that nobody uses is kept, in milliseconds. */
  readonly idleMs: number
  readonly clock: Clock
}

/** A client with one identity, and what goes with it. */
export interface PooledClient {
  readonly zk: ZooKeeper
  /** Tells identities apart, and says nothing of them. */
  readonly key: string
}

interface Entry extends PooledClient {
  users: number
  idle: Timer | null
}

/**
 * One client for each identity that callers have, so that none of them has another's rights: made when it is first needed,
 * shared by all requests of that identity, closed when it was not used for a while.
 */
export class ClientPool {
  readonly #options: PoolOptions
  /** Those that nobody uses come first, the longest unused before. */
  readonly #entries = new Map<string, Entry>()
  #closed = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** How many clients there are. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * The client of an identity, until {@link release} is called for it.
   *
   * @param credentials `user:password`; null for nobody in particular
   * @throws {Problem} 503 if there are too many identities at once
   */
  acquire(credentials: string | null): PooledClient {
    const key = identityKey(credentials)
    let entry = this.#entries.get(key)
    if (entry?.zk.state === 'closed') {
      this.#entries.delete(key)
      entry = undefined
    }
    entry ??= this.#add(key, credentials)
    entry.users++
    entry.idle?.cancel()
    entry.idle = null
    return entry
  }

  release(client: PooledClient): void {
    const entry = client as Entry
    if (--entry.users > 0) return
    if (this.#entries.get(entry.key) !== entry) {
      void entry.zk.close()
      return
    }
    // To the end: whoever is thrown out first has been unused for longest.
    this.#entries.delete(entry.key)
    this.#entries.set(entry.key, entry)
    entry.idle = this.#options.clock.after(this.#options.idleMs, () => this.#remove(entry))
  }

  /** Does `work` with the client of an identity. */
  async use<T>(credentials: string | null, work: (client: PooledClient) => Promise<T>): Promise<T> {
    const client = this.acquire(credentials)
    try {
      return await work(client)
    } finally {
      this.release(client)
    }
  }

  /** A client of one's own, with a session that ends when it does. */
  open(credentials: string | null, options: ZooKeeperOptions): ZooKeeper {
    const { servers, client } = this.#options
    return new ZooKeeper(servers, { ...client, ...options, auth: authOf(credentials) })
  }

  async close(): Promise<void> {
    this.#closed = true
    const entries = [...this.#entries.values()]
    this.#entries.clear()
    await Promise.all(
      entries.map(({ zk, idle }) => {
        idle?.cancel()
        return zk.close()
      }),
    )
  }

  #add(key: string, credentials: string | null): Entry {
    if (this.#closed) throw new Problem(503, 'Unavailable', 'the gateway is closing')
    if (this.#entries.size >= this.#options.mostClients) this.#makeRoom()
    const entry: Entry = { key, zk: this.open(credentials, {}), users: 0, idle: null }
    this.#entries.set(key, entry)
    return entry
  }

  #makeRoom(): void {
    for (const entry of this.#entries.values()) {
      if (entry.users === 0) return this.#remove(entry)
    }
    throw new Problem(503, 'TooMany', `${this.#entries.size} identities are in use`, {}, { 'retry-after': '5' })
  }

  #remove(entry: Entry): void {
    entry.idle?.cancel()
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key)
    void entry.zk.close()
  }
}

const authOf = (credentials: string | null): { scheme: string; auth: string }[] =>
  credentials === null ? [] : [{ scheme: 'digest', auth: credentials }]

/** Tells identities apart, and says nothing of them. */
export function identityKey(credentials: string | null): string {
  return credentials === null ? '' : createHash('sha256').update(credentials).digest('base64')
}
