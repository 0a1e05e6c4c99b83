import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { ZooKeeper, ZooKeeperOptions } from '@vivarium/client'
import type { Clock, Timer } from '@vivarium/env'
import { Problem } from '../http/problem.ts'
import type { Held } from '../recipes/held.ts'
import { sessionText } from '../schemas/texts.ts'
import { identityKey } from './client-pool.ts'

/** A session that a caller has, for as long as it keeps renewing it. */
export interface Lease {
  /** The session's id: the `ephemeralOwner` of its znodes. */
  readonly id: string
  /** The right to use it. */
  readonly token: string
  readonly timeoutMs: number
  readonly zk: ZooKeeper
  /** What its caller holds, or stands for, by their ids. */
  readonly held: Map<string, Held>
  /** The number of the last of them. */
  lastHeld: number
}

interface Entry extends Lease {
  /** Whose it is. */
  readonly identity: string
  timer: Timer | null
  /** Requests of it that wait for something: it does not end meanwhile. */
  waiting: number
}

/** Sessions of callers who have no connection of their own: each ends when it is not renewed in time. */
export class LeaseTable {
  readonly #open: (credentials: string | null, options: ZooKeeperOptions) => ZooKeeper
  readonly #clock: Clock
  readonly #most: number
  readonly #leases = new Map<string, Entry>()
  #opening = 0

  /** @param most how many there may be at once */
  constructor(open: (credentials: string | null, options: ZooKeeperOptions) => ZooKeeper, clock: Clock, most: number) {
    this.#open = open
    this.#clock = clock
    this.#most = most
  }

  get size(): number {
    return this.#leases.size
  }

  /** @throws {Problem} 503 if there are too many, or no session can be had */
  async open(credentials: string | null, timeoutMs: number): Promise<Lease> {
    if (this.#leases.size + this.#opening >= this.#most) {
      throw new Problem(503, 'TooMany', `there are ${this.#most} sessions already`, {}, { 'retry-after': '5' })
    }
    this.#opening++
    const zk = this.#open(credentials, { renewSession: false, sessionTimeoutMs: timeoutMs })
    try {
      await zk.connected()
    } catch (error) {
      await zk.close()
      throw error
    } finally {
      this.#opening--
    }
    const id = sessionText(zk.session?.id ?? 0n)
    const token = randomBytes(24).toString('base64url')
    const identity = identityKey(credentials)
    const lease: Entry = { id, token, timeoutMs, zk, held: new Map(), lastHeld: 0, identity, timer: null, waiting: 0 }
    this.#leases.set(id, lease)
    zk.onState(({ state }) => {
      if (state === 'closed') this.#forget(lease)
    })
    this.#restart(lease)
    return lease
  }

  /** @throws {Problem} 404 if there is none, or it is another's: nobody is to learn which */
  find(credentials: string | null, id: string, token: string | undefined): Lease {
    const lease = this.#leases.get(id)
    const isOurs = lease?.identity === identityKey(credentials) && isSame(lease.token, token ?? '')
    if (isOurs) return lease
    throw new Problem(404, 'NoSession', `there is no session ${id} with this Vivarium-Token`)
  }

  /** Begins its time anew. */
  renew(credentials: string | null, id: string, token: string | undefined): Lease {
    const lease = this.find(credentials, id, token) as Entry
    this.#restart(lease)
    return lease
  }

  /** Does `work`, for as long as that takes: its caller cannot renew it while it waits for an answer. */
  async during<T>(lease: Lease, work: () => Promise<T>): Promise<T> {
    const entry = lease as Entry
    entry.waiting++
    try {
      return await work()
    } finally {
      entry.waiting--
      if (this.#leases.get(entry.id) === entry) this.#restart(entry)
    }
  }

  async end(lease: Lease): Promise<void> {
    this.#forget(lease as Entry)
    await lease.zk.close()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#leases.values()].map((lease) => this.end(lease)))
  }

  #restart(lease: Entry): void {
    lease.timer?.cancel()
    lease.timer = this.#clock.after(lease.timeoutMs, () => {
      if (lease.waiting === 0) void this.end(lease)
    })
  }

  #forget(lease: Entry): void {
    lease.timer?.cancel()
    this.#leases.delete(lease.id)
  }
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
