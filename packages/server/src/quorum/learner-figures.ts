import { PacketType, type QuorumPacket } from '@vivarium/protocol'

/** What is counted of the connection of a learner (LearnerHandler.getLearnerHandlerInfo). */
export class LearnerFigures {
  /** Of the wall clock. */
  readonly establishedMs: number
  packetsReceived = 0
  packetsSent = 0
  /** Of its clients, as far as they are not its own to answer. */
  requests = 0
  /** The last that it was told of; −1: none. */
  lastZxid = -1

  constructor(establishedMs: number) {
    this.establishedMs = establishedMs
  }

  received({ type }: QuorumPacket): void {
    this.packetsReceived++
    if (type === PacketType.REQUEST) this.requests++
  }

  sent({ zxid }: QuorumPacket): void {
    this.packetsSent++
    if (zxid > 0) this.lastZxid = zxid
  }

  reset(): void {
    this.packetsReceived = 0
    this.packetsSent = 0
    this.requests = 0
    this.lastZxid = -1
  }
}
