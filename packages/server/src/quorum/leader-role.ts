import {
  configOf,
  DEFAULT_LEADER_OPTIONS,
  type Identity,
  Leader,
  type LeaderEffect,
  type LeaderEvent,
  LoggedTxn,
  type Member,
  type Processor,
  type Reconfigurable,
  sameQuorumAddress,
} from '@vivarium/core'
import type { Timer } from '@vivarium/env'
import { copyBytes, type Id, OpCode, PacketType } from '@vivarium/protocol'
import type { ObserverView } from '../admin/view.ts'
import { createProcessor } from '../serving/create-processor.ts'
import { MasterDuties } from '../serving/master-duties.ts'
import { StartError } from '../start-error.ts'
import { isDiskFull } from '../storage/index.ts'
import { setConfigNode } from './config-node.ts'
import { clearLeaderGauges, feedLeaderGauges } from './leader-gauges.ts'
import { LearnerConnections } from './learner-connections.ts'
import { listenAddresses } from './listen-on-some.ts'
import { askOracle } from './oracle-file.ts'
import { PeerLog } from './peer-log.ts'
import { QuorumMetrics } from './quorum-metrics.ts'
import type { Role, RoleContext } from './role.ts'

/**
 * A member that leads: carries out what the machine of that name wants, between the connections of the learners, the disk
 * and the clients (Leader, LearnerHandler).
 */
export class LeaderRole implements Role {
  readonly mode = 'leader'
  pipeline: Processor | null = null
  readonly #context: RoleContext
  readonly #self: Member
  readonly #leader: Leader
  readonly #times: QuorumMetrics
  readonly #links: LearnerConnections
  readonly #peerLog: PeerLog
  #ticks: Timer | null = null
  #duties: MasterDuties | null = null
  #running = false
  #over = false

