import type { QuorumConfig } from '../quorum/index.ts'
import type { Notification } from './notification.ts'
import { NO_VOTE, PeerState, sameVote, type Vote } from './vote.ts'

/** How long to listen for a better candidate once a quorum agrees (FastLeaderElection.finalizeWait). */
const FINALIZE_WAIT_MS = 200

/** How often an oracle is asked at least: it may take its time to see that the other voter is gone. */
const ORACLE_INTERVAL_MS = 1000

/** What a vote says that comes of no election (Vote). */
const UNVOTED = { electionEpoch: -1, peerEpoch: -1, state: PeerState.LOOKING, version: 0 } as const

/** What a server brings to an election. */
export interface Candidate {
  /** The last transaction in its log; −1 if it is empty and nobody vouches for that: it neither votes nor counts. */
  readonly zxid: number
  /** The epoch it has last taken part in. */
  readonly epoch: number
}

export interface ElectionOptions {
  readonly sid: number
  /** First and longest wait for notifications, in milliseconds (`fastleader.min/maxNotificationInterval`). */
  readonly minIntervalMs: number
  readonly maxIntervalMs: number
  /** Whether there is an oracle to ask where two vote and one of them is not heard (`oraclePath`). */
  readonly oracle: boolean
}

export type ElectionEvent =
  /** The server looks for a leader, with what it has and the configurations that it knows. */
  | {
      readonly type: 'look'
      readonly candidate: Candidate
      /** Whether this server may follow or lead, or only observes. */
      readonly participant: boolean
      readonly config: QuorumConfig
      /** The latest configuration heard of, which may not be committed yet. */
      readonly lastSeen: QuorumConfig
    }
  /** A notification from another server. Its configuration has been dealt with. */
  | { readonly type: 'notification'; readonly sid: number; readonly notification: Notification }
  /** A voter cannot be reached, or can be again: as long as not, there is no use in waiting for its vote. */
  | { readonly type: 'reachable'; readonly sid: number; readonly reachable: boolean }
  /** The timer that was last set has run out. `delivered`: some peer has been sent all there was for it. */
  | { readonly type: 'timeout'; readonly delivered: boolean }
  /** The epoch of the leader that was found has begun (QuorumPeer.updateElectionVote). */
  | { readonly type: 'epoch'; readonly epoch: number }
  /** Other configurations are known from here on; who looks has to look anew. */
  | { readonly type: 'configured'; readonly config: QuorumConfig; readonly lastSeen: QuorumConfig }
  /** Answers `askOracle`: whether this server may go on by itself. */
  | { readonly type: 'oracle'; readonly authorizes: boolean }
  /** A reconfiguration says who leads, without an election (QuorumPeer.updateVote). `zxid` is what this server has. */
  | { readonly type: 'designated'; readonly leader: number; readonly zxid: number; readonly participant: boolean }

export type ElectionEffect =
  | { readonly type: 'send'; readonly to: number; readonly notification: Omit<Notification, 'version'> }
  /** Replaces the timer that was set before. */
  | { readonly type: 'timer'; readonly ms: number }
  /** Nobody has been reached: try to connect to all. */
  | { readonly type: 'connectAll' }
  /** A voter that elected this leader looks for one again. */
  | { readonly type: 'lookingVoter'; readonly sid: number }
  | { readonly type: 'askOracle' }
  | { readonly type: 'elected'; readonly vote: Vote; readonly state: PeerState }

/**
 * Finds a leader that a quorum agrees on: the server with the latest epoch, then the latest zxid, then the highest id.
 * Works in every state, since those who look later must be told who leads.
 *
 * Inherited from FastLeaderElection (lookForLeader and WorkerReceiver).
 */
