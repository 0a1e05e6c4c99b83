import { joinPath, KeeperError } from '@vivarium/protocol'
import { orAborted } from '../compound/or-aborted.ts'
import { ArgumentError } from '../errors.ts'
import type { CallOptions } from '../requests/request.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { type LockOptions, Mutex } from './mutex.ts'
import { Change } from './support/change.ts'
import { type Contender, childrenOf } from './support/contend.ts'
import { Holding } from './support/holding.ts'
import { OwnedNode } from './support/owned-node.ts'
import { acrossSessions, connectedSession, patient, within } from './support/waiting.ts'

export interface SemaphoreOptions extends LockOptions {
  /** How many leases there are. All clients have to say the same. */
  readonly leases: number
}

/**
 * A number of leases, each with one holder at a time: Curator's InterProcessSemaphoreV2, or kazoo's Semaphore. Those who
 * want some queue for a mutex; the one who has it waits until enough leases are free, so only that one watches them.
 *
 * @example
 * const semaphore = new Semaphore(zk, '/semaphores/importers', { leases: 4 })
 * await using lease = await semaphore.acquire()
 * await importNext({ signal: lease.signal })
 */
export class Semaphore {
  readonly path: string
  readonly leases: number
  readonly #zk: ZooKeeper
  readonly #directory: string
  readonly #guard: Mutex
  readonly #options: SemaphoreOptions

  /** @throws {ArgumentError} */
  constructor(zk: ZooKeeper, path: string, options: SemaphoreOptions) {
    const { leases, layout, acl, data } = options
    if (!Number.isInteger(leases) || leases < 1)
      throw new ArgumentError(`leases is ${leases}: an integer above 0 is wanted`)
    const isKazoo = layout === 'kazoo'
    this.path = path
    this.leases = leases
    this.#zk = zk
    this.#options = options
    this.#directory = isKazoo ? path : joinPath(path, 'leases')
    // What the mutex is for is in order whenever the leases are counted: a short loss of the connection does not matter.
    this.#guard = new Mutex(zk, isKazoo ? `${path}-__lock__` : joinPath(path, 'locks'), {
      layout,
      acl,
      data,
      certainty: 'lost',
    })
  }

  /** Waits for a lease. @throws {WaitTimeoutError} after `timeoutMs`; the signal's reason if it aborts */
  async acquire(options: WaitOptions = {}): Promise<Holding> {
    const [lease] = await this.acquireMany(1, options)
    return lease as Holding
  }

  /** Waits for several leases; takes all of them or none. */
  async acquireMany(count: number, options: WaitOptions = {}): Promise<Holding[]> {
    if (!Number.isInteger(count) || count < 1 || count > this.leases) {
      throw new ArgumentError(`${count} leases: there are ${this.leases}`)
    }
    return within(this.#zk, this.path, options, (signal) => this.#acquire(count, true, signal) as Promise<Holding[]>)
  }

  /** A lease, if one is free and nobody else waits for it; null otherwise. */
  async tryAcquire(options: WaitOptions = {}): Promise<Holding | null> {
    const leases = await within(this.#zk, this.path, options, (signal) => this.#acquire(1, false, signal))
    return leases === null ? null : (leases[0] as Holding)
  }

  /** Who holds a lease, or is next in line for one, in no particular order. */
  async holders(options?: CallOptions): Promise<Contender[]> {
    const names = await childrenOf(this.#zk, this.#directory, options)
    const read = async (name: string): Promise<Contender[]> => {
      const path = joinPath(this.#directory, name)
      try {
        return [{ path, data: (await this.#zk.getData(path, options)).data }]
      } catch (error) {
        if (KeeperError.is(error, 'NONODE')) return []
        throw error
      }
    }
    return (await Promise.all(names.map(read))).flat()
  }

  async #acquire(count: number, wait: boolean, signal: AbortSignal): Promise<Holding[] | null> {
    if (this.#options.layout === 'kazoo') await this.#describe(signal)
    return acrossSessions(this.#zk, signal, async () => {
      const turn = wait ? await this.#guard.acquire({ signal }) : await this.#guard.tryAcquire({ signal })
      if (turn === null) return null
      const nodes: OwnedNode[] = []
      try {
        while (nodes.length < count) nodes.push(await this.#lease(turn, signal))
        const leases = await this.#untilFree(turn, nodes, wait, signal)
        if (leases === null) await Promise.all(nodes.map((node) => node.remove()))
        await turn.release()
        return leases
      } catch (error) {
        for (const node of nodes) void node.remove().catch(() => {})
        void turn.release().catch(() => {})
        throw error
      }
    })
  }

  #lease(turn: Holding, signal: AbortSignal): Promise<OwnedNode> {
    const { layout, data, acl } = this.#options
    const isKazoo = layout === 'kazoo'
    const path = joinPath(this.#directory, isKazoo ? 'lease' : 'lease-')
    const mode = isKazoo ? 'EPHEMERAL' : 'EPHEMERAL_SEQUENTIAL'
    return OwnedNode.create(this.#zk, path, turn.session, { mode, data, acl }, signal)
  }

  /** Waits until the leases, ours included, are no more than there may be. Nobody takes one meanwhile: it is our turn. */
  async #untilFree(
    { session }: Holding,
    nodes: readonly OwnedNode[],
    wait: boolean,
    signal: AbortSignal,
  ): Promise<Holding[] | null> {
    const call = patient(session, signal)
    await orAborted(Promise.all(nodes.map((node) => node.watch())), signal)
    for (;;) {
      const change = new Change()
      const names = await this.#zk.getChildren(this.#directory, { ...call, watcher: change.watcher })
      if (names.length <= this.leases) {
        const leases = nodes.map((node) => new Holding(node, this.#options.certainty))
        if (leases.every((lease) => lease.isHeld)) return leases
        for (const node of nodes) node.gone.throwIfAborted()
        await connectedSession(this.#zk, signal) // The connection was lost since: look again.
      } else {
        if (!wait) return null
        await change.happened(signal)
      }
    }
  }

  /**
   * kazoo keeps the number of leases in the znode, and refuses to work with another. (A number that is written twice is
   * refused the second time, for its version, and read then.)
   */
  async #describe(signal: AbortSignal): Promise<void> {
    const call = { ...patient(undefined, signal), acrossSessions: true }
    await this.#zk.ensurePath(this.path, call)
    const { data, stat } = await this.#zk.getData(this.path, call)
    const text = data.toString()
    if (text === '') {
      try {
        await this.#zk.setData(this.path, String(this.leases), { ...call, retry: true, version: stat.version })
        return
      } catch (error) {
        if (!KeeperError.is(error, 'BADVERSION')) throw error
      }
      return this.#describe(signal)
    }
    if (/^\d+$/.test(text) && Number(text) !== this.leases) {
      throw new ArgumentError(`${this.path} has ${text} leases, and not ${this.leases}`)
    }
  }
}
