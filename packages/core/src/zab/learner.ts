import {
  counterOf,
  epochOf,
  formatZxid,
  type Id,
  makeZxid,
  OpCode,
  PacketType,
  type QuorumPacket,
} from '@vivarium/protocol'
import { assert } from './assert.ts'
import { Effects } from './effects.ts'
import { type Ending, LearnerConfig } from './learner-config.ts'
import { LearnerLog } from './learner-log.ts'
import type { LearnerEffect, LearnerEvent, LearnerOptions } from './learner-messages.ts'
import { follows, LoggedTxn } from './logged-txn.ts'
import type { ForwardedRequest } from './packet-bodies.ts'
import * as body from './packet-bodies.ts'
import { quorumPacket } from './quorum-packet.ts'
import { SyncWindow } from './sync-window.ts'

/**
 * - `connecting`
 * - `discovery`: it has said who it is, and must be told the new epoch
 * - `acceptance`: it writes that epoch down
 * - `opening`: it must be told how it will be synchronized
 * - `restoring`: its log is truncated, or a snapshot arrives
 * - `syncing`: it hears of what it lacks, until NEWLEADER
 * - `logging`: what was committed until then goes to the disk
 * - `recording`: the epoch does
 * - `synced`: it has acknowledged NEWLEADER, and waits until a quorum has
 * - `serving`
 */
export type LearnerPhase =
  | 'connecting'
  | 'discovery'
  | 'acceptance'
  | 'opening'
  | 'restoring'
  | 'syncing'
  | 'logging'
  | 'recording'
  | 'synced'
  | 'serving'
  | 'ended'

/**
 * Follows or observes a leader: accepts its epoch, takes over its history, then logs what it proposes and applies what
 * it commits. An observer differs in that it is told of transactions when they are committed, and acknowledges none; but
 * it takes over the history just as durably, since it may be a voter one day.
 *
 * Nothing is acknowledged before it is on disk: the epoch before ACKEPOCH; the transactions, then the epoch, before
 * NEWLEADER's ACK (ZOOKEEPER-3023, ZOOKEEPER-4643, ZOOKEEPER-4646); each proposal before its ACK.
 *
 * Inherited from Learner, Follower and Observer.
 */
export class Learner<T> {
  readonly #options: LearnerOptions
  /** Whether the leader makes transactions of ClickHouse Keeper's operations. */
  leaderKnowsKeeper = false
  #phase: LearnerPhase = 'connecting'
  #epoch = 0
  readonly #config: LearnerConfig
  readonly #log: LearnerLog<T>
  /** Where TRUNC or SNAP leads to. */
  #target = 0
  #window: SyncWindow | null = null
  /** NEWLEADER came in while the log was truncated or the snapshot arrived. */
  #newLeaderDue = false
  #syncs: T[] = []
  /** For how many half ticks the leader has been silent. */
  #silence = 0
  readonly #effects = new Effects<LearnerEffect<T>>()

  constructor(options: LearnerOptions) {
    this.#options = options
    this.#config = new LearnerConfig(options, this.#effects)
    this.#log = new LearnerLog(options.history.lastZxid, options.history.committed, this.#effects)
  }

  get phase(): LearnerPhase {
    return this.#phase
  }

  /** The epoch of the leader; 0 before it is known. */
  get epoch(): number {
    return this.#epoch
  }

  /** The last transaction in the tree; at the end, with what the tail adds. Of no meaning if the tree is to be reloaded. */
  get lastZxid(): number {
    return this.#log.lastZxid
  }

  step(event: LearnerEvent<T>): void {
    if (this.#phase === 'ended') return
    switch (event.type) {
      case 'connected':
        return this.#introduce()
      case 'packet':
        return this.#receive(event.packet)
      case 'closed':
        return this.#end(event.reason)
      case 'received':
        this.#silence = 0
        return
      case 'halfTick':
        return this.#passHalfTick()
      case 'acceptedEpochPersisted':
        return this.#acceptEpoch(this.#options.history.currentEpoch)
      case 'currentEpochPersisted':
        return this.#acknowledgeNewLeader()
      case 'installed':
        return this.#installed()
      case 'truncated':
        return this.#truncated(event.zxid)
      case 'synced':
        return this.#synced(event.zxid)
      case 'forward':
        return this.#forward(event)
      case 'relay':
        return this.#sendRequest(event.request, event.authinfo)
      case 'revalidate':
        return this.#send(PacketType.REVALIDATE, -1, body.encodeRevalidation(event.session))
    }
  }

  takeEffects(): readonly LearnerEffect<T>[] {
    return this.#effects.take()
  }

  get #isObserver(): boolean {
    return this.#options.role === 'observer'
  }

