import { epochOf, formatZxid, MAX_EPOCH, makeZxid, PacketType, type QuorumPacket } from '@vivarium/protocol'
import { QuorumConfig } from '../quorum/index.ts'
import { AckSet } from './ack-set.ts'
import { assert } from './assert.ts'
import { Broadcast } from './broadcast.ts'
import { EpochAgreement } from './epoch-agreement.ts'
import type { LeaderEffect, LeaderEvent, LeaderOptions } from './leader-messages.ts'
import { LeaderOutbox } from './leader-outbox.ts'
import { LearnerLink } from './learner-link.ts'
import type { LoggedTxn } from './logged-txn.ts'
import { Oracle } from './oracle.ts'
import * as body from './packet-bodies.ts'
import { quorumPacket } from './quorum-packet.ts'
import { planSync } from './sync-plan.ts'

/**
 * - `discovery`: a quorum has to connect
 * - `acceptance`: a quorum has to accept the new epoch
 * - `synchronization`: a quorum has to have the leader's history
 * - `broadcast`: requests are served
 */
export type LeaderPhase = 'discovery' | 'acceptance' | 'synchronization' | 'broadcast' | 'ended'

/**
 * Leads an ensemble: finds an epoch that a quorum accepts, gives every learner the same history, then puts requests in
 * order and commits what a quorum has on disk.
 *
 * Inherited from Leader and LearnerHandler.
 */
export class Leader {
  readonly #options: LeaderOptions
  readonly #outbox = new LeaderOutbox()
  readonly #agreement: EpochAgreement
  readonly #broadcast: Broadcast
  readonly #oracle = new Oracle()
  #phase: LeaderPhase = 'discovery'
  #newLeaderAcks: AckSet | null = null
  #handOver: string | null = null
  #tick = 0
  #halfTicks = 0
  /** The half tick in which the phase began. */
  #phaseStart = 0

  constructor(options: LeaderOptions) {
    const { sid, config, history } = options
    this.#options = options
    this.#agreement = new EpochAgreement(sid, config, history, history.acceptedEpoch)
    this.#broadcast = new Broadcast(options, this.#outbox)
  }

