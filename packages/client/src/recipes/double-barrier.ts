import { joinPath, KeeperError } from '@vivarium/protocol'
import { ArgumentError } from '../errors.ts'
import type { DataInput } from '../requests/arguments.ts'
import type { Session } from '../session/session.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { Change } from './support/change.ts'
import { OwnedNode } from './support/owned-node.ts'
import { acrossSessions, patient, within } from './support/waiting.ts'

export interface DoubleBarrierOptions {
  /** How many have to come before any goes on. All have to say the same. */
  readonly members: number
  /** What others see of this member. */
  readonly data?: DataInput | undefined
}

const READY = 'ready'

/**
 * Lets all begin together and end together: Curator's DistributedDoubleBarrier, kazoo's DoubleBarrier. One object is one
 * member.
 *
 * @example
 * const barrier = new DoubleBarrier(zk, '/barriers/step-1', { members: 3 })
 * await barrier.enter()
 * await compute()
 * await barrier.leave()
 */
export class DoubleBarrier {
  readonly path: string
  readonly #zk: ZooKeeper
  readonly #options: DoubleBarrierOptions
  #node: OwnedNode | null = null

  /** @throws {ArgumentError} */
  constructor(zk: ZooKeeper, path: string, options: DoubleBarrierOptions) {
    const { members } = options
    if (!Number.isInteger(members) || members < 1)
      throw new ArgumentError(`members is ${members}: an integer above 0 is wanted`)
    this.path = path
    this.#zk = zk
    this.#options = options
  }

  /** Waits until all have come. @throws {WaitTimeoutError} after `timeoutMs`, and this member is taken back */
  enter(options: WaitOptions = {}): Promise<void> {
    return within(this.#zk, this.path, options, (signal) =>
      acrossSessions(this.#zk, signal, (session) => this.#enter(session, signal)),
    )
  }

  /** Waits until all have left, or lost their sessions. @throws {WaitTimeoutError} after `timeoutMs`; this member has left then */
  async leave(options: WaitOptions = {}): Promise<void> {
    const node = this.#node
    this.#node = null
    try {
      await within(this.#zk, this.path, options, (signal) =>
        acrossSessions(this.#zk, signal, (session) => this.#leave(node, session, signal)),
      )
    } catch (error) {
      void node?.remove().catch(() => {})
      throw error
    }
  }

  async #enter(session: Session, signal: AbortSignal): Promise<void> {
    const call = patient(session, signal)
    const how = { mode: 'EPHEMERAL', data: this.#options.data } as const
    const node = await OwnedNode.create(this.#zk, joinPath(this.path, 'member'), session, how, signal)
    const ready = joinPath(this.path, READY)
    try {
      // Watched before the members are counted: whoever completes them may have left and removed it before we look.
      const opened = new Change()
      const isOpen = (await this.#zk.exists(ready, { ...call, watcher: opened.watcher })) !== null
      const names = await this.#zk.getChildren(this.path, call)
      if (!isOpen && names.length >= this.#options.members) await this.#zk.ensurePath(ready, call)
      else if (!isOpen) await opened.happened(signal)
      this.#node = node
    } catch (error) {
      void node.remove().catch(() => {})
      throw error
    }
  }

  /** The lowest waits for the highest, time and again; all others leave and wait for the lowest. So there is no herd. */
  async #leave(node: OwnedNode | null, session: Session, signal: AbortSignal): Promise<void> {
    const call = patient(session, signal)
    for (;;) {
      const names = await this.#zk.getChildren(this.path, call).catch(ifAbsent([]))
      const members = names.filter((name) => name !== READY).sort()
      const [lowest] = members
      if (lowest === undefined) break
      if (lowest === node?.name && members.length > 1) {
        await this.#zk.waitForDeletion(joinPath(this.path, members.at(-1) as string), call)
      } else {
        await node?.remove()
        if (lowest !== node?.name) await this.#zk.waitForDeletion(joinPath(this.path, lowest), call)
      }
    }
    await this.#zk.delete(joinPath(this.path, READY), { ...call, retry: true }).catch(ifAbsent(undefined))
  }
}

function ifAbsent<T>(instead: T): (error: unknown) => T {
  return (error) => {
    if (KeeperError.is(error, 'NONODE')) return instead
    throw error
  }
}
