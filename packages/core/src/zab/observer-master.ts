import { counterOf, epochOf, formatZxid, makeZxid, PacketType, type QuorumPacket } from '@vivarium/protocol'
import type { CommittedLog } from './committed-log.ts'
import type { ClientEffect, LinkEffect, LinkEvent, SyncLimits } from './leader-messages.ts'
import { LeaderOutbox } from './leader-outbox.ts'
import { LearnerLink } from './learner-link.ts'
import type { LoggedTxn } from './logged-txn.ts'
import * as body from './packet-bodies.ts'
import { quorumPacket } from './quorum-packet.ts'
import { planSync } from './sync-plan.ts'

export interface ObserverMasterOptions extends SyncLimits {
  readonly sid: number
  /** Of the leader that this server follows. */
  readonly epoch: number
  /** The last transaction in the tree, and the end of what is in it, to which the follower goes on adding. */
  readonly lastZxid: number
  readonly committed: CommittedLog
  /** The configuration in force at any time, as text, and its version. */
  readonly config: () => { readonly version: number; toString(): string }
  /** In ticks: how long observers may take to synchronize, and for how long they may be silent afterwards. */
  readonly initLimit: number
  readonly syncLimit: number
  /** `zookeeper.forceSnapshotSync`. */
  readonly forceSnapshot: boolean
}

export type ObserverMasterEvent =
  | LinkEvent
  /** A tick is over by half. */
  | { readonly type: 'halfTick' }
  /** The follower has applied a transaction. `designatedLeader`: who leads from it on, if it is a reconfiguration. */
  | { readonly type: 'committed'; readonly txn: LoggedTxn; readonly designatedLeader: number | null }
  /** Answers `revalidate`. */
  | { readonly type: 'revalidated'; readonly link: number; readonly sessionId: bigint; readonly valid: boolean }
  /** Answers a `request` to sync. */
  | { readonly type: 'syncAnswered'; readonly link: number }

/** What observers ask for is the leader's to answer; requests but for syncs are not, as their transactions come to all. */
export type ObserverMasterEffect = LinkEffect | ClientEffect

/**
 * A follower that serves observers in its leader's place: brings them to where it is, tells them what is committed, and
 * passes on what they ask (`observerMasterPort`). To them it looks like a leader whose epoch has begun long ago.
 *
 * Inherited from ObserverMaster and LearnerHandler. There is no need of Java's cache of packets (`observerMaster.sizeLimit`):
 * nothing is committed between the moment in which it is decided what an observer lacks and that in which it is sent what
 * comes next.
 */
export class ObserverMaster {
  readonly #options: ObserverMasterOptions
  readonly #outbox = new LeaderOutbox<ObserverMasterEffect>()
  #lastZxid: number

  constructor(options: ObserverMasterOptions) {
    this.#options = options
    this.#lastZxid = options.lastZxid
  }

  /** The observers that are synchronized. */
  get observers(): number[] {
    return [...this.#outbox.links.values()].filter(({ phase }) => phase === 'active').map(({ sid }) => sid)
  }

  /** Whether it is one of these. */
  observes(link: number): boolean {
    return this.#outbox.links.get(link)?.phase === 'active'
  }

  /** Whose link this is; null while that is not known. */
  sidOf(link: number): number | null {
    return this.#outbox.sidOf(link)
  }

  /** How many observers are being synchronized at present, with a snapshot or without. */
  syncsInProgress(snapshots: boolean): number {
    return this.#outbox.syncsInProgress(snapshots)
  }

  step(event: ObserverMasterEvent): void {
    switch (event.type) {
      case 'accepted':
        this.#outbox.links.set(event.link, new LearnerLink(event.link, 0))
        return
      case 'closed':
        this.#outbox.links.delete(event.link)
        return
      case 'committed':
        return this.#inform(event.txn, event.designatedLeader)
      case 'halfTick':
        return this.#outbox.passHalfTick(this.#options, this.#lastZxid)
    }
    const link = this.#outbox.links.get(event.link)
    if (link === undefined) return
    switch (event.type) {
      case 'packet':
        link.silence = 0
        return this.#receive(link, event.packet)
      case 'logRead':
        return link.phase === 'log' ? this.#synchronize(link, event.txns) : undefined
      case 'snapshotSent':
        link.sendingSnapshot = false
        return
      case 'revalidated':
        return this.#outbox.answerRevalidation(link, event)
      case 'syncAnswered':
        return this.#outbox.send(link, quorumPacket(PacketType.SYNC, 0))
    }
  }

  takeEffects(): readonly ObserverMasterEffect[] {
    return this.#outbox.take()
  }

  #receive(link: LearnerLink, packet: QuorumPacket): void {
    switch (link.phase) {
      case 'hello':
        return this.#hello(link, packet)
      case 'ackEpoch':
        return this.#ackEpoch(link, packet)
      case 'sync':
        return this.#ackNewLeader(link, packet)
      case 'active':
        return this.#hear(link, packet)
      default:
        return this.#outbox.drop(link, `sent a packet of type ${packet.type} when it was not its turn`)
    }
  }

