import type { CommittedLog } from './committed-log.ts'
import type { Effects } from './effects.ts'
import { ForwardedRequests } from './forwarded-requests.ts'
import type { LearnerEffect } from './learner-messages.ts'
import type { LoggedTxn } from './logged-txn.ts'

/**
 * What a learner has of the leader's history: in its log, on its disk, in its tree.
 *
 * Inherited from FollowerZooKeeperServer (pendingTxns) and SendAckRequestProcessor.
 */
export class LearnerLog<T> {
  readonly #committed: CommittedLog
  readonly #effects: Effects<LearnerEffect<T>>
  /** The requests of this server's clients whose transactions are to come. */
  readonly forwarded = new ForwardedRequests<T>()
  #lastZxid: number
  #lastLogged: number
  #lastSynced: number
  /** What is in the log and not committed, in order. */
  readonly #pending: LoggedTxn[] = []
  /** What has to be acknowledged once it is on disk, which may be after it was committed. */
  readonly #unacked: number[] = []

  /** @param effects where it says what it wants done */
  constructor(lastZxid: number, committed: CommittedLog, effects: Effects<LearnerEffect<T>>) {
    this.#committed = committed
    this.#effects = effects
    this.#lastZxid = lastZxid
    this.#lastLogged = lastZxid
    this.#lastSynced = lastZxid
  }

  /** The last transaction in the tree. */
  get lastZxid(): number {
    return this.#lastZxid
  }

  /** The last one that was handed to the log. */
  get lastLogged(): number {
    return this.#lastLogged
  }

  /** Whether all that was handed to the log is on disk. */
  get isSynced(): boolean {
    return this.#lastSynced >= this.#lastLogged
  }

  /** The oldest transaction that is logged and not committed. */
  get oldestPending(): LoggedTxn | null {
    return this.#pending[0] ?? null
  }

  /** Log and tree are at `zxid` now, and on disk. @param kept up to where the history is what it was; −1: not at all */
  restore(zxid: number, kept: number): void {
    if (kept < 0) this.#committed.clear()
    else this.#committed.truncate(kept)
    this.#lastZxid = zxid
    this.#lastLogged = zxid
    this.#lastSynced = zxid
  }

  /** Logs a transaction that is committed as it is, and applies it. */
  appendCommitted(txn: LoggedTxn): void {
    this.#append(txn)
    this.#commit(txn)
  }

  /** Logs a proposal, which is acknowledged from disk, and committed in its turn. */
  appendProposal(txn: LoggedTxn): void {
    this.#append(txn)
    this.#pending.push(txn)
    this.#unacked.push(txn.zxid)
  }

  /** A quorum has the oldest proposal on disk, with this server or without. */
  commitOldest(): void {
    this.#commit(this.#pending.shift()!)
  }

  /** All up to `zxid` is on disk. @returns those of the proposals that have to be acknowledged */
  synced(zxid: number): number[] {
    this.#lastSynced = Math.max(this.#lastSynced, zxid)
    let count = 0
    while (count < this.#unacked.length && this.#unacked[count]! <= this.#lastSynced) count++
    return this.#unacked.splice(0, count)
  }

  /** Nothing more will come. @returns what is in the log and was not committed, and will be in the tree after all */
  end(): LoggedTxn[] {
    for (const txn of this.#pending) this.#committed.add(txn)
    this.#lastZxid = this.#pending.at(-1)?.zxid ?? this.#lastZxid
    return this.#pending
  }

  #append(txn: LoggedTxn): void {
    this.#lastLogged = txn.zxid
    this.#effects.push({ type: 'append', txn })
  }

  #commit(txn: LoggedTxn): void {
    this.#lastZxid = txn.zxid
    this.#committed.add(txn)
    this.#effects.push({ type: 'commit', txn, token: this.forwarded.match(txn) })
  }
}
