import type { LoggedTxn } from '@vivarium/core'
import { counterOf } from '@vivarium/protocol'
import type { Metrics } from '../admin/metrics.ts'

/** So many transactions may be on their way to the disk and still be timed. */
const MOST_UNSYNCED = 4096

/**
 * How long transactions take on their way through an ensemble, under Java's names, in milliseconds since their leader made
 * them (Request.logLatency).
 */
export class QuorumMetrics {
  readonly #metrics: Metrics
  readonly #wallMs: () => number
  /** Every so many transactions the acknowledgements of one are timed (`leader.ackLoggingFrequency`); 0: none. */
  readonly #ackEvery: number
  /** Appended and not yet on the disk, as a ring: zxids, and when the transactions were made. */
  readonly #zxids = new Float64Array(MOST_UNSYNCED)
  readonly #times = new Float64Array(MOST_UNSYNCED)
  #first = 0
  #count = 0
  #sampledZxid = -1
  #sampledMs = 0

  constructor(metrics: Metrics, wallMs: () => number, ackEvery: number) {
    this.#metrics = metrics
    this.#wallMs = wallMs
    this.#ackEvery = ackEvery
  }

  /** A transaction goes to the disk. */
  appended({ zxid, timeMs }: LoggedTxn): void {
    const at = (this.#first + this.#count) % MOST_UNSYNCED
    this.#zxids[at] = zxid
    this.#times[at] = timeMs
    if (this.#count < MOST_UNSYNCED) this.#count++
    else this.#first = (this.#first + 1) % MOST_UNSYNCED
    if (this.#ackEvery > 0 && counterOf(zxid) % this.#ackEvery === 0) {
      this.#sampledZxid = zxid
      this.#sampledMs = timeMs
    }
  }

  /** Everything up to `zxid` is on the disk, and is acknowledged now (AckRequestProcessor, SendAckRequestProcessor). */
  synced(zxid: number): void {
    const nowMs = this.#wallMs()
    while (this.#count > 0 && this.#zxids[this.#first]! <= zxid) {
      this.#metrics.proposal_ack_creation_latency.observe(sinceMs(this.#times[this.#first]!, nowMs))
      this.#first = (this.#first + 1) % MOST_UNSYNCED
      this.#count--
    }
  }

  /** A follower has been told of a proposal. */
  proposalReceived({ timeMs }: LoggedTxn): void {
    this.#metrics.proposal_latency.observe(sinceMs(timeMs, this.#wallMs()))
  }

  /** A learner has been told of a commit. */
  commitReceived({ timeMs }: LoggedTxn): void {
    this.#metrics.commit_propagation_latency.observe(sinceMs(timeMs, this.#wallMs()))
  }

  /** A quorum has a proposal. */
  quorumAcked({ timeMs }: LoggedTxn): void {
    this.#metrics.quorum_ack_latency.observe(sinceMs(timeMs, this.#wallMs()))
  }

  /** A server has acknowledged a proposal; of few of them it is counted when. */
  acked(sid: number | null, zxid: number): void {
    if (zxid !== this.#sampledZxid || sid === null) return
    this.#metrics.ack_latency.observe(String(sid), sinceMs(this.#sampledMs, this.#wallMs()))
  }
}

/** Clocks differ: nothing arrives before it was sent. */
const sinceMs = (timeMs: number, nowMs: number): number => Math.max(0, nowMs - timeMs)