  #hello(link: LearnerLink, { type, zxid, data }: QuorumPacket): void {
    const { sid, epoch, config } = this.#options
    if (!this.#outbox.greet(link, data, { sid, configVersion: config().version, title: 'this server' })) return
    if (type !== PacketType.OBSERVERINFO) return this.#outbox.drop(link, 'is no observer')
    // It has heard of a leader that this server has not found yet.
    if (epochOf(zxid) > epoch) return this.#outbox.drop(link, `has accepted epoch ${epochOf(zxid)}`)
    this.#outbox.dropOthersOf(link)
    link.phase = 'ackEpoch'
    const version = body.encodeInt(body.PROTOCOL_VERSION)
    this.#outbox.send(link, quorumPacket(PacketType.LEADERINFO, makeZxid(epoch, 0), version))
  }

  #ackEpoch(link: LearnerLink, { type, zxid, data }: QuorumPacket): void {
    if (type !== PacketType.ACKEPOCH || body.decodeInt(data) === null)
      return this.#outbox.drop(link, `answered LEADERINFO by a packet of type ${type}`)
    link.lastZxid = zxid
    this.#synchronize(link, undefined)
  }

  /** @param logged what the transaction log has for the observer; undefined if it was not looked at yet */
  #synchronize(link: LearnerLink, logged: readonly LoggedTxn[] | null | undefined): void {
    const { epoch, committed, config, forceSnapshot } = this.#options
    const { lastZxid: peerZxid } = link
    const plan = planSync({ peerZxid, lastZxid: this.#lastZxid, committed, logged, forceSnapshot })
    if (plan.mode === 'LOG') {
      link.phase = 'log'
      return this.#outbox.push({ type: 'readLog', link: link.link, zxid: peerZxid })
    }
    if (this.#outbox.isBusy(plan.mode, this.#options))
      return this.#outbox.drop(link, 'is one too many to be synchronized at once')
    // From here on everything that is committed follows, without a gap.
    this.#outbox.sendHistory(link, plan)
    const text = body.encodeText(config().toString())
    this.#outbox.send(link, quorumPacket(PacketType.NEWLEADER, makeZxid(epoch, 0), text))
  }

  #ackNewLeader(link: LearnerLink, { type, zxid }: QuorumPacket): void {
    if (type !== PacketType.ACK || zxid !== makeZxid(this.#options.epoch, 0))
      return this.#outbox.drop(link, `answered NEWLEADER by a packet of type ${type} with ${formatZxid(zxid)}`)
    link.phase = 'active'
    this.#outbox.send(link, quorumPacket(PacketType.UPTODATE, -1))
  }

  #hear(link: LearnerLink, packet: QuorumPacket): void {
    const { type, zxid } = packet
    switch (type) {
      case PacketType.ACK:
        // UPTODATE is acknowledged, by the zxid of NEWLEADER; transactions are not.
        if (counterOf(zxid) !== 0) this.#outbox.warn(`observer ${link.sid} acked ${formatZxid(zxid)}`)
        return
      default:
        return this.#outbox.hear(link, packet, 'observer')
    }
  }

  #inform(txn: LoggedTxn, designatedLeader: number | null): void {
    const { zxid, data } = txn
    this.#lastZxid = zxid
    const packet =
      designatedLeader === null
        ? quorumPacket(PacketType.INFORM, zxid, data)
        : quorumPacket(PacketType.INFORMANDACTIVATE, zxid, body.encodeDesignatedLeader(designatedLeader, data))
    for (const link of this.#outbox.links.values()) if (link.isForwarded) this.#outbox.send(link, packet)
  }
}
