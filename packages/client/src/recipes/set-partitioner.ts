import { joinPath } from '@vivarium/protocol'
import { orAborted } from '../compound/or-aborted.ts'
import { uuid } from '../random.ts'
import type { Session } from '../session/session.ts'
import type { ZooKeeper } from '../zookeeper.ts'
import { Mutex } from './mutex.ts'
import { Change } from './support/change.ts'
import { OwnershipLostError } from './support/errors.ts'
import type { Certainty, Holding } from './support/holding.ts'
import { OwnedNode } from './support/owned-node.ts'
import { connectedSession, patient } from './support/waiting.ts'

export interface SetPartitionerOptions {
  /** Who this member is; nobody else may say the same. */
  readonly id: string
  /** Says which items a member has. All members have to say the same. Default: every n-th, as kazoo. */
  readonly partition?:
    | ((items: readonly string[], members: readonly string[], id: string) => readonly string[])
    | undefined
  /** How long members have to stay the same before the set is divided, in milliseconds. Default 1000. */
  readonly settleMs?: number | undefined
  /** When a member is to count its share as lost. Default: `suspended`. */
  readonly certainty?: Certainty | undefined
}

/** What a member has of the set. */
export interface Share {
  readonly items: readonly string[]
  /** Aborts when the members have changed, or an item is not surely ours any more: work on all of them is to stop. */
  readonly signal: AbortSignal
  /** The lock of each item, with its fencing token and its `guard`. */
  readonly locks: ReadonlyMap<string, Holding>
}

/**
 * Divides a set among those who are there, anew whenever one comes or goes: kazoo's SetPartitioner. Each item is locked
 * by the member that has it, so that no two ever do.
 *
 * @example
 * const partitioner = new SetPartitioner(zk, '/partitions/logs', ['a', 'b', 'c', 'd'], { id: hostname() })
 * for await (const { items, signal } of partitioner.shares()) {
 *   await Promise.all(items.map((item) => tail(item, { signal }))) // Comes back once the signal has aborted.
 * }
 */
export class SetPartitioner {
  readonly path: string
  readonly items: readonly string[]
  readonly #zk: ZooKeeper
  readonly #options: SetPartitionerOptions
  readonly #party: string

  constructor(zk: ZooKeeper, path: string, items: readonly string[], options: SetPartitionerOptions) {
    this.path = path
    this.items = items.toSorted()
    this.#zk = zk
    this.#options = options
    this.#party = joinPath(path, 'party')
  }

  /**
   * Our share, one after another. A share is ours until its signal aborts; if the body comes back before, it stays ours
   * until then. Leaving the loop leaves the members.
   */
  async *shares(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<Share, never> {
    const signal = options.signal ?? new AbortController().signal
    for (;;) {
      const session = await connectedSession(this.#zk, signal)
      try {
        yield* this.#sharesOf(session, signal)
      } catch (error) {
        const isLost = !session.isLive || error instanceof OwnershipLostError
        if (!isLost || signal.aborted) throw error
      }
    }
  }

  async *#sharesOf(session: Session, signal: AbortSignal): AsyncGenerator<Share, never> {
    const { random } = this.#zk.env
    await this.#zk.ensurePath(this.#party, patient(session, signal))
    // kazoo finds the id after the first dash.
    const name = `${uuid(random).replaceAll('-', '')}-${this.#options.id}`
    const member = (await OwnedNode.claim(this.#zk, joinPath(this.#party, name), session)) as OwnedNode
    try {
      for (;;) {
        const locks = new Map<string, Holding>()
        try {
          const share = await this.#allocate(member, locks, signal)
          if (share === null) continue
          yield share
          await aborted(share.signal)
          signal.throwIfAborted()
        } finally {
          await Promise.all([...locks.values()].map((lock) => lock.release()))
        }
      }
    } finally {
      await member.remove()
    }
  }

  /** Divides the set and locks what is ours; null if the members have changed before that was done. */
  async #allocate(member: OwnedNode, locks: Map<string, Holding>, signal: AbortSignal): Promise<Share | null> {
    const { id, partition = everyNth, settleMs = 1000, certainty } = this.#options
    const change = new Change()
    const names = await this.#zk.getChildren(this.#party, { ...member.call(signal), watcher: change.watcher })
    if (!names.includes(member.name)) throw new OwnershipLostError(member.path, 'deleted')
    const end = new AbortController()
    const over = (reason: unknown): void => end.abort(reason)
    const given = (): void => over(signal.reason)
    signal.addEventListener('abort', given, { once: true })
    end.signal.addEventListener('abort', () => signal.removeEventListener('abort', given), { once: true })
    change.happened(end.signal).then(() => over(CHANGED), over)
    try {
      if (settleMs > 0) await this.#pause(settleMs, end.signal)
      const members = names.map((name) => name.slice(name.indexOf('-') + 1)).sort()
      const items = partition(this.items, members, id)
      for (const item of items) {
        const mutex = new Mutex(this.#zk, joinPath(joinPath(this.path, 'locks'), item), { layout: 'kazoo', certainty })
        const lock = await mutex.acquire({ signal: end.signal })
        locks.set(item, lock)
        if (lock.signal.aborted) over(lock.signal.reason)
        else lock.signal.addEventListener('abort', () => over(lock.signal.reason), { once: true })
      }
      end.signal.throwIfAborted()
      return { items, signal: end.signal, locks }
    } catch (error) {
      const isChange = end.signal.aborted && !signal.aborted && error === end.signal.reason
      over(error)
      if (isChange && member.session.isLive) return null
      throw error
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    let fire!: () => void
    const passed = new Promise<void>((resolve) => {
      fire = resolve
    })
    const timer = this.#zk.env.clock.after(ms, fire)
    try {
      await orAborted(passed, signal)
    } finally {
      timer.cancel()
    }
  }
}

const CHANGED = new Error('the members have changed')

function everyNth(items: readonly string[], members: readonly string[], id: string): readonly string[] {
  const mine = members.indexOf(id)
  return items.filter((_, at) => at % members.length === mine)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
