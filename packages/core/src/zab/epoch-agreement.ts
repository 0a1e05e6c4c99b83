import type { QuorumConfig } from '../quorum/index.ts'

/** What a server has: compared by epoch, then by zxid (StateSummary). */
export interface StateSummary {
  /** The epoch that it has last taken part in. */
  readonly currentEpoch: number
  /** The last transaction in its log. */
  readonly lastZxid: number
}

/**
 * The first two rounds of a new epoch: a quorum names the epochs that it has accepted, so that the new one is beyond them
 * all; then a quorum accepts the new one, and is shown not to be ahead of the leader.
 *
 * Inherited from Leader.getEpochToPropose and waitForEpochAck. Only voters count (ZOOKEEPER-2959), though everybody may
 * push the number up.
 */
export class EpochAgreement {
  readonly #sid: number
  readonly #config: QuorumConfig
  readonly #own: StateSummary
  #epoch: number
  #fixed = false
  #accepted = false
  readonly #connected = new Set<number>()
  readonly #accepting = new Set<number>()

  /** @param acceptedEpoch the last epoch that the leader itself has accepted */
  constructor(sid: number, config: QuorumConfig, own: StateSummary, acceptedEpoch: number) {
    this.#sid = sid
    this.#config = config
    this.#own = own
    this.#epoch = acceptedEpoch + 1
    if (config.voters.has(sid)) this.#connected.add(sid)
  }

  /** The new epoch; final once it is {@link fixed}. */
  get epoch(): number {
    return this.#epoch
  }

  /** A quorum has connected, so that the number will not change any more. */
  get fixed(): boolean {
    return this.#fixed
  }

  /** A quorum has accepted the number. */
  get accepted(): boolean {
    return this.#accepted
  }

  /** A server connects that has accepted `acceptedEpoch` last. @param follows whether it would vote */
  connect(sid: number, follows: boolean, acceptedEpoch: number): void {
    if (this.#fixed) return
    if (acceptedEpoch >= this.#epoch) this.#epoch = acceptedEpoch + 1
    if (follows && this.#config.voters.has(sid)) this.#connected.add(sid)
  }

  /**
   * Fixes the number if a quorum with this server in it has connected. True if that is so now, and was not before.
   *
   * @param alone see {@link QuorumConfig.containsQuorum}
   */
  fix(alone: number | null = null): boolean {
    if (this.#fixed || !this.#connected.has(this.#sid)) return false
    this.#fixed = this.#config.containsQuorum(this.#connected, alone)
    return this.#fixed
  }

  /**
   * A server has accepted the epoch, or says by a `currentEpoch` of −1 that it had done so before, which does not count.
   *
   * @returns false if it is ahead of this leader, which must not lead it then
   */
  accept(sid: number, follows: boolean, { currentEpoch, lastZxid }: StateSummary): boolean {
    if (this.#accepted || currentEpoch === -1) return true
    const own = this.#own
    if (currentEpoch > own.currentEpoch || (currentEpoch === own.currentEpoch && lastZxid > own.lastZxid)) return false
    if (lastZxid === -1 || !follows || !this.#config.voters.has(sid)) return true
    this.#accepting.add(sid)
    this.#concludeAcceptance(null)
    return true
  }

  /** An oracle lets this server go on by itself: its own acceptance is enough. */
  acceptAlone(): void {
    this.#concludeAcceptance(this.#sid)
  }

  #concludeAcceptance(alone: number | null): void {
    if (this.#accepted || !this.#accepting.has(this.#sid)) return
    this.#accepted = this.#config.containsQuorum(this.#accepting, alone)
  }
}
