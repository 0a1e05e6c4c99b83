import { KeeperError } from '@vivarium/protocol'
import type { CallOptions } from '../requests/request.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { acrossSessions, patient, within } from './support/waiting.ts'

/**
 * Holds everyone up while it is closed: Curator's DistributedBarrier, kazoo's Barrier.
 *
 * @example
 * const barrier = new Barrier(zk, '/barriers/maintenance')
 * await barrier.wait() // At once if it is open.
 */
export class Barrier {
  readonly path: string
  readonly #zk: ZooKeeper

  constructor(zk: ZooKeeper, path: string) {
    this.path = path
    this.#zk = zk
  }

  /** Closes it. It stays closed until someone opens it: it belongs to no session. */
  close(options?: CallOptions): Promise<void> {
    return this.#zk.ensurePath(this.path, options)
  }

  /** Opens it; returns whether it was closed. */
  async open(options?: CallOptions): Promise<boolean> {
    try {
      await this.#zk.delete(this.path, { retry: true, ...options })
      return true
    } catch (error) {
      if (KeeperError.is(error, 'NONODE')) return false
      throw error
    }
  }

  /** Waits while it is closed. @throws {WaitTimeoutError} after `timeoutMs`; the signal's reason if it aborts */
  wait(options: WaitOptions = {}): Promise<void> {
    return within(this.#zk, this.path, options, (signal) =>
      acrossSessions(this.#zk, signal, (session) => this.#zk.waitForDeletion(this.path, patient(session, signal))),
    )
  }
}
