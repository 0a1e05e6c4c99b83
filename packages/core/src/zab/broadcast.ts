import { counterOf, formatZxid, PacketType, type QuorumPacket } from '@vivarium/protocol'
import type { QuorumConfig } from '../quorum/index.ts'
import { type AckSet, decisiveConfigs } from './ack-set.ts'
import { assert, assertZxid } from './assert.ts'
import { designatedLeader } from './designated-leader.ts'
import type { LeaderOptions } from './leader-messages.ts'
import type { LeaderOutbox } from './leader-outbox.ts'
import type { LearnerLink } from './learner-link.ts'
import type { LoggedTxn } from './logged-txn.ts'
import { encodeDesignatedLeader } from './packet-bodies.ts'
import { Proposal, Proposals } from './proposals.ts'
import { quorumPacket } from './quorum-packet.ts'

/** The counter that no transaction gets: with it the epoch is used up (ZOOKEEPER-1277). */
const LAST_COUNTER = 0xffff_ffff

/**
 * A leader's proposals, from their zxid to their commit, and the configurations whose quorums they need.
 *
 * Inherited from Leader (propose, processAck, tryToCommit, processSync).
 */
export class Broadcast {
  readonly #options: LeaderOptions
  readonly #outbox: LeaderOutbox
  readonly #proposals = new Proposals()
  #config: QuorumConfig
  #lastSeen: QuorumConfig
  #decisive: readonly QuorumConfig[]
  #lastProposed = 0
  /** The last transaction in the tree; `epoch << 32` at the beginning of the epoch. */
  #lastCommitted: number
  /** The last of this leader's own proposals that is on its disk. */
  #lastSynced = 0
  /** Who is to lead the configuration in force, if it is another server: then nothing more is committed here. */
  #successor: number | null = null
  #rollOverNoticed = false
  /** Syncs of learners, and the proposal that each one waits for, in order. */
  readonly #pendingSyncs: { readonly zxid: number; readonly link: LearnerLink }[] = []

  constructor(options: LeaderOptions, outbox: LeaderOutbox) {
    this.#options = options
    this.#outbox = outbox
    this.#config = options.config
    this.#lastSeen = options.lastSeen
    this.#decisive = decisiveConfigs(options.config, options.lastSeen)
    this.#lastCommitted = options.history.lastZxid
  }

  get config(): QuorumConfig {
    return this.#config
  }

  get lastSeen(): QuorumConfig {
    return this.#lastSeen
  }

  /** The configurations that have to agree at present. */
  get decisive(): readonly QuorumConfig[] {
    return this.#decisive
  }

  get lastProposed(): number {
    return this.#lastProposed
  }

  get lastCommitted(): number {
    return this.#lastCommitted
  }

  /** What is proposed and not committed, in order. */
  get outstanding(): readonly Proposal[] {
    return this.#proposals.after(-1)
  }

  get size(): number {
    return this.#proposals.size
  }

  get successor(): number | null {
    return this.#successor
  }

  get pendingSyncs(): number {
    return this.#pendingSyncs.length
  }

  /** From here on all transactions are of the epoch that begins at `zxid`. */
  begin(zxid: number): void {
    this.#lastProposed = zxid
    this.#lastCommitted = zxid
    this.#lastSynced = zxid
  }

