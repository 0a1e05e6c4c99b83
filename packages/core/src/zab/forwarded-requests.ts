import type { LoggedTxn } from './logged-txn.ts'

interface Waiting<T> {
  readonly sessionHigh: number
  readonly sessionLow: number
  readonly cxid: number
  readonly token: T
}

/**
 * The requests of this server's own clients that went to the leader and have not come back, each as a transaction.
 *
 * They come back in order, as all of a session's requests do; what others' clients asked for comes in between. The same
 * session may also have asked through another server before it came here: its transaction has an xid that is not the
 * expected one, and is nobody's here (CommitProcessor.processCommitted).
 */
export class ForwardedRequests<T> {
  /** By the lower half of the session's id, so that no 64-bit integer is made for a commit. */
  readonly #queues = new Map<number, Waiting<T>[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(sessionId: bigint, cxid: number, token: T): void {
    const sessionLow = Number(BigInt.asIntN(32, sessionId))
    const waiting = { sessionHigh: Number(BigInt.asIntN(32, sessionId >> 32n)), sessionLow, cxid, token }
    const queue = this.#queues.get(sessionLow)
    if (queue === undefined) this.#queues.set(sessionLow, [waiting])
    else queue.push(waiting)
    this.#size++
  }

  /** Takes out the request that the transaction comes from; null if it is none of this server's. */
  match(txn: LoggedTxn): T | null {
    if (this.#size === 0) return null
    const queue = this.#queues.get(txn.sessionLow)
    const index = queue?.findIndex(({ sessionHigh }) => sessionHigh === txn.sessionHigh) ?? -1
    const head = queue?.[index]
    if (queue === undefined || head === undefined || head.cxid !== txn.cxid) return null
    queue.splice(index, 1)
    if (queue.length === 0) this.#queues.delete(txn.sessionLow)
    this.#size--
    return head.token
  }
}
