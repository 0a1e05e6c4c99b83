import { joinPath, KeeperError } from '@vivarium/protocol'
import { orAborted } from '../../compound/or-aborted.ts'
import { ArgumentError, maybeApplied } from '../../errors.ts'
import type { CallOptions } from '../../requests/request.ts'
import type { Session } from '../../session/session.ts'
import type { WaitOptions, ZooKeeper } from '../../zookeeper.ts'
import { Change } from './change.ts'
import { childrenOf } from './contend.ts'
import { untilAnswered } from './until-answered.ts'
import { acrossSessions, connectedSession, patient, within } from './waiting.ts'

/** How items lie in a directory. */
export interface ItemOrder {
  /** The names of items, first come first; others are left out. */
  sort(names: readonly string[]): string[]
  /** When an item may be taken, in milliseconds since 1970. Default: at once. */
  dueMs?(name: string): number
}

export interface Item {
  readonly name: string
  readonly data: Buffer
}

/**
 * Items in a directory, each a persistent sequential znode: what all queues without acknowledgements are made of. An item
 * is read and then deleted; whoever deletes it has it.
 */
export class ItemQueue {
  readonly directory: string
  readonly #zk: ZooKeeper
  readonly #order: ItemOrder

  constructor(zk: ZooKeeper, directory: string, order: ItemOrder) {
    this.directory = directory
    this.#zk = zk
    this.#order = order
  }

  /** Puts an item in; returns the name it got. */
  async put(prefix: string, data: Uint8Array | string, options: CallOptions = {}): Promise<string> {
    const path = joinPath(this.directory, prefix)
    for (;;) {
      try {
        const created = await this.#zk.create(path, { ...options, data, mode: 'PERSISTENT_SEQUENTIAL' })
        return created.path.slice(this.directory.length + 1)
      } catch (error) {
        if (!KeeperError.is(error, 'NONODE')) throw error
      }
      await this.#zk.ensurePath(this.directory, { ...options, mode: 'CONTAINER' })
    }
  }

  /** How many items there are. */
  async size(options?: CallOptions): Promise<number> {
    return this.#order.sort(await childrenOf(this.#zk, this.directory, options)).length
  }

  /** The first item that is due, which stays; null if there is none. */
  async peek(options: CallOptions = {}): Promise<Item | null> {
    for (const name of this.#due(this.#order.sort(await childrenOf(this.#zk, this.directory, options)))) {
      const data = await this.#read(name, options)
      if (data !== null) return { name, data }
    }
    return null
  }

  /** Takes the first item that is due out; null if there is none. */
  poll(options: WaitOptions = {}): Promise<Item | null> {
    return within(this.#zk, this.directory, options, async (signal) => {
      const session = await connectedSession(this.#zk, signal)
      const taken = await this.#take(session, false, signal)
      if (taken instanceof InDoubt) throw taken.error
      return taken
    })
  }

  /** Waits for an item that is due, and takes it out. */
  take(options: WaitOptions = {}): Promise<Item> {
    return within(this.#zk, this.directory, options, async (signal) => {
      const taken = await acrossSessions(this.#zk, signal, (session) => this.#take(session, true, signal))
      if (taken instanceof InDoubt) throw taken.error
      return taken as Item
    })
  }

  async #take(session: Session, wait: boolean, signal: AbortSignal): Promise<Item | InDoubt | null> {
    const call = patient(session, signal)
    for (;;) {
      const change = new Change()
      const names = this.#order.sort(await this.#list(wait ? { ...call, watcher: change.watcher } : call))
      for (const name of this.#due(names)) {
        const data = await this.#read(name, call)
        if (data === null) continue
        const mine = await this.#remove(name, call)
        if (mine instanceof InDoubt) return mine
        if (mine) return { name, data }
      }
      if (!wait) return null
      await this.#changedOrDue(change, names, signal)
    }
  }

  async #list(options: Parameters<ZooKeeper['getChildren']>[1]): Promise<string[]> {
    for (;;) {
      try {
        return await this.#zk.getChildren(this.directory, options)
      } catch (error) {
        if (!KeeperError.is(error, 'NONODE')) throw error
      }
      if (options?.watcher === undefined) return []
      const { session, signal, timeoutMs } = options
      await this.#zk.ensurePath(this.directory, { session, signal, timeoutMs, mode: 'CONTAINER' })
    }
  }

  #due(names: readonly string[]): readonly string[] {
    const { dueMs } = this.#order
    if (dueMs === undefined) return names
    const nowMs = this.#zk.env.clock.wallMs()
    return names.filter((name) => dueMs(name) <= nowMs)
  }

  async #changedOrDue(change: Change, names: readonly string[], signal: AbortSignal): Promise<void> {
    const { clock } = this.#zk.env
    const nowMs = clock.wallMs()
    const waitMs = names.map((name) => (this.#order.dueMs?.(name) ?? 0) - nowMs).find((ms) => ms > 0)
    if (waitMs === undefined) return change.happened(signal)
    const end = new AbortController()
    const timer = clock.after(waitMs, () => end.abort(end))
    try {
      await orAborted(change.happened(signal), end.signal)
    } catch (error) {
      if (error !== end) throw error
    } finally {
      timer.cancel()
    }
  }

  async #read(name: string, options: CallOptions): Promise<Buffer | null> {
    try {
      return (await this.#zk.getData(joinPath(this.directory, name), options)).data
    } catch (error) {
      if (KeeperError.is(error, 'NONODE')) return null
      throw error
    }
  }

  /** Whether it was we who deleted it. Once a request for it has left, giving up would lose the item: it goes on. */
  async #remove(name: string, { session, signal }: CallOptions): Promise<boolean | InDoubt> {
    signal?.throwIfAborted()
    try {
      await untilAnswered(() => this.#zk.delete(joinPath(this.directory, name), patient(session)))
      return true
    } catch (error) {
      if (maybeApplied(error)) return new InDoubt(error)
      if (KeeperError.is(error, 'NONODE')) return false
      throw error
    }
  }
}

/** The item is gone, and nobody can say whether it was we who took it. */
class InDoubt {
  readonly error: unknown

  constructor(error: unknown) {
    this.error = error
  }
}

/** kazoo's names of items: a priority of three digits, the least first, and the number. */
export const KAZOO_ITEM = /^entry-\d{3}-\d{10}$/

/** @throws {ArgumentError} */
export function kazooPrefix(priority: number): string {
  if (Number.isInteger(priority) && priority >= 0 && priority <= 999)
    return `entry-${String(priority).padStart(3, '0')}-`
  throw new ArgumentError(`priority is ${priority}: an integer from 0 to 999 is wanted`)
}

/** The order of names that are made to be sorted as text. */
export function textOrder(pattern: RegExp): ItemOrder {
  return { sort: (names) => names.filter((name) => pattern.test(name)).sort() }
}
