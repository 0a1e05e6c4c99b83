import type { Timer } from '@vivarium/env'
import { joinPath, KeeperError } from '@vivarium/protocol'
import type { CreateOptions, DataInput } from '../../requests/arguments.ts'
import type { ZooKeeper } from '../../zookeeper.ts'
import { PersistentNode } from './persistent-node.ts'

export interface PersistentTtlNodeOptions extends Pick<CreateOptions, 'acl'> {
  /** How long it outlives its keeper, in milliseconds. Servers look from time to time: it can take a minute more. */
  readonly ttlMs: number
  /** Default: empty. */
  readonly data?: DataInput | undefined
  /** The child that is touched. Default: `touch`, as Curator's. */
  readonly child?: string | undefined
  /** How often within its `ttlMs` it is touched. Default 2. */
  readonly touches?: number | undefined
}

/**
 * A znode that is not bound to a session: it stays as long as its keeper touches it, and `ttlMs` longer, through new
 * sessions and restarts. What is touched is a child with the same TTL, as in Curator's PersistentTtlNode; a znode that has
 * children stays.
 *
 * @example
 * await using node = await PersistentTtlNode.start(zk, '/jobs/j1', { ttlMs: 60_000, data: 'running' })
 */
export class PersistentTtlNode implements AsyncDisposable {
  readonly #zk: ZooKeeper
  readonly #node: PersistentNode
  readonly #child: string
  readonly #creation: CreateOptions
  readonly #timer: Timer
  #touching: Promise<void> | null = null

  private constructor(zk: ZooKeeper, node: PersistentNode, options: PersistentTtlNodeOptions) {
    const { ttlMs, acl, child = 'touch', touches = 2 } = options
    this.#zk = zk
    this.#node = node
    this.#child = joinPath(node.path, child)
    this.#creation = { mode: 'PERSISTENT_WITH_TTL', ttlMs, acl }
    this.#timer = zk.env.clock.every(ttlMs / touches, () => void this.touch())
  }

  /** A znode that is there and was touched. @throws what the servers refuse it with; UNIMPLEMENTED: they have no TTL */
  static async start(
    zk: ZooKeeper,
    path: string,
    options: PersistentTtlNodeOptions & { readonly signal?: AbortSignal | undefined },
  ): Promise<PersistentTtlNode> {
    const { ttlMs, data, acl, signal } = options
    const how = { mode: 'PERSISTENT_WITH_TTL', keep: true, ttlMs, data, acl, signal } as const
    const node = new PersistentTtlNode(zk, await PersistentNode.start(zk, path, how), options)
    await node.touch()
    return node
  }

  get path(): string {
    return this.#node.path
  }

  /** The znode that is kept. */
  get node(): PersistentNode {
    return this.#node
  }

  setData(data: DataInput, signal?: AbortSignal): Promise<void> {
    return this.#node.setData(data, signal)
  }

  /** Touches it now. It happens by itself. */
  touch(): Promise<void> {
    this.#touching ??= this.#touch().finally(() => {
      this.#touching = null
    })
    return this.#touching
  }

  /** Ends the touching. The znode stays for its TTL, for whoever takes it up again. */
  async close(): Promise<void> {
    this.#timer.cancel()
    await this.#node.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #touch(): Promise<void> {
    const how = { retry: true, acrossSessions: true }
    try {
      await this.#zk.setData(this.#child, '', how)
    } catch (error) {
      if (!KeeperError.is(error, 'NONODE')) return this.#complain(error)
      // NONODE again: the znode itself is gone, and is being created. The next touch finds it.
      await this.#zk.create(this.#child, { ...this.#creation, ...how }).catch((error) => {
        if (!KeeperError.is(error, 'NODEEXISTS', 'NONODE')) this.#complain(error)
      })
    }
  }

  #complain(error: unknown): void {
    this.#zk.env.log.warn(`${this.#child} could not be touched`, { error })
  }
}
