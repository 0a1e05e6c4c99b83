import type { CreateOptions, DataInput } from '../requests/arguments.ts'
import type { CallOptions } from '../requests/request.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import {
  type Contender,
  type ContendOptions,
  contend,
  contenders,
  contendWithin,
  type Queue,
} from './support/contend.ts'
import type { Certainty, Holding } from './support/holding.ts'
import { within } from './support/waiting.ts'

/** Whose znodes it shares a directory with: Curator's (Java) or kazoo's (Python). Each knows only its own. */
export type Layout = 'curator' | 'kazoo'

export interface LockOptions {
  /** Default: `curator`. */
  readonly layout?: Layout | undefined
  /** What a contender's znode says of it, for whoever looks. Default: nothing. */
  readonly data?: DataInput | undefined
  /** Of the contenders' znodes. Default: everyone may do everything. */
  readonly acl?: CreateOptions['acl']
  /** When a holder is to count its lock as lost. Default: `suspended`. */
  readonly certainty?: Certainty | undefined
}

export interface AcquireOptions extends WaitOptions {
  /** Whoever says the same here (by `===`) while the lock is held for it has it at once, once more. Default: nobody does. */
  readonly owner?: unknown
}

const NAMES = { curator: 'lock-', kazoo: '__lock__' } as const

/** What one owner holds, as often as it does. */
interface Entry {
  readonly base: Holding
  depth: number
}

/**
 * A lock that one holder has at a time, across all clients: Curator's InterProcessMutex, or kazoo's Lock.
 *
 * @example
 * const mutex = new Mutex(zk, '/locks/invoices')
 * await using lock = await mutex.acquire({ timeoutMs: 10_000 })
 * await store.write(invoice, { fence: lock.token, signal: lock.signal })
 */
export class Mutex {
  readonly path: string
  readonly #zk: ZooKeeper
  readonly #queue: Queue
  readonly #options: ContendOptions
  readonly #owners = new Map<unknown, Entry>()

  constructor(zk: ZooKeeper, path: string, { layout = 'curator', ...options }: LockOptions = {}) {
    const name = NAMES[layout]
    this.path = path
    this.#zk = zk
    this.#queue = { directory: path, name, blockers: [name] }
    this.#options = options
  }

  /**
   * Waits until the lock is ours.
   *
   * @throws {WaitTimeoutError} after `timeoutMs`; the signal's reason if it aborts; {@link OwnershipLostError} if `owner`
   * has it but not for certain any more
   */
  async acquire({ owner, ...options }: AcquireOptions = {}): Promise<Holding> {
    return (
      this.#again(owner) ??
      this.#enter(owner, await contendWithin(this.#zk, this.#queue, { ...this.#options, ...options }))
    )
  }

  /** The lock, if it is free; null otherwise. The signal and `timeoutMs` are about the answer. */
  async tryAcquire({ owner, ...options }: AcquireOptions = {}): Promise<Holding | null> {
    const held = this.#again(owner)
    if (held !== null) return held
    const base = await within(this.#zk, this.path, options, (signal) =>
      contend(this.#zk, this.#queue, { ...this.#options, wait: false }, signal),
    )
    return base === null ? null : this.#enter(owner, base)
  }

  /** Does `work` with the lock, and releases it after. The work is to stop when the lock's signal aborts. */
  async run<T>(work: (lock: Holding) => T | Promise<T>, options?: AcquireOptions): Promise<T> {
    await using lock = await this.acquire(options)
    return await work(lock)
  }

  /** Who holds it and who waits, in this order. */
  contenders(options?: CallOptions): Promise<Contender[]> {
    return contenders(this.#zk, this.path, this.#queue.blockers, options)
  }

  #again(owner: unknown): Holding | null {
    const entry = owner === undefined ? undefined : this.#owners.get(owner)
    if (entry === undefined) return null
    if (!entry.base.isHeld) throw entry.base.signal.reason
    return this.#handle(owner, entry)
  }

  #enter(owner: unknown, base: Holding): Holding {
    if (owner === undefined) return base
    const entry = { base, depth: 0 }
    this.#owners.set(owner, entry)
    return this.#handle(owner, entry)
  }

  #handle(owner: unknown, entry: Entry): Holding {
    entry.depth++
    return entry.base.again(async () => {
      if (--entry.depth > 0) return
      if (this.#owners.get(owner) === entry) this.#owners.delete(owner)
      await entry.base.release()
    })
  }
}
