import type { Zxid } from '@vivarium/protocol'
import { MultiError, RequestError } from '../../errors.ts'
import { Op, type Results, type WriteOp } from '../../requests/multi.ts'
import type { Session } from '../../session/session.ts'
import type { ZooKeeper } from '../../zookeeper.ts'
import { type LossReason, OwnershipLostError } from './errors.ts'
import type { OwnedNode } from './owned-node.ts'

/**
 * When what is held counts as lost, at the latest.
 *
 * - `suspended`: when the connection is gone. The default
 * - `lost`: when the session may be, as the client's own clock says: work goes on through short losses of the connection, for
 *   as long as no server can have given the session up, even if the last one died right after it had answered
 */
export type Certainty = 'suspended' | 'lost'

/**
 * Something that is held, by an ephemeral znode: a lock, a lease, leadership. It begins certain, and ends once: `signal`
 * then aborts with an {@link OwnershipLostError}. A holding never comes back; its znode stays until `release`, so
 * that nobody else gets in while work under it is being stopped.
 *
 * @example
 * await using lock = await mutex.acquire()
 * await work({ signal: lock.signal, fence: lock.token })
 */
export class Holding implements AsyncDisposable {
  /** Its znode. */
  readonly path: string
  /**
   * A fencing token: the `czxid` of the znode. Whoever holds later has a greater one, so that a store which has seen a
   * greater one can refuse this one.
   */
  readonly token: Zxid
  /** The session that it lives and dies with. */
  readonly session: Session
  readonly #node: OwnedNode
  readonly #certainty: Certainty
  readonly #remove: () => Promise<void>
  readonly #end = new AbortController()
  readonly #unsubscribe: () => void
  #released: Promise<void> | null = null

  /** @param remove gives up what stands for it; by default the znode */
  constructor(node: OwnedNode, certainty: Certainty = 'suspended', remove = (): Promise<void> => node.remove()) {
    this.path = node.path
    this.token = node.czxid
    this.session = node.session
    this.#node = node
    this.#certainty = certainty
    this.#remove = remove
    const look = (): void => this.#look()
    const unsubscribe = [node.zk.onState(look), node.session.onDoubt(look)]
    node.gone.addEventListener('abort', look)
    this.#unsubscribe = () => {
      for (const each of unsubscribe) each()
      node.gone.removeEventListener('abort', look)
    }
    this.#look()
  }

  /** Aborts when it is not surely held any more, and when it is released. */
  get signal(): AbortSignal {
    return this.#end.signal
  }

  get isHeld(): boolean {
    return !this.signal.aborted && this.#node.session.isSure
  }

  /** Aborts when someone asks for it back, by `requestRevocation` or Curator's Revoker. Heeding it is up to the holder. */
  get revocation(): AbortSignal {
    return this.#node.revocation
  }

  /**
   * A multi that is applied only if the znode is still there at that moment, whatever this client believes.
   *
   * @throws {OwnershipLostError} if it is not; {@link MultiError} if one of the operations failed; {@link RequestError}
   * with `maybeApplied` if the answer was lost
   */
  guard<const T extends readonly WriteOp<unknown>[]>(operations: T): Promise<Results<T>> {
    return guarded(this.#node.zk, [this], operations)
  }

  /** Another handle on the same znode, with a signal and a release of its own: for recipes that count. */
  again(remove: () => Promise<void>): Holding {
    return new Holding(this.#node, this.#certainty, remove)
  }

  /** Gives it back. Resolves once it is free for others, or its session is over. Safe to call twice. */
  release(): Promise<void> {
    this.#finish('released')
    this.#released ??= this.#remove()
    return this.#released
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }

  #look(): void {
    const { zk, session, gone } = this.#node
    if (gone.aborted) this.#finish((gone.reason as OwnershipLostError).reason)
    else if (!session.isLive) this.#finish('session')
    else if (zk.state === 'read-only') this.#finish('read-only')
    else if (zk.state === 'suspended' && this.#certainty === 'suspended') this.#finish('suspended')
    else if (!session.isSure) {
      this.#finish('suspended')
      session.reassure()
    }
  }

  #finish(reason: LossReason): void {
    if (this.signal.aborted) return
    this.#unsubscribe()
    this.#end.abort(new OwnershipLostError(this.path, reason))
  }
}

/** A multi that is applied only if the znodes of all these holdings are there. */
export async function guarded<const T extends readonly WriteOp<unknown>[]>(
  zk: ZooKeeper,
  holdings: readonly Holding[],
  operations: T,
): Promise<Results<T>> {
  const checks = holdings.map(({ path }) => Op.check(path))
  const last = holdings.at(-1) as Holding
  try {
    const results = await zk.multi([...checks, ...operations], { session: last.session })
    return results.slice(checks.length) as Results<T>
  } catch (error) {
    if (error instanceof MultiError) throw afterChecks(error, holdings)
    const wasRefused = error instanceof RequestError && error.code === 'SESSIONEXPIRED' && !error.maybeApplied
    throw wasRefused ? new OwnershipLostError(last.path, 'session') : error
  }
}

/** What a multi with checks before it says of what comes after them. */
function afterChecks({ code, path, index, results }: MultiError, holdings: readonly Holding[]): Error {
  const lost = holdings[index]
  if (lost === undefined) return new MultiError(code, path, index - holdings.length, results.slice(holdings.length))
  const { reason } = lost.signal
  const isReleased = reason instanceof OwnershipLostError && reason.reason === 'released'
  return new OwnershipLostError(lost.path, isReleased ? 'released' : 'deleted')
}
