import { PacketType, type QuorumPacket } from '@vivarium/protocol'
import { Effects } from './effects.ts'
import type { LeaderEffect, LinkEffect, SyncLimits } from './leader-messages.ts'
import type { LearnerLink } from './learner-link.ts'
import { quorumPacket } from './quorum-packet.ts'
import type { SyncPlan } from './sync-plan.ts'

/** The links of a leader, or of an observer master, and what it wants done. */
export class LeaderOutbox<Effect = LeaderEffect> {
  readonly links = new Map<number, LearnerLink>()
  readonly #effects = new Effects<Effect | LinkEffect>()

  push(effect: Effect | LinkEffect): void {
    this.#effects.push(effect)
  }

  take(): readonly (Effect | LinkEffect)[] {
    return this.#effects.take()
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
