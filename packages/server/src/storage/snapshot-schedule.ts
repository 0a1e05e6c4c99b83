import type { Random } from '@vivarium/env'

export interface SnapshotScheduleOptions {
  /** `snapCount`: at least 2. */
  readonly snapCount: number
  /** `snapSizeLimitInKb` in bytes; 0 or less: no limit. */
  readonly snapBytes: number
  readonly random: Random
}

/**
 * Says when a snapshot is due: after between half of `snapCount` transactions and all of it, at random, so that the
 * members of an ensemble do not all write theirs at once (SyncRequestProcessor.shouldSnapshot); and likewise for the
 * bytes logged.
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
    const due = this.#transactions > this.#atTransactions || (this.#atBytes > 0 && this.#bytes > this.#atBytes)
    if (due) this.restart()
    return due
  }

  /** So many transactions were replayed at the start. True if a snapshot is due; the count starts anew then. */
  replayed(transactions: number): boolean {
    this.#transactions += transactions
    if (this.#transactions <= this.#atTransactions) return false
    this.restart()
    return true
  }

  /** Counts from nothing again, as after a snapshot that was taken for another reason. */
  restart(): void {
    this.#transactions = 0
    this.#bytes = 0
    this.#draw()
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
