import { PacketType, type QuorumPacket } from '@vivarium/protocol'
import { Effects } from './effects.ts'
import type { ClientEffect, LeaderEffect, LinkEffect, SyncLimits } from './leader-messages.ts'
import type { LearnerLink } from './learner-link.ts'
import * as body from './packet-bodies.ts'
import { quorumPacket } from './quorum-packet.ts'
import type { SyncPlan } from './sync-plan.ts'

/** Whom a learner greets. */
interface Host {
  readonly sid: number
  /** Of the configuration in force. */
  readonly configVersion: number
  /** What it is to the learner. */
  readonly title: string
}

/** The links of a leader, or of an observer master, and what it wants done. */
export class LeaderOutbox<Effect = LeaderEffect> {
  readonly links = new Map<number, LearnerLink>()
  readonly #effects = new Effects<Effect | LinkEffect | ClientEffect>()
  /** Ids for learners that do not name themselves. */
  #nextAnonymous = -1

  push(effect: Effect | LinkEffect | ClientEffect): void {
    this.#effects.push(effect)
  }

  take(): readonly (Effect | LinkEffect | ClientEffect)[] {
    return this.#effects.take()
  }

  /** A learner says who it is (LearnerHandler.run). @returns false if it was dropped, since it cannot be one of this server's */
  greet(link: LearnerLink, data: Uint8Array | null, { sid, configVersion, title }: Host): boolean {
    const info = data === null ? null : body.decodeLearnerInfo(data)
    let refusal: string | null = null
    if (data !== null && info === null) refusal = 'does not say who it is'
    else {
      link.sid = info?.serverid ?? this.#nextAnonymous--
      if (info !== null && info.protocolVersion < body.PROTOCOL_VERSION) refusal = 'is older than ZooKeeper 3.4'
      else if (info !== null && info.configVersion > configVersion)
        refusal = `has a later configuration in force than ${title}`
      else if (info?.serverid === sid) refusal = `claims to be server ${sid}, as we are`
    }
    if (refusal !== null) this.drop(link, refusal)
    return refusal === null
  }

  /** What a synchronized learner says for its clients. @param name of its kind */
  hear(link: LearnerLink, { type, data, authinfo }: QuorumPacket, name: 'server' | 'observer'): void {
    switch (type) {
      case PacketType.PING:
        for (const { sessionId, timeoutMs } of body.decodeTouches(data)) {
          this.push({ type: 'touch', sessionId, timeoutMs })
        }
        return
      case PacketType.REVALIDATE: {
        const [touch] = body.decodeTouches(data)
        if (touch === undefined) return this.drop(link, 'asked about no session')
        return this.push({ type: 'revalidate', link: link.link, ...touch })
      }
      case PacketType.REQUEST: {
        const request = body.decodeRequest(data)
        if (request === null) return this.drop(link, 'forwarded less than a request')
        return this.push({ type: 'request', link: link.link, request, authinfo })
      }
      default:
        return this.warn(`${name} ${link.sid} sent a packet of type ${type}, which is ignored`)
    }
  }

  /**
   * Half a tick is over: who has been silent for too long is dropped, and the others are pinged.
   *
   * @param limits in ticks: of those who are being synchronized, and of those who are
   * @param zxid that pings name; null: nobody is pinged yet
   */
  passHalfTick({ initLimit, syncLimit }: { initLimit: number; syncLimit: number }, zxid: number | null): void {
    for (const link of this.links.values()) {
      const limit = link.phase === 'active' ? 2 * syncLimit : 2 * initLimit
      if (link.isExpected && ++link.silence >= limit) this.drop(link, 'has not been heard of for too long')
      else if (link.ackAge >= 0 && ++link.ackAge >= 2 * syncLimit) this.drop(link, 'takes too long to log proposals')
      else if (zxid !== null && link.isForwarded) this.send(link, quorumPacket(PacketType.PING, zxid))
    }
  }

  /** Answers `revalidate`. */
  answerRevalidation(link: LearnerLink, { sessionId, valid }: { sessionId: bigint; valid: boolean }): void {
    this.send(link, quorumPacket(PacketType.REVALIDATE, -1, body.encodeValidity(sessionId, valid)))
  }

  send(link: LearnerLink, packet: QuorumPacket): void {
    this.#effects.push({ type: 'send', link: link.link, packet })
  }

  drop(link: LearnerLink, reason: string): void {
    this.links.delete(link.link)
    this.#effects.push({ type: 'drop', link: link.link, reason: `server ${link.sid} ${reason}` })
  }

  /** A server has one connection; what comes in on an older one may have been true once. */
  dropOthersOf(link: LearnerLink): void {
    for (const other of this.links.values()) {
      if (other !== link && other.sid === link.sid && other.phase !== 'hello') this.drop(other, 'has connected anew')
    }
  }

  warn(text: string): void {
    this.#effects.push({ type: 'warn', text })
  }

  /** Too many learners are being synchronized for another observer; the ensemble's voters always are (LearnerSyncThrottler). */
  isBusy(mode: 'DIFF' | 'TRUNC' | 'SNAP', { maxSnapSyncs, maxDiffSyncs }: SyncLimits): boolean {
    return this.syncsInProgress(mode === 'SNAP') >= (mode === 'SNAP' ? maxSnapSyncs : maxDiffSyncs)
  }

  /** How many learners are being synchronized at present, with a snapshot or without. */
  syncsInProgress(snapshots: boolean): number {
    let syncs = 0
    for (const link of this.links.values()) if (link.isSyncing && (link.syncMode === 'SNAP') === snapshots) syncs++
    return syncs
  }

  /** Whose link this is; null while that is not known. */
  sidOf(link: number): number | null {
    const learner = this.links.get(link)
    return learner === undefined || learner.phase === 'hello' ? null : learner.sid
  }

  /** Sends what a learner lacks; NEWLEADER follows. */
  sendHistory(link: LearnerLink, plan: Exclude<SyncPlan, { mode: 'LOG' }>): void {
    this.send(link, quorumPacket(PacketType[plan.mode], plan.zxid))
    if (plan.mode === 'SNAP') {
      link.sendingSnapshot = true
      this.push({ type: 'sendSnapshot', link: link.link })
    }
    for (const { zxid, data } of plan.txns) {
      this.send(link, quorumPacket(PacketType.PROPOSAL, zxid, data))
      this.send(link, quorumPacket(PacketType.COMMIT, zxid))
    }
    link.phase = 'sync'
    link.syncMode = plan.mode
  }
}
