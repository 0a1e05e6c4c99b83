import { assertZxid } from './assert.ts'
import { follows, type LoggedTxn } from './logged-txn.ts'

/** How many transactions Java keeps, and the fewest it lets itself be told to (`zookeeper.commitLogCount`). */
export const DEFAULT_COMMIT_LOG_COUNT = 500

/**
 * The transactions that were committed last, from which a learner that is a little behind gets what it lacks. There is
 * no hole in it: a learner must not inherit one (ZOOKEEPER-4925).
 *
 * It belongs to the server rather than to a role: whoever replays the log into the tree adds here what it replays, and
 * a leader or learner goes on from there. Inherited from ZKDatabase.committedLog.
 */
export class CommittedLog {
  readonly #capacity: number
  /** A ring: `#size` transactions from `#first` on. Grows to the capacity. */
  #ring: LoggedTxn[] = []
  #first = 0

  /** @param capacity how many to keep; no fewer than {@link DEFAULT_COMMIT_LOG_COUNT}, as in Java */
  constructor(capacity = DEFAULT_COMMIT_LOG_COUNT) {
    this.#capacity = Math.max(capacity, DEFAULT_COMMIT_LOG_COUNT)
  }

  get size(): number {
    return this.#ring.length
  }

  /** The zxid of the oldest transaction that is kept; 0 if there is none. */
  get min(): number {
    return this.#ring[this.#first]?.zxid ?? 0
  }

  /** The zxid of the newest one; 0 if there is none. */
  get max(): number {
    return this.#ring[(this.#first + this.#ring.length - 1) % this.#ring.length]?.zxid ?? 0
  }

  /** Whether the transaction may be added: it comes right after the last one, or opens a later epoch. */
  accepts(zxid: number): boolean {
    return this.#ring.length === 0 || zxid <= this.max || follows(this.max, zxid)
  }

  /** Adds a transaction. One that is not beyond the newest is known already, and ignored. */
  add(txn: LoggedTxn): void {
    const { max } = this
    if (this.#ring.length > 0) {
      if (txn.zxid <= max) return
      assertZxid(follows(max, txn.zxid), txn.zxid, 'is committed right after', max)
    }
    if (this.#ring.length < this.#capacity) {
      this.#ring.push(txn)
      return
    }
    this.#ring[this.#first] = txn
    this.#first = (this.#first + 1) % this.#capacity
  }

  /** Forgets what is beyond `zxid`: the log has been truncated. */
  truncate(zxid: number): void {
    if (this.max <= zxid) return
    this.#ring = this.after(-1).filter((txn) => txn.zxid <= zxid)
    this.#first = 0
  }

  /** Forgets all: the tree has been replaced by another server's. */
  clear(): void {
    this.#ring = []
    this.#first = 0
  }

  /** The transactions beyond `zxid`, oldest first. */
  after(zxid: number): LoggedTxn[] {
    const list: LoggedTxn[] = []
    for (let i = 0; i < this.#ring.length; i++) {
      const txn = this.#ring[(this.#first + i) % this.#ring.length]!
      if (txn.zxid > zxid) list.push(txn)
    }
    return list
  }
}