export class FastLeaderElection {
  readonly #options: ElectionOptions
  #state: PeerState = PeerState.LOOKING
  /** Counts the rounds; others' are taken over when they are ahead. */
  #round = 0
  #candidate: Candidate = { zxid: NO_VOTE, epoch: NO_VOTE }
  #participant = true
  #config: QuorumConfig | null = null
  #lastSeen: QuorumConfig | null = null
  /** Whom this server wants while it looks. */
  #proposal: Vote
  /** Whom it has found, or had found last. */
  #current: Vote
  /** Votes of this round. */
  readonly #received = new Map<number, Vote>()
  /** Who has been answered that this server wants whom it wants now. */
  readonly #told = new Set<number>()
  /** Voters that cannot be reached. */
  readonly #unreachable = new Set<number>()
  /** Votes of those who have found a leader, whatever their round. */
  readonly #outside = new Map<number, Vote>()
  /** The other one of two voters, if it says that it leads: no quorum can confirm that. */
  #claimant: Vote | null = null
  #intervalMs: number
  /** A quorum agrees; unless a better candidate shows itself in time, that is it. */
  #finalizing = false
  #effects: ElectionEffect[] = []

  constructor(options: ElectionOptions) {
    this.#options = options
    this.#intervalMs = options.minIntervalMs
    this.#current = {
      leader: options.sid,
      zxid: 0,
      electionEpoch: 0,
      peerEpoch: 0,
      state: PeerState.LOOKING,
      version: 0,
    }
    this.#proposal = this.#current
  }

  get state(): PeerState {
    return this.#state
  }

  /** The vote that this server stands by. */
  get currentVote(): Vote {
    return this.#current
  }

  step(event: ElectionEvent): void {
    switch (event.type) {
      case 'look':
        return this.#look(event)
      case 'notification':
        return this.#receive(event.sid, event.notification)
      case 'reachable':
        if (event.reachable) this.#unreachable.delete(event.sid)
        else this.#unreachable.add(event.sid)
        if (this.#finalizing && this.#hasHeardAll()) this.#elect(this.#proposal)
        return
      case 'timeout':
        return this.#timeout(event.delivered)
      case 'epoch':
        // Without this, those who come late would never see a quorum for one epoch (ZOOKEEPER-1732).
        this.#current = { ...this.#current, peerEpoch: event.epoch }
        return
      case 'configured':
        this.#config = event.config
        this.#lastSeen = event.lastSeen
        return
      case 'oracle':
        return this.#hearOracle(event.authorizes)
      case 'designated':
        this.#participant = event.participant
        return this.#settle({ ...UNVOTED, leader: event.leader, zxid: event.zxid })
    }
  }

  takeEffects(): ElectionEffect[] {
    const effects = this.#effects
    this.#effects = []
    return effects
  }

  #look({ candidate, participant, config, lastSeen }: Extract<ElectionEvent, { type: 'look' }>): void {
    this.#state = PeerState.LOOKING
    this.#candidate = candidate
    this.#participant = participant
    this.#config = config
    this.#lastSeen = lastSeen
    this.#received.clear()
    this.#outside.clear()
    this.#claimant = null
    this.#finalizing = false
    this.#intervalMs = this.#options.minIntervalMs
    this.#round++
    this.#propose(this.#ownVote())
    this.#setTimer(this.#intervalMs)
  }

  #ownVote(): Vote {
    const { sid } = this.#options
    return {
      leader: this.#votes(sid) ? sid : NO_VOTE,
      zxid: this.#participant ? this.#candidate.zxid : NO_VOTE,
      electionEpoch: this.#round,
      peerEpoch: this.#participant ? this.#candidate.epoch : NO_VOTE,
      state: PeerState.LOOKING,
      version: 0,
    }
  }

  #receive(sid: number, notification: Notification): void {
    if (!this.#isVoter(sid)) {
      // Observers, and servers that are about to join, learn from this who leads; in any state.
      if (notification.state === PeerState.LOOKING && this.#hasNewsFor(notification)) {
        this.#send(sid, this.#current, this.#round)
      }
      return
    }
    if (this.#state !== PeerState.LOOKING) {
      if (notification.state !== PeerState.LOOKING) return
      if (this.#state === PeerState.LEADING) this.#effects.push({ type: 'lookingVoter', sid })
      if (this.#hasNewsFor(notification)) this.#send(sid, this.#current, this.#current.electionEpoch)
      return
    }
    // What this server has said to itself in another round tells it nothing.
    if (sid === this.#options.sid && notification.electionEpoch !== this.#round) return
    this.#answerIfBehind(sid, notification)
    if (!this.#isVoter(notification.leader)) return this.#hearUndecided(notification)
    if (this.#finalizing) {
      if (!this.#beats(notification, this.#proposal)) return this.#hearAgreeing(sid, notification)
      this.#finalizing = false
      this.#setTimer(this.#intervalMs)
    }
    switch (notification.state) {
      case PeerState.LOOKING:
        return this.#hearLooking(sid, notification)
      case PeerState.FOLLOWING:
      case PeerState.LEADING:
        return this.#hearSettled(sid, notification)
      default:
        return
    }
  }

  /**
   * Tells somebody who looks what this server wants, if it is in an earlier round, or wants somebody worse. That it was told
   * already is not sure: who loses its leader a moment later than others does not count what they said before. (Java does not
   * answer within a round, so that the two wait for the next notification, which is 200 ms off.)
   *
   * Once is enough: who counts this server's votes takes over what is better. Who does not, knowing of other voters, answers
   * whatever it is told, and they would go on for ever.
   */
  #answerIfBehind(sid: number, notification: Notification): void {
    const { state, electionEpoch } = notification
    if (state !== PeerState.LOOKING || sid === this.#options.sid || electionEpoch > this.#round) return
    if (electionEpoch === this.#round) {
      if (this.#told.has(sid) || !this.#beats(this.#proposal, notification)) return
      this.#told.add(sid)
    }
    if (this.#hasNewsFor(notification)) this.#send(sid, this.#proposal, this.#round)
  }

  /**
   * Whether an answer is of use. What a server without a vote says counts nowhere, unless it knows of a later configuration.
   * (In Java it answers nevertheless, and a voter that looks answers that: so they go on until the voter has a leader.)
   */
  #hasNewsFor({ config }: Notification): boolean {
    if (this.#config === null || this.#isVoter(this.#options.sid)) return true
    return this.#config.version > versionOf(config)
  }

  /**
   * A voter that is none in the configuration in force names nobody, not even itself, until it hears of somebody in its own
   * round. It is needed where it has been proposed: so a voter that is one takes over its round, if that is the later one. (In
   * Java its word counts for nothing, and both may look for ever.)
   */
  #hearUndecided({ state, electionEpoch }: Notification): void {
    if (state !== PeerState.LOOKING || electionEpoch <= this.#round || !this.#votes(this.#options.sid)) return
    this.#finalizing = false
    this.#joinRound(electionEpoch)
    this.#propose(this.#ownVote())
    this.#setTimer(this.#intervalMs)
  }

  #joinRound(round: number): void {
    this.#round = round
    this.#received.clear()
  }

  /** A quorum agrees already. Whatever else is no better candidate is passed over, as Java does. */
  #hearAgreeing(sid: number, notification: Notification): void {
    if (notification.state !== PeerState.LOOKING || notification.electionEpoch !== this.#round) return
    this.#received.set(sid, voteOf(notification, PeerState.LOOKING))
    if (this.#hasHeardAll()) this.#elect(this.#proposal)
  }

  /** A vote of somebody who looks, too. */
  #hearLooking(sid: number, notification: Notification): void {
    // Who has an empty database that nobody vouches for must not outvote one that has data (ZOOKEEPER-261).
    if (this.#candidate.zxid === -1 || notification.zxid === -1) return
    const { electionEpoch } = notification
    // Who has no vote in the configuration in force joins any round of those who have: they may need it because of one that is
    // proposed, of which it may know or not. (In Java it insists on its own round, and they have no leader without it.) Two of
    // the kind must not do so with each other, or they could change their rounds in turn for ever.
    if (electionEpoch < this.#round && (this.#votes(this.#options.sid) || !this.#votes(sid))) return
    if (electionEpoch !== this.#round) {
      this.#joinRound(electionEpoch)
      const own = this.#ownVote()
      this.#propose(this.#beats(notification, own) ? notification : own)
    } else if (this.#beats(notification, this.#proposal)) this.#propose(notification)

    this.#received.set(sid, voteOf(notification, PeerState.LOOKING))
    if (!this.#hasQuorum(this.#received, this.#proposal)) return
    if (this.#hasHeardAll()) return this.#elect(this.#proposal)
    this.#finalizing = true
    this.#setTimer(FINALIZE_WAIT_MS)
  }

  /**
   * Whether nobody is left who could name a better candidate: all voters that can be reached agree with this one. (Java
   * waits in any case, which is most of the time that its ensembles need to replace a leader.)
   */
  #hasHeardAll(): boolean {
    for (const voters of [this.#config?.voters, this.#lastSeen?.voters]) {
      for (const sid of voters ?? []) {
        const vote = this.#received.get(sid)
        if (vote === undefined ? !this.#unreachable.has(sid) : !sameVote(vote, this.#proposal)) return false
      }
    }
    return true
  }

  /** A vote of somebody who has found a leader: if a quorum has, and the leader says so itself, that is it. */
  #hearSettled(sid: number, notification: Notification): void {
    const vote = voteOf(notification, notification.state)
    if (notification.electionEpoch === this.#round) {
      this.#received.set(sid, vote)
      if (this.#isFollowed(this.#received, vote) && this.#isLeading(this.#received, notification)) {
        return this.#elect(vote)
      }
    }
    this.#outside.set(sid, vote)
    if (this.#isFollowed(this.#outside, vote) && this.#isLeading(this.#outside, notification)) {
      this.#round = notification.electionEpoch
      return this.#elect(vote)
    }
    if (!this.#options.oracle || !this.#config?.isPair || notification.state !== PeerState.LEADING) return
    this.#claimant = vote
    this.#effects.push({ type: 'askOracle' })
  }

  /**
   * Who may go on by itself need not wait for the other. Who may not follows the other if that leads, since it would be the one
   * that may (FastLeaderElection.receivedLeadingNotification; Java does so, too, where more than two vote, and a majority could
   * tell).
   */
  #hearOracle(authorizes: boolean): void {
    const claimant = this.#claimant
    this.#claimant = null
    if (this.#state !== PeerState.LOOKING || this.#finalizing) return
    if (authorizes) {
      if (this.#hasQuorum(this.#received, this.#proposal, this.#options.sid)) this.#elect(this.#proposal)
    } else if (claimant !== null) {
      this.#round = claimant.electionEpoch
      this.#elect(claimant)
    }
  }

  #timeout(delivered: boolean): void {
    if (this.#state !== PeerState.LOOKING) return
    if (this.#finalizing) return this.#elect(this.#proposal)
    if (delivered) this.#notifyAll()
    else this.#effects.push({ type: 'connectAll' })
    const { sid, oracle, maxIntervalMs } = this.#options
    const asks = oracle && this.#hasQuorum(this.#received, this.#proposal, sid)
    if (asks) this.#effects.push({ type: 'askOracle' })
    this.#intervalMs = Math.min(this.#intervalMs * 2, asks ? ORACLE_INTERVAL_MS : maxIntervalMs)
    this.#setTimer(this.#intervalMs)
  }

  #elect(vote: Vote): void {
    this.#settle({ ...vote, electionEpoch: this.#round })
  }

  #settle(vote: Vote): void {
    const leads = vote.leader === this.#options.sid
    this.#state = leads ? PeerState.LEADING : this.#participant ? PeerState.FOLLOWING : PeerState.OBSERVING
    this.#finalizing = false
    this.#current = vote
    this.#effects.push({ type: 'elected', vote: this.#current, state: this.#state })
  }

  #propose({ leader, zxid, peerEpoch }: Notification | Vote): void {
    const electionEpoch = this.#round
    this.#proposal = { leader, zxid, electionEpoch, peerEpoch, state: PeerState.LOOKING, version: 0 }
    this.#told.clear()
    this.#notifyAll()
  }

  /** FastLeaderElection.totalOrderPredicate. */
  #beats(a: Notification | Vote, b: Notification | Vote): boolean {
    if (this.#config?.weight(a.leader) === 0) return false
    if (a.peerEpoch !== b.peerEpoch) return a.peerEpoch > b.peerEpoch
    if (a.zxid !== b.zxid) return a.zxid > b.zxid
    return a.leader > b.leader
  }

  /** In the committed configuration, and in a later one that is on its way. */
  #hasQuorum(votes: ReadonlyMap<number, Vote>, vote: Vote, alone: number | null = null): boolean {
    const config = this.#config as QuorumConfig
    const lastSeen = this.#lastSeen as QuorumConfig
    const sids = agreeing(votes, vote)
    return (
      config.containsQuorum(sids, alone) && (lastSeen.version <= config.version || lastSeen.containsQuorum(sids, alone))
    )
  }

  /**
   * In the committed configuration. That is enough of those who have found a leader: whether it may lead is between it and
   * them. What was proposed to this server meanwhile, and to hardly anybody else, is what that leader will have it forget.
   * (In Java it looks on for ever, if those that were to be the new members do not all follow that leader.)
   */
  #isFollowed(votes: ReadonlyMap<number, Vote>, vote: Vote): boolean {
    return (this.#config as QuorumConfig).containsQuorum(agreeing(votes, vote))
  }

  /** A quorum may go on naming a leader that has crashed: it must have said so itself (FastLeaderElection.checkLeader). */
  #isLeading(votes: ReadonlyMap<number, Vote>, { leader, electionEpoch }: Notification): boolean {
    if (leader === this.#options.sid) return this.#round === electionEpoch
    return votes.get(leader)?.state === PeerState.LEADING
  }

  /** In the configuration in force. */
  #votes(sid: number): boolean {
    return this.#config?.voters.has(sid) === true
  }

  #isVoter(sid: number): boolean {
    return this.#config?.voters.has(sid) === true || this.#lastSeen?.voters.has(sid) === true
  }

  #notifyAll(): void {
    const voters = new Set([...(this.#config?.voters ?? []), ...(this.#lastSeen?.voters ?? [])])
    for (const sid of [...voters].sort((a, b) => a - b)) this.#send(sid, this.#proposal, this.#round)
  }

  #send(to: number, { leader, zxid, peerEpoch }: Vote, electionEpoch: number): void {
    const config = this.#config?.toString() ?? ''
    const notification = { state: this.#state, leader, zxid, electionEpoch, peerEpoch, config }
    this.#effects.push({ type: 'send', to, notification })
  }

  #setTimer(ms: number): void {
    this.#effects.push({ type: 'timer', ms })
  }
}

function voteOf({ leader, zxid, electionEpoch, peerEpoch, version }: Notification, state: PeerState): Vote {
  return { leader, zxid, electionEpoch, peerEpoch, state, version: state === PeerState.LOOKING ? 0 : version }
}

function agreeing(votes: ReadonlyMap<number, Vote>, vote: Vote): number[] {
  const sids: number[] = []
  for (const [sid, other] of votes) if (sameVote(vote, other)) sids.push(sid)
  return sids
}

/** The version of a configuration that is there as text. */
function versionOf(config: string | null): number {
  const version = /version=([0-9a-f]{1,13})$/i.exec(config ?? '')?.[1]
  return version === undefined ? 0 : Number.parseInt(version, 16)
}
