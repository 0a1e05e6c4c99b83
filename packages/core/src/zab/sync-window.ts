import { epochOf, formatZxid } from '@vivarium/protocol'
import { follows, type LoggedTxn } from './logged-txn.ts'

/**
 * The transactions that a learner hears of while it is being synchronized: proposed in order, then committed in order.
 *
 * A leader may begin with some that the snapshot before had already; they are told apart here. Beyond that there may be
 * no hole: it would be passed on one day (ZOOKEEPER-4925). Inherited from Learner.syncWithLeader (packetsNotLogged,
 * packetsCommitted, enforceContinuousProposal).
 */
export class SyncWindow {
  /** The last transaction of the history that the first packet brings about. */
  readonly #base: number
  readonly #epoch: number
  #proposed: LoggedTxn[] = []
  /** How many of the proposed are committed. */
  #committed = 0
  #last = 0

  /** @param base the learner's last transaction after DIFF, TRUNC or SNAP @param epoch the leader's */
  constructor(base: number, epoch: number) {
    this.#base = base
    this.#epoch = epoch
  }

  /** Takes a proposal. @returns what is wrong with it, or null */
  propose(txn: LoggedTxn): string | null {
    const { zxid } = txn
    if (epochOf(zxid) > this.#epoch) return `${formatZxid(zxid)} is of an epoch to come`
    const isFirst = this.#last === 0
    if (!isFirst && !follows(this.#last, zxid)) return `${formatZxid(zxid)} came after ${formatZxid(this.#last)}`
    if (zxid > this.#base && this.#last <= this.#base && !follows(this.#base, zxid))
      return `${formatZxid(zxid)} came after ${formatZxid(this.#base)}`
    this.#last = zxid
    this.#proposed.push(txn)
    return null
  }

  /** The oldest transaction that is not committed; null if there is none. */
  get oldestOpen(): LoggedTxn | null {
    return this.#proposed[this.#committed] ?? null
  }

  /** Whether the transaction is proposed and not committed. */
  isOpen(zxid: number): boolean {
    return this.#proposed.some((txn, i) => txn.zxid === zxid && i >= this.#committed)
  }

  /** Commits the oldest one. @returns false if it is not this one's turn */
  commit(zxid: number): boolean {
    if (this.oldestOpen?.zxid !== zxid) return false
    this.#committed++
    return true
  }

  /** Takes out those that are committed, and that the learner does not have. */
  takeCommitted(): LoggedTxn[] {
    const committed = this.#proposed.slice(0, this.#committed)
    this.#proposed = this.#proposed.slice(this.#committed)
    this.#committed = 0
    return committed.filter(({ zxid }) => zxid > this.#base)
  }

  /** Takes out those that are left, which are not committed. */
  takeOpen(): LoggedTxn[] {
    const open = this.#proposed
    this.#proposed = []
    return open.filter(({ zxid }) => zxid > this.#base)
  }
}
