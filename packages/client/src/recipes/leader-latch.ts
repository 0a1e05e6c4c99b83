import { joinPath } from '@vivarium/protocol'
import { ClosedError } from '../errors.ts'
import type { CreateOptions } from '../requests/arguments.ts'
import type { CallOptions } from '../requests/request.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { type Contender, contenders, type Queue, takeTurn } from './support/contend.ts'
import type { OwnershipLostError } from './support/errors.ts'
import type { Certainty, Holding } from './support/holding.ts'
import { OwnedNode } from './support/owned-node.ts'
import { acrossSessions, within } from './support/waiting.ts'

export interface LeaderLatchOptions {
  /** What others see of this participant. */
  readonly id?: string | undefined
  readonly acl?: CreateOptions['acl']
  /** When a leader is to count its leadership as lost. Default: `suspended`. */
  readonly certainty?: Certainty | undefined
}

/**
 * Takes part in the choice of a leader until it is closed: Curator's LeaderLatch. Leadership that was lost with the
 * connection comes back with it, unless the session has ended; then the participant queues anew.
 *
 * @example
 * await using latch = new LeaderLatch(zk, '/leaders/scheduler', { id: hostname() })
 * for (;;) {
 *   const leadership = await latch.leadership()
 *   await schedule({ signal: leadership.signal, fence: leadership.token })
 * }
 */
export class LeaderLatch implements AsyncDisposable {
  readonly path: string
  readonly id: string
  readonly #zk: ZooKeeper
  readonly #options: LeaderLatchOptions
  readonly #queue: Queue
  readonly #closing = new AbortController()
  readonly #listeners = new Set<(leadership: Holding | null) => void>()
  #current: Holding | null = null
  readonly #running: Promise<void>
  #failure: unknown = null

  /** A participant that begins to take part. */
  constructor(zk: ZooKeeper, path: string, options: LeaderLatchOptions = {}) {
    this.path = path
    this.id = options.id ?? ''
    this.#zk = zk
    this.#options = options
    this.#queue = { directory: path, name: 'latch-', blockers: ['latch-'] }
    this.#running = this.#run().catch((error) => this.#failed(error))
  }

  get isLeader(): boolean {
    return this.#current?.isHeld ?? false
  }

  /**
   * Waits until this participant leads, and returns its leadership. Releasing that gives it to the next one, and queues
   * anew.
   *
   * @throws {ClosedError} if the latch or the client is closed; {@link WaitTimeoutError} after `timeoutMs`; what the
   * servers refused, such as NOAUTH, after which the latch takes part no more
   */
  leadership(options: WaitOptions = {}): Promise<Holding> {
    return within(
      this.#zk,
      this.path,
      options,
      (signal) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            if (signal.aborted) reject(signal.reason)
            else if (this.#failure !== null) reject(this.#failure)
            else if (this.#current?.isHeld) resolve(this.#current)
            else return
            this.#listeners.delete(look)
            signal.removeEventListener('abort', look)
          }
          this.#listeners.add(look)
          signal.addEventListener('abort', look, { once: true })
          look()
        }),
    )
  }

  /** Calls `listener` with each leadership of ours as it begins, and with null as it ends. Returns a function that ends this. */
  onChange(listener: (leadership: Holding | null) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Those who take part, in their order: the first leads. Their `data` is the id. */
  participants(options?: CallOptions): Promise<Contender[]> {
    return contenders(this.#zk, this.path, this.#queue.blockers, options)
  }

  /** Takes part no more. Resolves once the next one can lead. */
  async close(): Promise<void> {
    this.#closing.abort(new ClosedError(new Error('the latch was closed')))
    await this.#current?.release()
    await this.#running
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** One loop does all, so that no answer to an older question can overtake a newer one (CURATOR-498, CURATOR-644). */
  #run(): Promise<never> {
    const { signal } = this.#closing
    const { id, acl } = { id: this.id, acl: this.#options.acl }
    return acrossSessions(this.#zk, signal, async (session) => {
      const how = { mode: 'EPHEMERAL_SEQUENTIAL', data: id, acl } as const
      const node = await OwnedNode.create(this.#zk, joinPath(this.path, this.#queue.name), session, how, signal)
      try {
        for (;;) await this.#lead(node, signal)
      } finally {
        await node.remove()
      }
    })
  }

  /** Waits for leadership, and until it ends. Returns if the same znode may lead again. */
  async #lead(node: OwnedNode, signal: AbortSignal): Promise<void> {
    const leadership = (await takeTurn(node, this.#queue, this.#options, signal)) as Holding
    const ended = new Promise((resolve) => leadership.signal.addEventListener('abort', resolve, { once: true }))
    this.#tell(leadership)
    if (signal.aborted) await leadership.release()
    if (leadership.isHeld) await ended
    this.#tell(null)
    const lost = leadership.signal.reason as OwnershipLostError
    if (lost.reason !== 'suspended' && lost.reason !== 'read-only') throw lost
  }

  #tell(leadership: Holding | null): void {
    this.#current = leadership
    for (const listener of this.#listeners) listener(leadership)
  }

  #failed(error: unknown): void {
    this.#failure = this.#closing.signal.aborted ? this.#closing.signal.reason : error
    this.#tell(null)
  }
}
