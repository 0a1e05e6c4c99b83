import { joinPath } from '@vivarium/protocol'
import { orAborted } from '../compound/or-aborted.ts'
import type { CallOptions } from '../requests/request.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import type { LockOptions } from './mutex.ts'
import { type Contender, type ContendOptions, contenders, contendWithin, type Queue } from './support/contend.ts'
import { Holding } from './support/holding.ts'
import { OwnedNode } from './support/owned-node.ts'
import { within } from './support/waiting.ts'

const NAMES = {
  curator: { read: '__READ__', write: '__WRIT__' },
  kazoo: { read: '__rlock__', write: '__lock__' },
} as const

/**
 * Many readers or one writer, in the order in which they came: Curator's InterProcessReadWriteLock, or kazoo's ReadLock
 * and WriteLock.
 *
 * @example
 * const lock = new ReadWriteLock(zk, '/locks/catalogue')
 * await using write = await lock.acquireWrite()
 * await rebuild()
 * await using read = await lock.downgrade(write) // Nobody has written between the two.
 */
export class ReadWriteLock {
  readonly path: string
  readonly #zk: ZooKeeper
  readonly #reads: Queue
  readonly #writes: Queue
  readonly #options: ContendOptions

  constructor(zk: ZooKeeper, path: string, { layout = 'curator', ...options }: LockOptions = {}) {
    const { read, write } = NAMES[layout]
    this.path = path
    this.#zk = zk
    this.#reads = { directory: path, name: read, blockers: [write] }
    this.#writes = { directory: path, name: write, blockers: [read, write] }
    this.#options = options
  }

  /** Waits until no writer is before us. @throws {WaitTimeoutError} after `timeoutMs`; the signal's reason if it aborts */
  acquireRead(options: WaitOptions = {}): Promise<Holding> {
    return contendWithin(this.#zk, this.#reads, { ...this.#options, ...options })
  }

  /** Waits until nobody is before us. @throws {WaitTimeoutError} after `timeoutMs`; the signal's reason if it aborts */
  acquireWrite(options: WaitOptions = {}): Promise<Holding> {
    return contendWithin(this.#zk, this.#writes, { ...this.#options, ...options })
  }

  /**
   * Turns a write lock into a read lock in the same place: other readers get in, and no writer has been in between. The
   * write lock is released. If this fails, it is as it was.
   *
   * @throws {OwnershipLostError} if the write lock is not surely held
   */
  async downgrade(write: Holding, options: WaitOptions = {}): Promise<Holding> {
    write.signal.throwIfAborted()
    const { data, acl, certainty } = this.#options
    const number = write.path.slice(write.path.lastIndexOf(this.#writes.name) + this.#writes.name.length)
    return within(this.#zk, this.path, options, async (signal) => {
      const how = { mode: 'EPHEMERAL', data, acl } as const
      const node = await OwnedNode.create(
        this.#zk,
        joinPath(this.path, this.#reads.name + number),
        write.session,
        how,
        signal,
      )
      try {
        await orAborted(node.watch(), signal)
        write.signal.throwIfAborted()
        const read = new Holding(node, certainty)
        await write.release()
        return read
      } catch (error) {
        void node.remove().catch(() => {})
        throw error
      }
    })
  }

  /** Who holds it and who waits, in this order. */
  contenders(options?: CallOptions): Promise<Contender[]> {
    return contenders(this.#zk, this.path, this.#writes.blockers, options)
  }
}
