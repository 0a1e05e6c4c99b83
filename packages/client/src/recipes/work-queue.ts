import { joinPath, KeeperError } from '@vivarium/protocol'
import { orAborted } from '../compound/or-aborted.ts'
import { maybeApplied } from '../errors.ts'
import type { WatchOptions } from '../operations.ts'
import { Op } from '../requests/multi.ts'
import type { CallOptions } from '../requests/request.ts'
import type { Session } from '../session/session.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { Change } from './support/change.ts'
import { OwnershipLostError } from './support/errors.ts'
import { type Certainty, Holding } from './support/holding.ts'
import { ItemQueue, KAZOO_ITEM, kazooPrefix, textOrder } from './support/item-queue.ts'
import { OwnedNode } from './support/owned-node.ts'
import { acrossSessions, connectedSession, patient, within } from './support/waiting.ts'

export interface WorkQueueOptions {
  /** When a worker is to count its item as lost. Default: `suspended`. */
  readonly certainty?: Certainty | undefined
}

/** An item of work that is ours until it is done or given back. */
export class WorkItem implements AsyncDisposable {
  readonly name: string
  readonly data: Buffer
  /** What says that it is ours: its `signal`, fencing `token` and `guard`. */
  readonly holding: Holding
  readonly #entry: string

  constructor(entry: string, name: string, data: Buffer, holding: Holding) {
    this.#entry = entry
    this.name = name
    this.data = data
    this.holding = holding
  }

  get signal(): AbortSignal {
    return this.holding.signal
  }

  /**
   * Takes it out of the queue for good, if it is still ours.
   *
   * @throws {OwnershipLostError} if it is not: someone else does it, or has done it; an error that says
   * `maybeApplied` if the session or the client ended before we were told: it is done, or goes to others
   */
  async done(): Promise<void> {
    const { holding } = this
    let doubt: unknown = null
    for (;;) {
      try {
        await holding.guard([Op.delete(this.#entry), Op.delete(holding.path)])
        break
      } catch (error) {
        if (maybeApplied(error)) doubt = error
        if (KeeperError.is(error, 'CONNECTIONLOSS')) continue
        if (doubt === null) throw error
        // While the session lives only we delete what says that it is ours, and the item with it: so that was applied.
        if (isGone(error)) break
        throw doubt
      }
    }
    await holding.release()
  }

  /** Gives it to others, unless it is done. */
  giveBack(): Promise<void> {
    return this.holding.release()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.giveBack()
  }
}

/** Whether the item, or what said that it was ours, is not there; someone may have come for it since, and leave again. */
function isGone(error: unknown): boolean {
  return KeeperError.is(error, 'NONODE') || (error instanceof OwnershipLostError && error.reason === 'deleted')
}

/**
 * A set of work: each item is done by one worker at a time, and stays until it is done: kazoo's LockingQueue. A worker
 * that is lost loses its item to the others; so an item may be begun more than once.
 *
 * @example
 * const work = new WorkQueue(zk, '/work/thumbnails')
 * await using item = await work.take({ signal })
 * await render(item.data, { signal: item.signal })
 * await item.done() // Without this, the item goes back.
 */
export class WorkQueue {
  readonly path: string
  readonly #zk: ZooKeeper
  readonly #items: ItemQueue
  readonly #entries: string
  readonly #taken: string
  readonly #options: WorkQueueOptions

  constructor(zk: ZooKeeper, path: string, options: WorkQueueOptions = {}) {
    this.path = path
    this.#zk = zk
    this.#options = options
    this.#entries = joinPath(path, 'entries')
    this.#taken = joinPath(path, 'taken')
    this.#items = new ItemQueue(zk, this.#entries, textOrder(KAZOO_ITEM))
  }

  /**
   * Puts an item in.
   *
   * @param priority from 0 to 999, the least first. Default 100, as kazoo's
   * @throws {RequestError} CONNECTIONLOSS with `maybeApplied` if the connection was lost: it may be in
   */
  async put(item: Uint8Array | string, priority = 100, options?: CallOptions): Promise<void> {
    await this.#items.put(kazooPrefix(priority), item, options)
  }

  /** Puts several items in, all or none. */
  async putAll(items: readonly (Uint8Array | string)[], priority = 100, options?: CallOptions): Promise<void> {
    const path = joinPath(this.#entries, kazooPrefix(priority))
    const creations = items.map((data) => Op.create(path, { data, mode: 'PERSISTENT_SEQUENTIAL' }))
    for (;;) {
      try {
        await this.#zk.multi(creations, options)
        return
      } catch (error) {
        if (!KeeperError.is(error, 'NONODE')) throw error
      }
      await this.#zk.ensurePath(this.#entries, options)
    }
  }

  /** Waits for an item that nobody has. @throws {WaitTimeoutError} after `timeoutMs`; the signal's reason if it aborts */
  take(options: WaitOptions = {}): Promise<WorkItem> {
    return within(
      this.#zk,
      this.path,
      options,
      (signal) => acrossSessions(this.#zk, signal, (session) => this.#take(session, true, signal)) as Promise<WorkItem>,
    )
  }

  /** An item, if there is one that nobody has; null otherwise. */
  poll(options: WaitOptions = {}): Promise<WorkItem | null> {
    return within(this.#zk, this.path, options, (signal) =>
      acrossSessions(this.#zk, signal, (session) => this.#take(session, false, signal)),
    )
  }

  /** How many items are not done, those that someone has included. */
  size(options?: CallOptions): Promise<number> {
    return this.#items.size(options)
  }

  async #take(session: Session, wait: boolean, signal: AbortSignal): Promise<WorkItem | null> {
    const { sort } = textOrder(KAZOO_ITEM)
    for (;;) {
      const change = new Change()
      const [entries, taken] = await this.#list({ ...patient(session, signal), watcher: change.watcher })
      const others = new Set(taken)
      for (const name of sort(entries)) {
        if (others.has(name)) continue
        const item = await this.#claim(name, session, signal)
        if (item !== null) return item
      }
      if (!wait) return null
      await change.happened(signal)
    }
  }

  /** What there is, and what someone has. Directories that are containers go when they are empty, even while someone waits. */
  async #list(options: WatchOptions): Promise<[entries: string[], taken: string[]]> {
    for (;;) {
      try {
        return await Promise.all([
          this.#zk.getChildren(this.#entries, options),
          this.#zk.getChildren(this.#taken, options),
        ])
      } catch (error) {
        if (!KeeperError.is(error, 'NONODE')) throw error
      }
      for (const path of [this.#entries, this.#taken]) await this.#zk.ensurePath(path, options)
    }
  }

  /** Makes the item ours, if nobody has it and it is not done. */
  async #claim(name: string, session: Session, signal: AbortSignal): Promise<WorkItem | null> {
    signal.throwIfAborted()
    const entry = joinPath(this.#entries, name)
    const node = await OwnedNode.claim(this.#zk, joinPath(this.#taken, name), session)
    if (node === null) return null
    try {
      for (;;) {
        const [{ data }] = await Promise.all([
          this.#zk.getData(entry, node.call(signal)),
          orAborted(node.watch(), signal),
        ])
        const holding = new Holding(node, this.#options.certainty)
        if (holding.isHeld) return new WorkItem(entry, name, data, holding)
        await connectedSession(this.#zk, signal)
      }
    } catch (error) {
      const removed = node.remove().catch(() => {})
      if (!KeeperError.is(error, 'NONODE')) throw error
      await removed // It was done before we came.
      return null
    }
  }
}
