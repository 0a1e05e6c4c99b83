import type { Random } from '@vivarium/env'

export interface SnapshotScheduleOptions {
  /** `snapCount`: at least 2. */
  readonly snapCount: number
  /** `snapSizeLimitInKb` in bytes; 0 or less: no limit. */
  readonly snapBytes: number
  /**
   * Roughly how many bytes a snapshot would have now. Left out where the administrator has said after how many
   * transactions one is due.
   */
  readonly snapshotBytes?: () => number
  readonly random: Random
}

/**
 * The log since the last snapshot must be so many times as long as that was. While one is written, transactions take
 * up to half as long again, and wait for the disk; a restart reads that much more, half as fast as it reads snapshots.
 */
const LOG_FACTOR = 4
/** One that is due waits for a pause, until the log is so many times as long as it has to be. */
const PATIENCE = 2
/** There is a pause when no more bytes than that were logged since somebody last looked, which is each second. */
const PAUSE_BYTES = 1 << 20

/**
 * Says when a snapshot is due: after between half of `snapCount` transactions and all of it, at random, so that the
 * members of an ensemble do not all write theirs at once (SyncRequestProcessor.shouldSnapshot); and likewise for the
 * bytes logged. So that a large tree under many writes is not written all the time, which with Java is so, the log must
 * also have become four times as long as the last snapshot: all of them together write a quarter of what the log does.
 * Then the next pause is best; if none comes, it is taken under load once the log is eight times as long.
 */
export class SnapshotSchedule {
  readonly #options: SnapshotScheduleOptions
  #transactions = 0
  #bytes = 0
  #atTransactions = 0
  #atBytes = 0
  /** The log must be so long, whatever is in it. */
  #leastBytes = 0
  #seenBytes = 0

  constructor(options: SnapshotScheduleOptions) {
    this.#options = { ...options, snapCount: Math.max(2, options.snapCount) }
    this.#draw()
  }

  /** A transaction of so many bytes was logged. True if a snapshot is due; the count starts anew then. */
  logged(bytes: number): boolean {
    this.#transactions++
    this.#bytes += bytes
    const latest = this.#isWorth() && this.#bytes >= this.#leastBytes * PATIENCE
    return this.#isDue(latest)
  }

  /** Is asked each second. True if a snapshot is due because there is a pause; the count starts anew then. */
  paused(): boolean {
    const logged = this.#bytes - this.#seenBytes
    this.#seenBytes = this.#bytes
    return this.#isDue(logged <= PAUSE_BYTES && this.#isWorth())
  }

  /**
   * So many transactions, of so many bytes in all, were replayed at the start, over a snapshot of about `snapshotBytes`.
   * True if a snapshot is due; the count starts anew then.
   */
  replayed(transactions: number, bytes: number, snapshotBytes: number): boolean {
    this.#transactions += transactions
    this.#bytes += bytes
    if (this.#options.snapshotBytes !== undefined) this.#leastBytes = snapshotBytes * LOG_FACTOR
    return this.#isDue(this.#isWorth())
  }

  /** A snapshot begins, for whatever reason: counts from nothing again. */
  restart(): void {
    this.#transactions = 0
    this.#bytes = 0
    this.#seenBytes = 0
    this.#leastBytes = (this.#options.snapshotBytes?.() ?? 0) * LOG_FACTOR
    this.#draw()
  }

  #isWorth(): boolean {
    return this.#transactions > this.#atTransactions && this.#bytes >= this.#leastBytes
  }

  /** @param many whether there are enough transactions */
  #isDue(many: boolean): boolean {
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