  /**
   * A quorum has taken over the history, by `acks`: a reconfiguration that an earlier leader began, or the first version of
   * the configuration, is in force (ZOOKEEPER-1324).
   */
  completeConfig(acks: AckSet): void {
    if (this.#lastSeen.version <= this.#config.version) return
    this.#activate(this.#lastSeen, designatedLeader(this.#options.sid, this.#config, acks, []), null)
  }

  setLastSeen(config: QuorumConfig): void {
    this.#lastSeen = config
    this.#decisive = decisiveConfigs(this.#config, config)
    this.#outbox.push({ type: 'lastSeenConfig', config })
  }

  /** @returns false if the epoch has no zxid left */
  propose(txn: LoggedTxn, config: QuorumConfig | null): boolean {
    assertZxid(txn.zxid === this.#lastProposed + 1, txn.zxid, 'comes after', this.#lastProposed)
    if (counterOf(txn.zxid) === LAST_COUNTER) return false
    if (config !== null) {
      assert(config.version > this.#config.version, 'a reconfiguration has the higher version')
      this.setLastSeen(config)
    }
    this.#lastProposed = txn.zxid
    this.#proposals.add(new Proposal(txn, this.decisive, config))
    this.#outbox.push({ type: 'append', txn })
    const packet = quorumPacket(PacketType.PROPOSAL, txn.zxid, txn.data)
    for (const link of this.#outbox.links.values()) {
      if (!link.follows || !link.isForwarded) continue
      link.proposed(txn.zxid)
      this.#outbox.send(link, packet)
    }
    this.#noticeRollOver(txn.zxid)
    return true
  }

  #noticeRollOver(zxid: number): void {
    const { rollOverNotice } = this.#options
    if (rollOverNotice === null || counterOf(zxid) < rollOverNotice || this.#rollOverNoticed) return
    this.#rollOverNoticed = true
    this.#outbox.push({ type: 'nearRollOver', zxid })
  }

  /** Our own log is one more voter; one sync may cover many proposals. */
  synced(zxid: number): void {
    while (this.#lastSynced < zxid && this.#lastSynced < this.#lastProposed) {
      this.#lastSynced++
      this.#proposals.get(this.#lastSynced)?.acks.add(this.#options.sid)
    }
    this.#commitReady()
  }

  acknowledge(link: LearnerLink, zxid: number): void {
    link.acked(zxid)
    // UPTODATE is acknowledged, too, by the zxid of NEWLEADER. Later acks come in after their quorum was complete.
    if (counterOf(zxid) === 0 || zxid <= this.#lastCommitted) return
    const proposal = this.#proposals.get(zxid)
    if (proposal === null) {
      return this.#outbox.warn(`server ${link.sid} acked ${formatZxid(zxid)}, which is not outstanding`)
    }
    if (!link.follows) return
    proposal.acks.add(link.sid)
    this.#commitReady()
  }

  /**
   * A follower is synchronized anew. It is told to truncate what is not committed, and gets it once more: what it had
   * acknowledged of that must not count any longer, since it may be gone by the time a quorum seems complete. (Java goes on
   * counting it.)
   */
  withdraw(sid: number): void {
    this.#proposals.withdraw(sid)
  }

  /** Whether a proposal that this server has on its disk waits for others to have it. */
  get waitsForOthers(): boolean {
    return this.#lastSynced > this.#lastCommitted && this.#successor === null
  }

  /** An oracle lets this server go on by itself: what it has on its disk is committed (QuorumOracleMaj.revalidateOutstandingProp). */
  commitAlone(): void {
    this.#commitReady(this.#options.sid)
  }

  #commitReady(alone: number | null = null): void {
    while (this.#successor === null) {
      const proposal = this.#proposals.takeReady(alone)
      if (proposal === null) return
      this.#commit(proposal)
    }
  }

  #commit({ txn, acks, config }: Proposal): void {
    const { zxid } = txn
    assertZxid(zxid === this.#lastCommitted + 1, zxid, 'follows', this.#lastCommitted)
    this.#lastCommitted = zxid
    this.#options.history.committed.add(txn)
    this.#outbox.push({ type: 'commit', txn })
    if (config === null) {
      const commit = quorumPacket(PacketType.COMMIT, zxid)
      this.#forward(commit, quorumPacket(PacketType.INFORM, zxid, txn.data))
    } else {
      const leader = designatedLeader(this.#options.sid, this.#config, acks, this.outstanding)
      this.#activate(config, leader, zxid)
      const commit = quorumPacket(PacketType.COMMITANDACTIVATE, zxid, encodeDesignatedLeader(leader))
      this.#forward(commit, quorumPacket(PacketType.INFORMANDACTIVATE, zxid, encodeDesignatedLeader(leader, txn.data)))
    }
    while (this.#pendingSyncs.length > 0 && this.#pendingSyncs[0]!.zxid <= zxid) {
      this.#answerSync(this.#pendingSyncs.shift()!.link)
    }
  }

  /** Followers get a COMMIT of what they have; observers, the whole transaction. */
  #forward(commit: QuorumPacket, inform: QuorumPacket): void {
    for (const link of this.#outbox.links.values()) {
      if (link.isForwarded) this.#outbox.send(link, link.follows ? commit : inform)
    }
  }

  #activate(config: QuorumConfig, leader: number, zxid: number | null): void {
    this.#config = config
    this.#decisive = decisiveConfigs(config, this.#lastSeen)
    this.#proposals.require(this.decisive)
    this.#outbox.push({ type: 'reconfigured', config, designatedLeader: leader, zxid })
    // The designated leader goes on from here; what this one would commit, that one would not know of.
    if (leader !== this.#options.sid) this.#successor = leader
  }

  /** Every sync is answered, in order, when all that was proposed before it is committed. */
  sync(link: LearnerLink): void {
    if (this.#proposals.size === 0) this.#answerSync(link)
    else this.#pendingSyncs.push({ zxid: this.#lastProposed, link })
  }

  #answerSync(link: LearnerLink): void {
    if (this.#outbox.links.has(link.link)) this.#outbox.send(link, quorumPacket(PacketType.SYNC, 0))
  }

  /** Nothing is proposed any more. @returns what is in the log and was not committed */
  end(): LoggedTxn[] {
    const tail = this.outstanding.map(({ txn }) => txn)
    for (const txn of tail) this.#options.history.committed.add(txn)
    this.#lastCommitted = tail.at(-1)?.zxid ?? this.#lastCommitted
    return tail
  }
}
