import { joinPath } from '@vivarium/protocol'
import { orAborted } from '../compound/or-aborted.ts'
import { ArgumentError } from '../errors.ts'
import { uuid } from '../random.ts'
import type { DataInput } from '../requests/arguments.ts'
import type { Session } from '../session/session.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { Change } from './support/change.ts'
import { childrenOf } from './support/contend.ts'
import { deleteIfThere, OwnedNode } from './support/owned-node.ts'
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
  /** One and the same in all sessions, so that no member counts twice. */
  readonly #member: string
  #node: OwnedNode | null = null
  /** Settled once the znode of a try that was given up is gone. */
  #removed: Promise<void> = Promise.resolve()

  /** @throws {ArgumentError} */
  constructor(zk: ZooKeeper, path: string, options: DoubleBarrierOptions) {
    const { members } = options
    if (!Number.isInteger(members) || members < 1)
      throw new ArgumentError(`members is ${members}: an integer above 0 is wanted`)
    this.path = path
    this.#zk = zk
    this.#options = options
    this.#member = joinPath(path, `_c_${uuid(zk.env.random)}-member`)
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
      if (node !== null) this.#removed = node.remove().catch(() => {})
      throw error
    }
  }

  async #enter(session: Session, signal: AbortSignal): Promise<void> {
    const call = patient(session, signal)
    await orAborted(this.#removed, signal)
    const coming = OwnedNode.mine(this.#zk, this.#member, session, { data: this.#options.data })
    const ready = joinPath(this.path, READY)
    try {
      const node = await orAborted(coming, signal)
      // Watched before the members are counted: whoever completes them may have left and removed it before we look.
      const opened = new Change()
      const isOpen = (await this.#zk.exists(ready, { ...call, watcher: opened.watcher })) !== null
      const names = await this.#zk.getChildren(this.path, call)
      if (!isOpen && names.length >= this.#options.members) await this.#zk.ensurePath(ready, call)
      else if (!isOpen) await opened.happened(signal)
      this.#node = node
    } catch (error) {
      this.#removed = coming.then((node) => node.remove()).catch(() => {})
      throw error
    }
  }

  /** The lowest waits for the highest, time and again; all others leave and wait for the lowest. So there is no herd. */
  async #leave(entered: OwnedNode | null, session: Session, signal: AbortSignal): Promise<void> {
    const call = patient(session, signal)
    const node = entered?.session === session ? entered : null
    // Servers may not know yet that the session in which it was created is over.
    if (node !== entered) await deleteIfThere(this.#zk, this.#member, call)
    for (;;) {
      const names = await childrenOf(this.#zk, this.path, call)
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
    await deleteIfThere(this.#zk, joinPath(this.path, READY), call)
  }
}
