import type { QuorumConfig } from '../quorum/index.ts'
import { AckSet } from './ack-set.ts'
import { assertZxid } from './assert.ts'
import type { LoggedTxn } from './logged-txn.ts'

/** A transaction that waits for its quorum (Leader.Proposal). */
export class Proposal {
  readonly txn: LoggedTxn
  readonly acks: AckSet
  /** The configuration that it brings, if it is a reconfiguration. */
  readonly config: QuorumConfig | null

  constructor(txn: LoggedTxn, configs: readonly QuorumConfig[], config: QuorumConfig | null) {
    this.txn = txn
    this.acks = new AckSet(configs)
    this.config = config
  }
}

/**
 * What a leader has proposed and not yet committed, in the order of zxids, which are consecutive.
 *
 * Inherited from Leader.outstandingProposals.
 */
export class Proposals {
  /** From `#head` on; what is before it has been committed. */
  #queue: Proposal[] = []
  #head = 0

  get size(): number {
    return this.#queue.length - this.#head
  }

  add(proposal: Proposal): void {
    const last = this.#queue[this.#queue.length - 1]
    if (this.size > 0) {
      const { zxid } = proposal.txn
      assertZxid(zxid === last!.txn.zxid + 1, zxid, 'is the next after', last!.txn.zxid)
    }
    this.#queue.push(proposal)
  }

  get(zxid: number): Proposal | null {
    const head = this.#queue[this.#head]
    if (head === undefined || zxid < head.txn.zxid) return null
    return this.#queue[this.#head + zxid - head.txn.zxid] ?? null
  }

  /**
   * A configuration is in force: what was proposed after it needs no quorum of the old one any more, which may have left.
   * (Java goes on to wait for it.)
   */
  require(configs: readonly QuorumConfig[]): void {
    for (let i = this.#head; i < this.#queue.length; i++) this.#queue[i]!.acks.require(configs)
  }

  /** Takes back all acks of a server. */
  withdraw(sid: number): void {
    for (let i = this.#head; i < this.#queue.length; i++) this.#queue[i]!.acks.remove(sid)
  }

  /**
   * Takes out the oldest proposal if its quorum is complete. A later one waits for every earlier one, whatever quorum it
   * has: with reconfigurations, they may need different ones.
   *
   * @param alone see {@link QuorumConfig.containsQuorum}
   */
  takeReady(alone: number | null): Proposal | null {
    const head = this.#queue[this.#head]
    if (head === undefined || !head.acks.hasQuorum(alone)) return null
    this.#head++
    if (this.#head > 64 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head)
      this.#head = 0
    }
    return head
  }

  /** All there are beyond `zxid`, oldest first. */
  after(zxid: number): Proposal[] {
    const list: Proposal[] = []
    for (let i = this.#head; i < this.#queue.length; i++) {
      const proposal = this.#queue[i]!
      if (proposal.txn.zxid > zxid) list.push(proposal)
    }
    return list
  }
}