  // ---- discovery

  #introduce(): void {
    const { sid, history } = this.#options
    this.#phase = 'discovery'
    const type = this.#isObserver ? PacketType.OBSERVERINFO : PacketType.FOLLOWERINFO
    const info = body.encodeLearnerInfo(sid, this.#config.version)
    this.#send(type, makeZxid(history.acceptedEpoch, 0), info)
  }

  #receive(packet: QuorumPacket): void {
    this.#silence = 0
    switch (this.#phase) {
      case 'discovery':
        return this.#hearEpoch(packet)
      case 'opening':
        return this.#open(packet)
      case 'restoring':
      case 'syncing':
      case 'logging':
      case 'recording':
      case 'synced':
        return this.#receiveInSync(packet)
      case 'serving':
        return this.#receiveInBroadcast(packet)
      default:
        return this.#end(`the leader sent a packet of type ${packet.type} when it was not its turn`)
    }
  }

  #hearEpoch({ type, zxid, data }: QuorumPacket): void {
    const { acceptedEpoch } = this.#options.history
    if (type !== PacketType.LEADERINFO) return this.#end(`the leader began with a packet of type ${type}`)
    this.#epoch = epochOf(zxid)
    this.leaderKnowsKeeper = body.knowsKeeper(data)
    if (this.#epoch < acceptedEpoch) return this.#end(`epoch ${acceptedEpoch} was accepted before ${this.#epoch}`)
    this.#phase = 'acceptance'
    // Who has accepted an epoch before must not do so again, but may still follow.
    if (this.#epoch === acceptedEpoch) return this.#acceptEpoch(-1)
    this.#effects.push({ type: 'persistAcceptedEpoch', epoch: this.#epoch })
  }

  #acceptEpoch(currentEpoch: number): void {
    assert(this.#phase === 'acceptance', 'an epoch is accepted once')
    this.#phase = 'opening'
    // Who pretends to have nothing, to be sent a snapshot, must not be one of those that show the leader to be ahead.
    if (this.#options.wantsSnapshot) this.#send(PacketType.ACKEPOCH, 0, body.encodeInt(-1))
    else this.#send(PacketType.ACKEPOCH, this.#log.lastZxid, body.encodeInt(currentEpoch))
  }

  // ---- synchronization

  #open({ type, zxid }: QuorumPacket): void {
    if (this.#options.wantsSnapshot && type !== PacketType.SNAP)
      return this.#end('the leader sends no snapshot where there has to be one')
    switch (type) {
      case PacketType.DIFF:
        // The zxid is for information only: leaders do not set it reliably.
        this.#window = new SyncWindow(this.#log.lastZxid, this.#epoch)
        this.#phase = 'syncing'
        return
      case PacketType.TRUNC:
      case PacketType.SNAP:
        if (zxid < 0 || epochOf(zxid) > this.#epoch)
          return this.#end(`the leader's history ends at ${formatZxid(zxid)}`)
        this.#window = new SyncWindow(zxid, this.#epoch)
        this.#phase = 'restoring'
        this.#target = zxid
        this.#effects.push({ type: type === PacketType.SNAP ? 'receiveSnapshot' : 'truncate', zxid })
        return
      default:
        return this.#end(`the leader synchronizes by a packet of type ${type}`)
    }
  }

  #installed(): void {
    assert(this.#phase === 'restoring', 'a snapshot is installed when one was sent')
    this.#restored(-1)
  }

  #truncated(zxid: number | null): void {
    // Java's server exits here, and goes on doing so until somebody removes its files.
    if (zxid === null) return this.#end('the history on disk cannot be cut back', null, true)
    assert(this.#phase === 'restoring' && zxid <= this.#target, 'what was to be truncated is gone')
    // There is no transaction `epoch << 32`: one stands there by having all that came before the epoch.
    if (zxid !== this.#target && counterOf(this.#target) !== 0)
      return this.#end(`the log has nothing from ${formatZxid(zxid)} to ${formatZxid(this.#target)}`)
    this.#restored(zxid)
  }

  #restored(kept: number): void {
    this.#log.restore(this.#target, kept)
    this.#phase = 'syncing'
    this.#logCommitted()
    if (this.#newLeaderDue) this.#logHistory()
  }

  #receiveInSync(packet: QuorumPacket): void {
    switch (packet.type) {
      case PacketType.PROPOSAL:
        return this.#proposeInSync(packet.data)
      case PacketType.COMMIT:
        return this.#commitInSync(packet.zxid)
      case PacketType.COMMITANDACTIVATE:
        return this.#commitAndActivateInSync(packet)
      case PacketType.INFORM:
        this.#proposeInSync(packet.data)
        return this.#commitInSync(packet.zxid)
      case PacketType.INFORMANDACTIVATE: {
        const designated = body.decodeDesignatedLeader(packet.data)
        if (designated === null) return this.#end('the leader designates nobody')
        this.#proposeInSync(designated.txn)
        return this.#commitAndActivateInSync(packet)
      }
      case PacketType.NEWLEADER:
        return this.#newLeader(packet)
      case PacketType.UPTODATE:
        return this.#upToDate()
      default:
        return
    }
  }

  #proposeInSync(data: Uint8Array | null): void {
    const txn = this.#readTxn(data)
    if (txn === null) return
    const refusal = this.#window!.propose(txn)
    if (refusal !== null) return this.#end(refusal)
    this.#noteConfig(txn)
  }

  #commitInSync(zxid: number): void {
    if (this.#phase === 'ended') return
    if (!this.#window!.commit(zxid)) return this.#end(`${formatZxid(zxid)} was committed out of turn`)
    if (this.#phase === 'syncing') this.#logCommitted()
  }

  #commitAndActivateInSync({ zxid, data }: QuorumPacket): void {
    if (this.#phase === 'ended') return
    const txn = this.#window!.oldestOpen
    this.#commitInSync(zxid)
    if (txn?.zxid === zxid) this.#activate(txn, data)
  }

  /** What is committed while the history is handed over goes to the log first, then into the tree. */
  #logCommitted(): void {
    for (const txn of this.#window!.takeCommitted()) this.#log.appendCommitted(txn)
  }

  #newLeader({ zxid, data }: QuorumPacket): void {
    if (this.#newLeaderDue || (this.#phase !== 'syncing' && this.#phase !== 'restoring'))
      return this.#end('NEWLEADER came in twice')
    if (zxid !== makeZxid(this.#epoch, 0)) return this.#end(`NEWLEADER has ${formatZxid(zxid)}`)
    if (data !== null && data.length > 1) this.#config.offer(data)
    this.#newLeaderDue = true
    if (this.#phase === 'syncing') this.#logHistory()
  }

  /** All that came before NEWLEADER has to be on disk; the epoch must not be written down before (ZOOKEEPER-4643). */
  #logHistory(): void {
    this.#phase = 'logging'
    if (!this.#log.isSynced) return
    this.#phase = 'recording'
    this.#effects.push({ type: 'persistCurrentEpoch', epoch: this.#epoch })
  }

  #acknowledgeNewLeader(): void {
    assert(this.#phase === 'recording' && this.#log.isSynced, 'the history was on disk before the epoch')
    this.#phase = 'synced'
    this.#send(PacketType.ACK, makeZxid(this.#epoch, 0))
  }

  #upToDate(): void {
    if (this.#phase !== 'synced') return this.#end('UPTODATE came in before NEWLEADER was acknowledged')
    const config = this.#config.offered
    // Java's leaders name a configuration here that may only be proposed: its commit is still to come then.
    const isProposed = config !== null && this.#window!.isOpen(config.version)
    const ending = config === null || isProposed ? null : this.#config.enforce(config, null, null)
    if (ending !== null) return this.#leaveAt(ending)
    this.#send(PacketType.ACK, makeZxid(this.#epoch, 0))
    this.#phase = 'serving'
    this.#effects.push({ type: 'serve', epoch: this.#epoch })
    // What came after NEWLEADER is logged only now: no ACK of it may overtake NEWLEADER's (ZOOKEEPER-4685).
    this.#logCommitted()
    for (const txn of this.#window!.takeOpen()) this.#log.appendProposal(txn)
    this.#window = null
  }

  // ---- broadcast

  #receiveInBroadcast(packet: QuorumPacket): void {
    const { type, zxid, data } = packet
    switch (type) {
      case PacketType.PROPOSAL:
        return this.#isObserver ? this.#warn('an observer was sent a proposal') : this.#propose(data)
      case PacketType.COMMIT:
        return this.#isObserver ? this.#warn('an observer was sent a commit') : this.#commitPending(zxid)
      case PacketType.COMMITANDACTIVATE: {
        const txn = this.#log.oldestPending
        this.#commitPending(zxid)
        return txn?.zxid === zxid ? this.#activate(txn, data) : undefined
      }
      case PacketType.INFORM:
        this.#inform(data)
        return
      case PacketType.INFORMANDACTIVATE: {
        const designated = body.decodeDesignatedLeader(data)
        const txn = designated === null ? null : this.#inform(designated.txn)
        return txn === null ? undefined : this.#activate(txn, data)
      }
      case PacketType.PING:
        this.#effects.push({ type: 'answerPing', zxid })
        return
      case PacketType.SYNC:
        return this.#answerSync()
      case PacketType.REVALIDATE: {
        const validity = body.decodeValidity(data)
        if (validity !== null) this.#effects.push({ type: 'revalidated', ...validity })
        return
      }
      default:
        return this.#warn(`the leader sent a packet of type ${type}, which is ignored`)
    }
  }

  #propose(data: Uint8Array | null): void {
    const txn = this.#readNext(data)
    if (txn === null) return
    this.#noteConfig(txn)
    this.#log.appendProposal(txn)
  }

  #synced(zxid: number): void {
    for (const acked of this.#log.synced(zxid)) this.#send(PacketType.ACK, acked)
    if (this.#phase === 'logging') this.#logHistory()
  }

  #commitPending(zxid: number): void {
    const txn = this.#log.oldestPending
    if (txn === null) return this.#warn(`${formatZxid(zxid)} is committed, and nothing was proposed`)
    if (txn.zxid !== zxid)
      return this.#end(`${formatZxid(zxid)} is committed, and ${formatZxid(txn.zxid)} is what comes next`)
    this.#log.commitOldest()
  }

  /** Commits of an observer do not wait for its log. */
  #inform(data: Uint8Array | null): LoggedTxn | null {
    if (!this.#isObserver) {
      this.#warn('a follower was informed of a commit')
      return null
    }
    const txn = this.#readNext(data)
    if (txn !== null) this.#log.appendCommitted(txn)
    return txn
  }

  #forward({ request, authinfo, token }: Extract<LearnerEvent<T>, { type: 'forward' }>): void {
    if (request.opType === OpCode.sync) this.#syncs.push(token)
    else this.#log.forwarded.add(request.sessionId, request.cxid, token)
    this.#sendRequest(request, authinfo)
  }

  #sendRequest(request: ForwardedRequest, authinfo: readonly Id[] | null): void {
    assert(this.#phase === 'serving', 'only a server that serves has requests to forward')
    const packet = quorumPacket(PacketType.REQUEST, -1, body.encodeRequest(request))
    packet.authinfo = authinfo === null ? null : [...authinfo]
    this.#effects.push({ type: 'send', packet })
  }

  /** Answers say not to what: they come in the order of the syncs. */
  #answerSync(): void {
    const token = this.#syncs.shift()
    if (token === undefined) return this.#warn('the leader answered a sync that nobody asked for')
    this.#effects.push({ type: 'syncAnswered', token })
  }

  #noteConfig(txn: LoggedTxn): void {
    const refusal = this.#config.note(txn)
    if (refusal !== null) this.#end(refusal)
  }

  #activate(txn: LoggedTxn, data: Uint8Array | null): void {
    this.#leaveAt(this.#config.activate(txn, data))
  }

  #leaveAt(ending: Ending | null): void {
    if (ending !== null) this.#end(ending.reason, ending.next)
  }

  // ---- the rest

  /** Reads a transaction; ends if it is none. */
  #readTxn(data: Uint8Array | null): LoggedTxn | null {
    const txn = LoggedTxn.read(data)
    if (txn === null) this.#end('the leader proposed what is no transaction')
    return txn
  }

  /** Reads the transaction that comes next in broadcast; ends if it leaves a hole (ZOOKEEPER-4925). */
  #readNext(data: Uint8Array | null): LoggedTxn | null {
    const txn = this.#readTxn(data)
    if (txn === null) return null
    if (epochOf(txn.zxid) === this.#epoch && follows(this.#log.lastLogged, txn.zxid)) return txn
    this.#end(`${formatZxid(txn.zxid)} came after ${formatZxid(this.#log.lastLogged)}`)
    return null
  }

  #passHalfTick(): void {
    const { initLimit, syncLimit } = this.#options
    const limit = this.#phase === 'serving' ? syncLimit : initLimit
    if (++this.#silence >= 2 * limit) this.#end('the leader has been silent for too long')
  }

  #send(type: number, zxid: number, data: Uint8Array | null = null): void {
    this.#effects.push({ type: 'send', packet: quorumPacket(type, zxid, data) })
  }

  #warn(text: string): void {
    this.#effects.push({ type: 'warn', text })
  }

  #end(reason: string, next: number | null = null, wantsSnapshot = this.#options.wantsSnapshot): void {
    const reload = this.#phase === 'restoring'
    const tail = this.#log.end()
    this.#phase = 'ended'
    this.#effects.push({ type: 'ended', reason, tail, reload, next, wantsSnapshot })
  }
}