  constructor(context: RoleContext, self: Member) {
    const { sid, membership, config, epochs, committed, lastZxid, front } = context
    this.#context = context
    this.#self = self
    this.#peerLog = new PeerLog(context.env)
    this.#times = new QuorumMetrics(front.metrics, () => front.clients.wallMs, config.ackTimingFrequency)
    this.#links = new LearnerConnections(context, {
      step: (event) => {
        if (event.type === 'packet' && event.packet.type === PacketType.ACK)
          this.#times.acked(this.#leader.sidOf(event.link), event.packet.zxid)
        this.#step(event)
      },
      turn: (event) => this.#turn(event),
      sidOf: (link) => this.#leader.sidOf(link),
      observes: (link) => this.#leader.observes(link),
      syncsInProgress: (snapshots) => this.#leader.syncsInProgress(snapshots),
    })
    this.#leader = new Leader({
      ...DEFAULT_LEADER_OPTIONS,
      sid,
      history: { acceptedEpoch: epochs.accepted, currentEpoch: epochs.current, lastZxid, committed },
      config: membership.config,
      lastSeen: membership.lastSeen,
      initialCounter: config.initialCounter ?? 0,
      reconfigEnabled: config.reconfigEnabled,
      keeper: config.keeperExtensions,
      oracle: config.oraclePath !== null,
      initLimit: config.initLimit,
      syncLimit: config.syncLimit,
      forceSnapshot: config.forceSnapshotSync,
      maxSnapSyncs: config.maxConcurrentSnapSyncs,
      maxDiffSyncs: config.maxConcurrentDiffSyncs,
      disloyaltyLimit:
        config.maxTimeToWaitForEpochMs < 0 ? null : Math.ceil((2 * config.maxTimeToWaitForEpochMs) / config.tickTimeMs),
    })
  }

  start(): void {
    const { env, config } = this.#context
    this.#ticks = env.clock.every(config.tickTimeMs / 2, () => {
      this.#links.halfTick()
      this.#turn({ type: 'halfTick' })
    })
    this.#links.listen(listenAddresses(this.#self.addresses, 'quorumPort', config.quorumListenOnAllIps)).then(
      () => this.#turn({ type: 'start' }),
      (error: Error) =>
        this.#turn({ type: 'resign', reason: `its port for learners cannot be had (${error.message})` }),
    )
  }

  synced(zxid: number): void {
    this.#times.synced(zxid)
    this.#times.acked(this.#context.sid, zxid)
    this.#turn({ type: 'synced', zxid })
  }

  flush(): void {
    this.#links.flush()
  }

  observers(): ObserverView[] {
    return this.#links.observers()
  }

  /** Others can go on without this server's disk. */
  full(full: boolean): void {
    if (full) this.#turn({ type: 'resign', reason: 'the disk is full' })
  }

  lookingVoter(sid: number): void {
    if (this.#over) return
    this.#turn({ type: 'lookingVoter', sid })
    if (this.#over) this.#context.front.metrics.quit_leading_due_to_disloyal_voter.add(1)
  }

  async close(): Promise<void> {
    this.#leave()
  }

  /** An event that no packet has brought: a turn of its own. */
  #turn(event: LeaderEvent): void {
    if (this.#over) return
    this.#links.turnBegan()
    this.#step(event)
    this.#links.turnEnded()
  }

  #step(event: LeaderEvent): void {
    if (this.#over) return
    this.#leader.step(event)
    this.#run()
  }

  /** Carries out what the machine wants, in order: what comes of it in between waits. */
  #run(): void {
    if (this.#running) return
    this.#running = true
    for (let effects = this.#leader.takeEffects(); effects.length > 0; effects = this.#leader.takeEffects()) {
      for (const effect of effects) this.#carryOut(effect)
    }
    this.#running = false
  }

  #carryOut(effect: LeaderEffect): void {
    const { config, data, epochs, env, front } = this.#context
    switch (effect.type) {
      case 'send':
      case 'sendSnapshot':
      case 'readLog':
      case 'drop':
        return this.#links.carryOut(effect)
      case 'append':
        front.metrics.proposal_count.value++
        front.stats.proposed(effect.txn.data.length)
        this.#times.appended(effect.txn)
        return data.append(effect.txn.zxid, effect.txn.data, 0, effect.txn.data.length)
      case 'commit':
        front.metrics.commit_count.value++
        this.#times.quorumAcked(effect.txn)
        return this.pipeline?.committed(effect.txn.zxid, front.clients.nowMs)
      case 'request':
        return this.#request(effect)
      case 'touch':
        return this.#touch(effect.sessionId, effect.timeoutMs)
      case 'revalidate':
        return this.#revalidate(effect)
      case 'persistAcceptedEpoch':
        return this.#persist(epochs.persistAccepted(effect.epoch), 'acceptedEpochPersisted')
      case 'persistCurrentEpoch':
        return this.#persist(epochs.persistCurrent(effect.epoch), 'currentEpochPersisted')
      case 'lead':
        return this.#lead(effect.epoch)
      case 'lastSeenConfig':
        return this.#context.membership.propose(effect.config)
      case 'reconfigured':
        this.#context.reconfigured(effect.config)
        return this.#leaveIfMoved(effect.designatedLeader)
      case 'warn':
        return this.#peerLog.warn(`Leading: ${effect.text}.`)
      case 'ended':
        this.#leave()
        return this.#context.ended({ ...effect, reload: false, wantsSnapshot: false })
      case 'askOracle':
        return void askOracle(env, config).then((authorizes) => this.#turn({ type: 'oracle', authorizes }))
      case 'nearRollOver':
        // Not at once: somebody may be about to propose more.
        return env.clock.soon(() => this.#handOver('the counter of its epoch is about to run out'))
    }
  }

  /**
   * Ends the epoch with everything answered that has a zxid, and nothing begun that has none: who asked and is not
   * answered knows that nothing has come of it. (Java's leader drops what is under way: ZOOKEEPER-1277.)
   */
  #handOver(reason: string): void {
    if (this.#over) return
    this.#context.front.clients.hold()
    this.#duties?.stop()
    this.#turn({ type: 'handOver', reason })
  }

  /**
   * Learners look for their leader where the configuration in force says. If nobody else can lead it, this server has to begin
   * anew to be found there. (Java's stays where it is, and whoever loses it does not find it again.)
   */
  #leaveIfMoved(designatedLeader: number): void {
    const { sid, membership, env } = this.#context
    if (designatedLeader !== sid || sameQuorumAddress(membership.self, this.#self)) return
    env.clock.soon(() => this.#handOver('learners are to find it elsewhere'))
  }

  #request({ link, request, authinfo }: Extract<LeaderEffect, { type: 'request' }>): void {
    const connection = this.#links.get(link)
    if (this.pipeline === null || connection === undefined) return
    if (request.opType === OpCode.sync) this.#step({ type: 'sync', link })
    else if (!this.#leader.accepting) return
    else this.pipeline.forwarded(connection, request, identitiesOf(authinfo), this.#context.front.clients.nowMs)
  }

  #touch(sessionId: bigint, timeoutMs: number): void {
    const session = this.pipeline?.sessions.get(sessionId)
    if (session === undefined) return
    session.timeoutMs = timeoutMs
    this.pipeline?.sessions.touch(session, this.#context.front.clients.nowMs)
  }

  #revalidate({ link, sessionId, timeoutMs }: Extract<LeaderEffect, { type: 'revalidate' }>): void {
    const connection = this.#links.get(link)
    if (this.pipeline === null || connection === undefined) return
    this.#context.front.metrics.revalidate_count.value++
    const valid = this.pipeline.revalidate(connection, sessionId, timeoutMs, this.#context.front.clients.nowMs)
    this.#step({ type: 'revalidated', link, sessionId, valid })
  }

  #persist(written: Promise<void>, type: 'acceptedEpochPersisted' | 'currentEpochPersisted'): void {
    written.then(
      () => this.#turn({ type }),
      (error) => {
        if (isDiskFull(error)) {
          this.#context.lackedRoom()
          return this.#turn({ type: 'resign', reason: 'the disk is full' })
        }
        const message = `The epoch cannot be written down: ${error instanceof Error ? error.message : String(error)}`
        this.#context.fail(new StartError('DATA', message, { cause: error }))
      },
    )
  }

  #lead(epoch: number): void {
    const { sid, membership, config, env, data, front } = this.#context
    const { clock } = env
    const { database } = data
    database.tree.lastProcessedZxid = this.#leader.lastZxid
    setConfigNode(database, membership.config, clock.wallMs())
    const sink = {
      append: (_zxid: number, record: Uint8Array, start: number, end: number): void => {
        const txn = LoggedTxn.from(copyBytes(record, start, end)) as LoggedTxn
        this.#step({ type: 'propose', txn, config: configOf(txn) })
      },
    }
    const processor = createProcessor(this.#context, sid, sink, this.#reconfigurable())
    this.pipeline = processor
    const turnEnded = (): void => front.clients.endTurn()
    this.#duties = new MasterDuties({ config, clock, log: env.log, metrics: front.metrics, processor, turnEnded })
    feedLeaderGauges(front, clock, this.#leader, () => this.#links.size)
    this.#context.serving(epoch)
    // Nobody could ever end these. It takes a transaction, so that all members do the same.
    const nowMs = clock.monotonicMs()
    for (const id of database.tree.sessionsWithEphemerals()) {
      if (database.sessions.has(id)) continue
      processor.closeSession(processor.sessions.track(id, config.minSessionTimeoutMs, nowMs), nowMs)
    }
  }

  /** What requests that change the members have to fit to. */
  #reconfigurable(): Reconfigurable {
    const leader = this.#leader
    const { config } = this.#context
    return {
      get config() {
        return leader.config
      },
      get lastSeen() {
        return leader.lastSeen
      },
      // A member that is left alone would be started as a server that is none.
      leastVoters: config.standaloneEnabled ? 2 : 1,
      severalAddresses: config.multiAddressEnabled,
      hasQuorumOf: (next) => leader.hasQuorumOf(next),
    }
  }

  #leave(): void {
    if (this.#over) return
    this.#over = true
    clearLeaderGauges(this.#context.front)
    this.#ticks?.cancel()
    this.#duties?.stop()
    this.#links.close()
  }
}

function identitiesOf(authinfo: readonly Id[] | null): Identity[] {
  const identities: Identity[] = []
  for (const { scheme, id } of authinfo ?? []) if (scheme !== null && id !== null) identities.push({ scheme, id })
  return identities
}
