/**
 * How far a learner has come:
 *
 * - `hello`: it has connected, and must say who it is
 * - `epoch`: it waits until a quorum has connected
 * - `ackEpoch`: it must accept the new epoch
 * - `accepted`: it has, and waits until a quorum has
 * - `log`: its share of the transaction log is being read
 * - `sync`: it gets what it lacks, and must acknowledge NEWLEADER
 * - `acked`: it has, and waits until a quorum has
 * - `active`
 */
export type LinkPhase = 'hello' | 'epoch' | 'ackEpoch' | 'accepted' | 'log' | 'sync' | 'acked' | 'active'

/** What a leader knows of one connection of a learner (LearnerHandler). */
export class LearnerLink {
  readonly link: number
  phase: LinkPhase = 'hello'
  sid = 0
  /** Whether it is sent proposals, and its acks count if it is a voter; an observer otherwise. */
  follows = false
  /** The last transaction it had when it connected. */
  lastZxid = -1
  /** The tick up to which it counts as one of those that keep the leader in power. */
  deadline: number
  /** For how many half ticks the leader has waited for a packet. */
  silence = 0
  /** A snapshot is on its way, to which the learner can say nothing yet. */
  sendingSnapshot = false
  syncMode: 'DIFF' | 'TRUNC' | 'SNAP' | null = null
  /** The newest proposal that was sent to it while its acks are timed. */
  lastSent = 0
  /** For how many half ticks its next ack is due; −1 if none is. */
  ackAge = -1

  constructor(link: number, deadline: number) {
    this.link = link
    this.deadline = deadline
  }

  /** It is the learner's turn to say something. */
  get isExpected(): boolean {
    if (this.sendingSnapshot) return false
    return this.phase === 'hello' || this.phase === 'ackEpoch' || this.phase === 'sync' || this.phase === 'active'
  }

  get isSyncing(): boolean {
    return this.phase === 'sync'
  }

  /** Everything that is proposed or committed goes to it: it has what came before. */
  get isForwarded(): boolean {
    return this.phase === 'sync' || this.phase === 'acked' || this.phase === 'active'
  }

  /** A proposal goes out (LearnerHandler.SyncLimitCheck): acks are timed once the learner is synchronized. */
  proposed(zxid: number): void {
    if (this.phase === 'sync') return
    this.lastSent = zxid
    if (this.ackAge < 0) this.ackAge = 0
  }

  /** An ack has come in: the next one is due from now on, if there is one. */
  acked(zxid: number): void {
    if (this.ackAge >= 0) this.ackAge = zxid >= this.lastSent ? -1 : 0
  }
}
