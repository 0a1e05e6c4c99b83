import type { Results, WriteOp } from '../requests/multi.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { guarded, type Holding } from './support/holding.ts'
import { acrossSessions, within } from './support/waiting.ts'

/** Anything with a path that can be waited for: a {@link Mutex}, a semaphore, one side of a read-write lock. */
export interface Acquirable {
  readonly path: string
  acquire(options: WaitOptions): Promise<Holding>
}

/** Several holdings as one. */
export interface MultiHolding extends AsyncDisposable {
  /** In the order in which the locks were named. */
  readonly holdings: readonly Holding[]
  /** Aborts when one of them is not surely held any more. */
  readonly signal: AbortSignal
  readonly isHeld: boolean
  /** A multi that is applied only if all are still held. @throws {OwnershipLostError} if one is not */
  guard<const T extends readonly WriteOp<unknown>[]>(operations: T): Promise<Results<T>>
  release(): Promise<void>
}

/**
 * All of several locks, or none: Curator's InterProcessMultiLock. They are taken in the order of their paths, whatever
 * the order in which they are named, so that two who want the same ones do not wait for each other.
 *
 * @example
 * const both = new MultiLock(zk, [new Mutex(zk, '/locks/from'), new Mutex(zk, '/locks/to')])
 * await using locks = await both.acquire({ timeoutMs: 5000 })
 */
export class MultiLock {
  readonly #zk: ZooKeeper
  readonly #locks: readonly Acquirable[]

  constructor(zk: ZooKeeper, locks: readonly Acquirable[]) {
    this.#zk = zk
    this.#locks = locks
  }

  /**
   * Waits until all are ours. If one of them is lost while the next is waited for, all are given back and waited for anew.
   *
   * @throws {WaitTimeoutError} after `timeoutMs`; what was had by then is given back
   */
  acquire(options: WaitOptions = {}): Promise<MultiHolding> {
    const path = this.#inOrder.map((lock) => lock.path).join(' ')
    return within(this.#zk, path, options, (signal) => acrossSessions(this.#zk, signal, () => this.#all(signal)))
  }

  get #inOrder(): Acquirable[] {
    return this.#locks.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  }

  /** @throws {OwnershipLostError} if one of them is lost on the way */
  async #all(signal: AbortSignal): Promise<MultiHolding> {
    const held = new Map<Acquirable, Holding>()
    try {
      for (const lock of this.#inOrder) {
        held.set(lock, await lock.acquire({ signal }))
        // What was had first may be lost by the time that the last one is.
        for (const holding of held.values()) holding.signal.throwIfAborted()
      }
      return new Together(
        this.#zk,
        [...held.values()],
        this.#locks.map((lock) => held.get(lock) as Holding),
      )
    } catch (error) {
      void Promise.all([...held.values()].map((holding) => holding.release())).catch(() => {})
      throw error
    }
  }
}

class Together implements MultiHolding {
  readonly holdings: readonly Holding[]
  readonly signal: AbortSignal
  readonly #zk: ZooKeeper
  readonly #taken: readonly Holding[]

  constructor(zk: ZooKeeper, taken: readonly Holding[], holdings: readonly Holding[]) {
    this.holdings = holdings
    this.#zk = zk
    this.#taken = taken
    const end = new AbortController()
    this.signal = end.signal
    for (const { signal } of taken) signal.addEventListener('abort', () => end.abort(signal.reason), { once: true })
  }

  get isHeld(): boolean {
    return this.#taken.every((holding) => holding.isHeld)
  }

  guard<const T extends readonly WriteOp<unknown>[]>(operations: T): Promise<Results<T>> {
    return guarded(this.#zk, this.#taken, operations)
  }

  /** The last one first. */
  async release(): Promise<void> {
    for (const holding of this.#taken.toReversed()) await holding.release()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }
}
