import type { QuorumPacket } from '@vivarium/protocol'
import { LearnerFigures } from './learner-figures.ts'
import { PacketLink, type PacketLinkEvents } from './packet-link.ts'
import type { SnapshotSender } from './snapshot-transfer.ts'

/** What a leader hears of the connections of its learners. */
export interface LearnerConnectionEvents {
  turnBegan(): void
  packet(link: number, packet: QuorumPacket): void
  turnEnded(): void
  closed(link: number, reason: string): void
}

/** The connection of one learner. Sessions of its clients belong to it. */
export class LearnerConnection implements PacketLinkEvents {
  readonly id: number
  readonly link: PacketLink
  readonly figures: LearnerFigures
  sender: SnapshotSender | null = null
  readonly #role: LearnerConnectionEvents
  #stalledHalfTicks = 0
  /** When all that was sent had left, as far as was looked. */
  #drainedMs = Number.POSITIVE_INFINITY

  /** @param wallMs what time it is */
  constructor(id: number, role: LearnerConnectionEvents, maxField: number, wallMs: number) {
    this.id = id
    this.figures = new LearnerFigures(wallMs)
    this.#role = role
    this.link = new PacketLink(this, maxField)
  }

  turnBegan(): void {
    this.#role.turnBegan()
  }

  send(packet: QuorumPacket): void {
    this.figures.sent(packet)
    this.link.send(packet)
  }

  packet(packet: QuorumPacket): void {
    this.figures.received(packet)
    this.#role.packet(this.id, packet)
  }

  turnEnded(): void {
    this.#role.turnEnded()
  }

  closed(reason: string): void {
    this.sender?.proceed()
    this.#role.closed(this.id, reason)
  }

  drained(): void {
    this.#stalledHalfTicks = 0
    this.sender?.proceed()
  }

  /** How long something has waited to leave, in milliseconds, since this was last 0. */
  backlogMs(nowMs: number): number {
    if (this.link.pendingBytes === 0) this.#drainedMs = nowMs
    return Math.max(0, Math.round(nowMs - this.#drainedMs))
  }

  /** A learner that takes nothing of a snapshot any more would hold its pieces for ever (ZOOKEEPER-3531). */
  checkProgress(mostHalfTicks: number): void {
    if (this.sender === null || this.link.socket?.pendingBytes === 0) this.#stalledHalfTicks = 0
    else if (++this.#stalledHalfTicks >= mostHalfTicks) {
      this.link.destroy()
      this.closed('it takes nothing of the snapshot that it is sent')
    }
  }
}