  get #links(): Map<number, LearnerLink> {
    return this.#outbox.links
  }

  get phase(): LeaderPhase {
    return this.#phase
  }

  get epoch(): number {
    return this.#agreement.epoch
  }

  /** The zxid that was given out last; the next proposal has the one after it. */
  get lastProposed(): number {
    return this.#broadcast.lastProposed
  }

  /** The last transaction in the tree; `epoch << 32` at the beginning of the epoch. */
  get lastZxid(): number {
    return this.#broadcast.lastCommitted
  }

  /** How many proposals wait for a quorum. */
  get outstanding(): number {
    return this.#broadcast.size
  }

  /** Whether requests may be proposed. */
  get accepting(): boolean {
    return this.#phase === 'broadcast' && this.#handOver === null
  }

  /** The learners that are synchronized. */
  get learners(): { readonly sid: number; readonly follows: boolean }[] {
    return [...this.#links.values()].filter(({ phase }) => phase === 'active')
  }

  /** Whether it is an observer, and synchronized. */
  observes(link: number): boolean {
    const found = this.#links.get(link)
    return found?.phase === 'active' && !found.follows
  }

  /** Whose link this is; null while that is not known. */
  sidOf(link: number): number | null {
    return this.#outbox.sidOf(link)
  }

  /** How many learners are being synchronized at present, with a snapshot or without. */
  syncsInProgress(snapshots: boolean): number {
    return this.#outbox.syncsInProgress(snapshots)
  }

  /** How many syncs of learners wait for proposals before them. */
  get pendingSyncs(): number {
    return this.#broadcast.pendingSyncs
  }

  /** The servers whose learners take part in new proposals now. */
  get synced(): number[] {
    return [...this.#links.values()].filter(({ phase, follows }) => follows && phase === 'active').map(({ sid }) => sid)
  }

  /** The configuration in force. */
  get config(): QuorumConfig {
    return this.#broadcast.config
  }

  /** The latest configuration proposed; that in force while no reconfiguration is under way. */
  get lastSeen(): QuorumConfig {
    return this.#broadcast.lastSeen
  }

  /** Whether a quorum of another configuration is there already, which a reconfiguration needs (Leader.isQuorumSynced). */
  hasQuorumOf(config: QuorumConfig): boolean {
    const { sid } = this.#options
    return config.containsQuorum([sid, ...this.synced], this.#oracle.authorizes ? sid : null)
  }

  step(event: LeaderEvent): void {
    if (this.#phase === 'ended') return
    switch (event.type) {
      case 'start':
        return this.#fixEpoch()
      case 'accepted': {
        const { initLimit, syncLimit } = this.#options
        this.#links.set(event.link, new LearnerLink(event.link, this.#tick + initLimit + syncLimit))
        return
      }
      case 'closed':
        this.#links.delete(event.link)
        return this.#finishSuccession()
      case 'packet': {
        const link = this.#links.get(event.link)
        return link === undefined ? undefined : this.#receive(link, event.packet)
      }
      case 'halfTick':
        return this.#passHalfTick()
      case 'acceptedEpochPersisted':
        return this.#announceEpoch()
      case 'currentEpochPersisted':
        return this.#acknowledgeNewLeader(this.#options.sid)
      case 'synced':
        return this.#synced(event.zxid)
      case 'logRead': {
        const link = this.#links.get(event.link)
        return link?.phase === 'log' ? this.#synchronize(link, event.txns) : undefined
      }
      case 'snapshotSent': {
        const link = this.#links.get(event.link)
        if (link !== undefined) link.sendingSnapshot = false
        return
      }
      case 'propose':
        return this.#propose(event.txn, event.config)
      case 'sync': {
        const link = this.#links.get(event.link)
        return link === undefined ? undefined : this.#broadcast.sync(link)
      }
      case 'revalidated':
        return this.#answerRevalidation(event)
      case 'lookingVoter':
        return this.#lookingVoter(event.sid)
      case 'oracle':
        return this.#hearOracle(event.authorizes)
      case 'handOver':
        this.#handOver = event.reason
        return this.#finishHandOver()
      case 'resign':
        return this.#end(event.reason)
    }
  }

  takeEffects(): readonly LeaderEffect[] {
    return this.#outbox.take()
  }

  // ---- discovery: a new epoch

  #receive(link: LearnerLink, packet: QuorumPacket): void {
    link.silence = 0
    switch (link.phase) {
      case 'hello':
        return this.#hello(link, packet)
      case 'ackEpoch':
        return this.#ackEpoch(link, packet)
      case 'sync':
        return this.#ackNewLeader(link, packet)
      case 'acked':
      case 'active':
        return this.#hear(link, packet)
      default:
        return this.#outbox.drop(link, `sent a packet of type ${packet.type} when it was not its turn`)
    }
  }

  #hello(link: LearnerLink, { type, zxid, data }: QuorumPacket): void {
    if (type !== PacketType.FOLLOWERINFO && type !== PacketType.OBSERVERINFO)
      return this.#outbox.drop(link, `began with a packet of type ${type}`)
    const { version: configVersion } = this.#broadcast.config
    if (!this.#outbox.greet(link, data, { sid: this.#options.sid, configVersion, title: 'its leader' })) return
    const acceptedEpoch = epochOf(zxid)
    if (acceptedEpoch < -1 || acceptedEpoch >= MAX_EPOCH)
      return this.#outbox.drop(link, `has accepted epoch ${acceptedEpoch}`)
    link.follows = type === PacketType.FOLLOWERINFO
    link.phase = 'epoch'
    this.#outbox.dropOthersOf(link)
    this.#agreement.connect(link.sid, link.follows, acceptedEpoch)
    if (this.#phase === 'discovery') this.#fixEpoch()
    else this.#sendEpoch(link)
  }

  #fixEpoch(alone: number | null = null): void {
    if (this.#agreement.fix(alone)) this.#outbox.push({ type: 'persistAcceptedEpoch', epoch: this.epoch })
  }

  /** The leader's own acceptance is on disk: now others may hear of the epoch. */
  #announceEpoch(): void {
    const { sid, history, reconfigEnabled } = this.#options
    assert(this.#phase === 'discovery' && this.#agreement.fixed, 'the epoch is fixed before it is announced')
    this.#enter('acceptance')
    const { config, lastSeen } = this.#broadcast
    if (reconfigEnabled && config.version === 0 && lastSeen.version === 0) {
      // A configuration that has never been agreed on gets a version now, so that it outdoes others of the kind, such as
      // that of a server which is to join (ZOOKEEPER-1783).
      const { members, hierarchy } = config
      this.#broadcast.setLastSeen(new QuorumConfig([...members.values()], makeZxid(this.epoch, 0), hierarchy))
    }
    this.#newLeaderAcks = new AckSet(this.#broadcast.decisive)
    for (const link of this.#links.values()) if (link.phase === 'epoch') this.#sendEpoch(link)
    this.#agreement.accept(sid, true, history)
    this.#tryAcceptance()
    this.#goOnAlone()
  }

  #sendEpoch(link: LearnerLink): void {
    link.phase = 'ackEpoch'
    const zxid = makeZxid(this.epoch, 0)
    this.#outbox.send(link, quorumPacket(PacketType.LEADERINFO, zxid, body.encodeLeaderInfo(this.#options.keeper)))
  }

  #ackEpoch(link: LearnerLink, { type, zxid, data }: QuorumPacket): void {
    const currentEpoch = body.decodeInt(data)
    if (type !== PacketType.ACKEPOCH || currentEpoch === null)
      return this.#outbox.drop(link, `answered LEADERINFO by a packet of type ${type}`)
    if (!this.#agreement.accept(link.sid, link.follows, { currentEpoch, lastZxid: zxid }))
      return this.#outbox.drop(link, `is ahead of its leader, with epoch ${currentEpoch} and ${formatZxid(zxid)}`)
    link.lastZxid = zxid
    link.phase = 'accepted'
    if (this.#phase === 'acceptance') this.#tryAcceptance()
    else this.#synchronize(link, undefined)
  }

  #tryAcceptance(): void {
    if (!this.#agreement.accepted) return
    this.#enter('synchronization')
    this.#outbox.push({ type: 'persistCurrentEpoch', epoch: this.epoch })
    for (const link of this.#links.values()) if (link.phase === 'accepted') this.#synchronize(link, undefined)
  }

  // ---- synchronization: the leader's history

  /** @param logged what the transaction log has for the learner; undefined if it was not looked at yet */
  #synchronize(link: LearnerLink, logged: readonly LoggedTxn[] | null | undefined): void {
    const { history, forceSnapshot } = this.#options
    const { lastZxid: peerZxid } = link
    const lastZxid = this.#broadcast.lastCommitted
    const plan = planSync({ peerZxid, lastZxid, committed: history.committed, logged, forceSnapshot })
    if (plan.mode === 'LOG') {
      link.phase = 'log'
      this.#outbox.push({ type: 'readLog', link: link.link, zxid: peerZxid })
      return
    }
    if (!link.follows && this.#outbox.isBusy(plan.mode, this.#options))
      return this.#outbox.drop(link, 'is one too many to be synchronized at once')
    if (link.follows) this.#broadcast.withdraw(link.sid)
    // From here on everything that is proposed or committed follows, without a gap.
    this.#outbox.sendHistory(link, plan)
    // A quorum that takes over the history puts the latest configuration in force. Later on, one that is under way is only
    // a proposal: Java sends it nevertheless, and its learners then take it for committed.
    const config = this.#phase === 'broadcast' ? this.#broadcast.config : this.#broadcast.lastSeen
    this.#outbox.send(
      link,
      quorumPacket(PacketType.NEWLEADER, makeZxid(this.epoch, 0), body.encodeText(config.toString())),
    )
    // Proposals come after it, as what they bring is later. Observers hear of transactions once they are committed.
    if (!link.follows) return
    for (const { txn } of this.#broadcast.outstanding) {
      this.#outbox.send(link, quorumPacket(PacketType.PROPOSAL, txn.zxid, txn.data))
    }
  }

  #ackNewLeader(link: LearnerLink, { type, zxid }: QuorumPacket): void {
    if (type !== PacketType.ACK) return this.#outbox.drop(link, `answered NEWLEADER by a packet of type ${type}`)
    if (zxid !== makeZxid(this.epoch, 0)) {
      // Old followers may acknowledge a proposal first. That says nothing about what came before (ZOOKEEPER-4685).
      return this.#outbox.warn(`server ${link.sid} acked ${formatZxid(zxid)} when NEWLEADER was due`)
    }
    link.phase = 'acked'
    link.deadline = Math.max(link.deadline, this.#tick + this.#options.syncLimit)
    if (this.#phase === 'broadcast') this.#activate(link)
    else if (link.follows || !this.#broadcast.config.voters.has(link.sid)) {
      // An observer may be a voter of the configuration that is to come, and has taken over the history like any other.
      this.#acknowledgeNewLeader(link.sid)
    }
  }

  #acknowledgeNewLeader(sid: number): void {
    const acks = this.#newLeaderAcks
    if (this.#phase !== 'synchronization' || acks === null) return
    acks.add(sid)
    this.#tryEstablishing(acks, null)
    this.#goOnAlone()
  }

  #tryEstablishing(acks: AckSet, alone: number | null): void {
    // The leader's own word is not dispensable: its epoch has to be on its disk before it serves anybody.
    if (acks.has(this.#options.sid) && acks.hasQuorum(alone)) this.#establish(acks)
  }

  /** A quorum has the leader's history, all of which is committed by this. */
  #establish(acks: AckSet): void {
    const { reconfigEnabled, initialCounter } = this.#options
    this.#enter('broadcast')
    this.#broadcast.begin(makeZxid(this.epoch, initialCounter))
    if (reconfigEnabled) this.#broadcast.completeConfig(acks)
    this.#outbox.push({ type: 'lead', epoch: this.epoch })
    for (const link of this.#links.values()) if (link.phase === 'acked') this.#activate(link)
  }

  #activate(link: LearnerLink): void {
    link.phase = 'active'
    if (link.follows) this.#oracle.forget()
    link.deadline = this.#tick + this.#options.syncLimit
    this.#outbox.send(link, quorumPacket(PacketType.UPTODATE, -1))
  }

  // ---- broadcast

  #propose(txn: LoggedTxn, config: QuorumConfig | null): void {
    assert(this.accepting, 'nothing is proposed but in broadcast')
    if (!this.#broadcast.propose(txn, config)) this.#end('the epoch has no zxid left: a new one has to begin')
  }

  #synced(zxid: number): void {
    if (this.#phase !== 'broadcast') return
    this.#broadcast.synced(zxid)
    if (this.#broadcast.waitsForOthers) this.#goOnAlone()
    this.#finishHandOver()
  }

  #hear(link: LearnerLink, packet: QuorumPacket): void {
    link.deadline = Math.max(link.deadline, this.#tick + this.#options.syncLimit)
    switch (packet.type) {
      case PacketType.ACK:
        this.#broadcast.acknowledge(link, packet.zxid)
        return this.#finishHandOver()
      default:
        return this.#outbox.hear(link, packet, 'server')
    }
  }

  #answerRevalidation(event: Extract<LeaderEvent, { type: 'revalidated' }>): void {
    const link = this.#links.get(event.link)
    if (link !== undefined) this.#outbox.answerRevalidation(link, event)
  }

  // ---- time

  #passHalfTick(): void {
    const { initLimit } = this.#options
    this.#halfTicks++
    if (this.#phase !== 'broadcast') {
      if (this.#halfTicks - this.#phaseStart >= 2 * initLimit) return this.#end(`no quorum in ${this.#phase} in time`)
      // The other voter had half a tick to come. (Java asks before anybody can.)
      this.#askOracle()
    } else if (this.#halfTicks % 2 === 0) {
      this.#tick++
      if (!this.#hasQuorum(null) && !this.#askOracle()) return this.#end('a quorum of learners is no longer in touch')
    }
    this.#outbox.passHalfTick(this.#options, this.#phase === 'broadcast' ? this.#broadcast.lastProposed : null)
  }

  /** Those who were heard of lately are a quorum, of a pending configuration as well (ZOOKEEPER-1699). */
  #hasQuorum(alone: number | null): boolean {
    const synced = new AckSet(this.#broadcast.decisive)
    synced.add(this.#options.sid)
    for (const link of this.#links.values()) {
      if (link.follows && link.phase !== 'hello' && this.#tick <= link.deadline) synced.add(link.sid)
    }
    return synced.hasQuorum(alone)
  }

  // ---- an oracle, if there are two voters

  /** Whether no follower is there, nor, before requests are served, on its way. */
  get #isAlone(): boolean {
    const serving = this.#phase === 'broadcast'
    for (const { follows, phase } of this.#links.values()) {
      if (follows && (serving ? phase === 'active' : phase !== 'hello')) return false
    }
    return true
  }

  /** Returns false if there is nothing to hope for. */
  #askOracle(): boolean {
    const isPair = this.#broadcast.decisive.some((config) => config.isPair)
    if (!this.#options.oracle || !isPair || !this.#isAlone || this.#oracle.isSilent(this.#halfTicks)) return false
    if (this.#oracle.ask(this.#halfTicks)) this.#outbox.push({ type: 'askOracle' })
    return true
  }

  /** Something else waits for the other voter. */
  #goOnAlone(): void {
    if (this.#oracle.authorizes) this.#askOracle()
  }

  #hearOracle(authorizes: boolean): void {
    const alone = authorizes && this.#isAlone ? this.#options.sid : null
    this.#oracle.hear(alone !== null)
    if (this.#phase === 'broadcast' && !this.#hasQuorum(alone)) return this.#end('no oracle lets it go on alone')
    if (alone === null) return
    if (this.#phase === 'discovery') this.#fixEpoch(alone)
    else if (this.#phase === 'acceptance') {
      this.#agreement.acceptAlone()
      this.#tryAcceptance()
    } else if (this.#phase === 'synchronization') this.#tryEstablishing(this.#newLeaderAcks!, alone)
    else {
      this.#broadcast.commitAlone()
      this.#finishHandOver()
    }
  }

  #lookingVoter(sid: number): void {
    const { disloyaltyLimit } = this.#options
    if (this.#phase !== 'discovery' || disloyaltyLimit === null || !this.#broadcast.config.voters.has(sid)) return
    if (this.#halfTicks - this.#phaseStart > disloyaltyLimit) this.#end(`server ${sid} looks for another leader`)
  }

  #finishHandOver(): void {
    if (this.#handOver === null || this.#phase === 'ended') return
    if (this.#phase !== 'broadcast' || this.#broadcast.size === 0) this.#end(this.#handOver)
  }

  /** Learners leave for their new leader once they have been told, and not before: they are waited for. */
  #finishSuccession(): void {
    const { successor } = this.#broadcast
    if (successor !== null && this.#links.size === 0)
      this.#end(`a reconfiguration makes server ${successor} the leader`)
  }

  #enter(phase: LeaderPhase): void {
    this.#phase = phase
    this.#phaseStart = this.#halfTicks
  }

  #end(reason: string): void {
    const tail = this.#broadcast.end()
    this.#enter('ended')
    this.#links.clear()
    this.#outbox.push({ type: 'ended', reason, tail, next: this.#broadcast.successor })
  }
}
