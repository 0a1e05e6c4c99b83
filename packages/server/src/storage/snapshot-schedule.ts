import type { Random } from '@vivarium/env'

export interface SnapshotScheduleOptions {
  /** `snapCount`: at least 2. */
  readonly snapCount: number
  /** `snapSizeLimitInKb` in bytes; 0 or less: no limit. */
  readonly snapBytes: number
  /**
   * Roughly how many bytes a snapshot would have now. Fewer than that in the log are no reason for one: they are read
   * back sooner than it is written. Left out where the administrator has said how many transactions are.
   */
  readonly snapshotBytes?: () => number
  readonly random: Random
}

/**
 * Says when a snapshot is due: after between half of `snapCount` transactions and all of it, at random, so that the
 * members of an ensemble do not all write theirs at once (SyncRequestProcessor.shouldSnapshot); and likewise for the
 * bytes logged. So that a large tree under many writes is not written all the time, which with Java is so, the log since
 * the last one must also be worth it: what snapshots write stays below what the log does, and a restart reads at most
 * about twice the tree.
 */
export class SnapshotSchedule {
  readonly #options: SnapshotScheduleOptions
  #transactions = 0
  #bytes = 0
  #atTransactions = 0
  #atBytes = 0

  constructor(options: SnapshotScheduleOptions) {
    this.#options = { ...options, snapCount: Math.max(2, options.snapCount) }
    this.#draw()
  }

  /** A transaction of so many bytes was logged. True if a snapshot is due; the count starts anew then. */
  logged(bytes: number): boolean {
    this.#transactions++
    this.#bytes += bytes
    return this.#isDue()
  }

  /**
   * So many transactions, of so many bytes in all, were replayed at the start. True if a snapshot is due; the count
   * starts anew then.
   */
  replayed(transactions: number, bytes: number): boolean {
    this.#transactions += transactions
    this.#bytes += bytes
    return this.#isDue()
  }

  /** Counts from nothing again, as after a snapshot that was taken for another reason. */
  restart(): void {
    this.#transactions = 0
    this.#bytes = 0
    this.#draw()
  }

  #isDue(): boolean {
    const { snapshotBytes } = this.#options
    const many = this.#transactions > this.#atTransactions && this.#bytes >= (snapshotBytes?.() ?? 0)
    const due = many || (this.#atBytes > 0 && this.#bytes > this.#atBytes)
    if (due) this.restart()
    return due
  }

  #draw(): void {
    const { snapCount, snapBytes } = this.#options
    this.#atTransactions = this.#halfToAll(snapCount)
    this.#atBytes = snapBytes > 0 ? this.#halfToAll(snapBytes) : 0
  }

  /** From half of `limit` to just below all of it. */
  #halfToAll(limit: number): number {
    const half = Math.floor(limit / 2)
    return half + Math.floor((this.#options.random.uint32() / 2 ** 32) * half)
  }
}
