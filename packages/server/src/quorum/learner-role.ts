import {
  ApplyResult,
  applyTxn,
  decodeDesignatedLeader,
  encodeTouches,
  Forwarder,
  Learner,
  type LearnerEffect,
  type LearnerEvent,
  LearnerSessions,
  type LoggedTxn,
  type Member,
  quorumPacket,
  type SessionTouch,
  WaitingRequest,
} from '@vivarium/core'
import type { Timer } from '@vivarium/env'
import { OpCode, PacketType } from '@vivarium/protocol'
import type { ObserverView } from '../admin/view.ts'
import { followPipeline, keeperExtensions } from '../serving/create-processor.ts'
import { StartError } from '../start-error.ts'
import { isDiskFull } from '../storage/index.ts'
import { setConfigNode } from './config-node.ts'
import { connectToLeader } from './connect-to-leader.ts'
import { ObserverMasterRole } from './observer-master-role.ts'
import { PacketLink, type PacketLinkEvents } from './packet-link.ts'
import { PeerLog } from './peer-log.ts'
import { QuorumMetrics } from './quorum-metrics.ts'
import type { Role, RoleContext } from './role.ts'
import { SnapshotReceiver } from './snapshot-transfer.ts'

/** A sync of an observer's client, to be answered on the observer's link. */
interface ObserverSync {
  readonly link: number
}

/**
 * A member that follows or observes a leader: carries out what the machine of that name wants, between the leader's
 * connection, the disk and the clients (Learner, Follower, Observer).
 */
export class LearnerRole implements Role, PacketLinkEvents {
  readonly mode: 'follower' | 'observer'
  pipeline: Forwarder | null = null
  readonly #context: RoleContext
  readonly #leader: Member
  readonly #master: Member
  readonly #learner: Learner<WaitingRequest | ObserverSync>
  readonly #link: PacketLink
  readonly #peerLog: PeerLog
  readonly #times: QuorumMetrics
  readonly #result = new ApplyResult()
  /** When the leader was reached. */
  #connectedMs = 0
  #ticks: Timer | null = null
  /** Where this server is a follower that serves observers. */
  #observers: ObserverMasterRole | null = null
  /** Whose sessions the leader was asked about, in order, as it answers: of an observer, by its link, or (null) our own. */
  readonly #revalidations: (number | null)[] = []
  /** Who is to lead, by the reconfiguration that is being carried out. */
  #designatedLeader: number | null = null
  #running = false
  #over = false
  /** Log and tree are being replaced. */
  #restoring: Promise<void> = Promise.resolve()

  /** @param master whom to connect to: the leader, or a follower that serves observers */
  constructor(context: RoleContext, leader: Member, observer: boolean, wantsSnapshot: boolean, master = leader) {
    const { sid, membership, config, epochs, committed, lastZxid, front } = context
    this.#times = new QuorumMetrics(front.metrics, () => front.clients.wallMs, 0)
    this.mode = observer ? 'observer' : 'follower'
    this.#context = context
    this.#peerLog = new PeerLog(context.env)
    this.#leader = leader
    this.#master = master
    this.#link = new PacketLink(this, config.juteMaxBufferBytes + config.juteExtraSizeBytes)
    this.#learner = new Learner({
      sid,
      leader: leader.sid,
      role: this.mode,
      history: { acceptedEpoch: epochs.accepted, currentEpoch: epochs.current, lastZxid, committed },
      config: membership.config,
      initLimit: config.initLimit,
      syncLimit: config.syncLimit,
      reconfigEnabled: config.reconfigEnabled,
      wantsSnapshot,
    })
  }

  start(): void {
    const { clock } = this.#context.env
    this.#ticks = clock.every(this.#context.config.tickTimeMs / 2, () => {
      this.#observers?.halfTick()
      this.#turn({ type: 'halfTick' })
    })
    this.#connect().then(
      () => this.#turn({ type: 'connected' }),
      (error: Error) => this.#turn({ type: 'closed', reason: error.message }),
    )
  }

  async #connect(): Promise<void> {
    const { config, env } = this.#context
    if (this.mode === 'observer' && config.observerReconnectDelayMs > 0) {
      const ms = (env.random.uint32() / 2 ** 32) * config.observerReconnectDelayMs
      await new Promise<void>((resolve) => env.clock.after(ms, resolve))
    }
    await connectToLeader(this.#context, this.#master, this.#link, () => this.#over)
    this.#connectedMs = env.clock.monotonicMs()
  }

  synced(zxid: number): void {
    this.#times.synced(zxid)
    this.#turn({ type: 'synced', zxid })
  }

  observers(): ObserverView[] {
    return this.#observers?.observers() ?? []
  }

  flush(): void {
    this.#link.flush()
    this.#observers?.flush()
  }

  full(): void {}

  lookingVoter(): void {}

  async close(): Promise<void> {
    this.#leave()
    await this.#restoring
  }

  turnBegan(): void {
    this.#context.front.clients.readClocks()
  }

  packet(packet: Parameters<PacketLinkEvents['packet']>[0]): void {
    if (packet.type === PacketType.COMMITANDACTIVATE) {
      this.#designatedLeader = decodeDesignatedLeader(packet.data)?.sid ?? null
    }
    this.#step({ type: 'packet', packet })
  }

  turnEnded(): void {
    const { clients } = this.#context.front
    clients.resumePaused()
    clients.endTurn()
  }

  closed(reason: string): void {
    this.#turn({ type: 'closed', reason })
  }

  drained(): void {}

  /** An event that no packet has brought: a turn of its own. */
  #turn(event: LearnerEvent<WaitingRequest | ObserverSync>): void {
    if (this.#over) return
    this.turnBegan()
    this.#step(event)
    this.turnEnded()
  }

  #step(event: LearnerEvent<WaitingRequest | ObserverSync>): void {
    if (this.#over) return
    this.#learner.step(event)
    this.#run()
  }

  /** Carries out what the machine wants, in order: what comes of it in between waits. */
  #run(): void {
    if (this.#running) return
    this.#running = true
    for (let effects = this.#learner.takeEffects(); effects.length > 0; effects = this.#learner.takeEffects()) {
      for (const effect of effects) this.#carryOut(effect)
    }
    this.#running = false
  }

  #carryOut(effect: LearnerEffect<WaitingRequest | ObserverSync>): void {
    const { data, epochs, front } = this.#context
    switch (effect.type) {
      case 'send':
        return this.#link.send(effect.packet)
      case 'append':
        front.metrics.learner_proposal_received_count.value++
        this.#times.appended(effect.txn)
        if (this.pipeline !== null && this.mode === 'follower') this.#times.proposalReceived(effect.txn)
        // Observers are told of commits: a proposal is no work.
        if (this.#observers !== null) front.metrics.om_proposal_process_time_ms.observe(0)
        return data.append(effect.txn.zxid, effect.txn.data, 0, effect.txn.data.length)
      case 'commit':
        front.metrics.learner_commit_received_count.value++
        return this.#commit(effect.txn, effect.token as WaitingRequest | null)
      case 'answerPing':
        return this.#answerPing(effect.zxid)
      case 'syncAnswered':
        if (effect.token instanceof WaitingRequest) this.pipeline?.syncAnswered(effect.token, front.clients.nowMs)
        else this.#observers?.syncAnswered(effect.token.link)
        return
      case 'revalidated': {
        const link = this.#revalidations.shift() ?? null
        if (link === null) this.pipeline?.revalidated(effect.sessionId, effect.valid)
        else this.#observers?.revalidated(link, effect.sessionId, effect.valid)
        return
      }
      case 'persistAcceptedEpoch':
        return this.#persist(epochs.persistAccepted(effect.epoch), 'acceptedEpochPersisted')
      case 'persistCurrentEpoch':
        return this.#persist(epochs.persistCurrent(effect.epoch), 'currentEpochPersisted')
      case 'truncate':
        return this.#truncate(effect.zxid)
      case 'receiveSnapshot':
        return this.#receiveSnapshot(effect.zxid)
      case 'serve':
        return this.#serve(effect.epoch)
      case 'lastSeenConfig':
        return this.#context.membership.propose(effect.config)
      case 'reconfigured':
        return this.#context.reconfigured(effect.config)
      case 'warn':
        return this.#peerLog.warn(`Following server ${this.#leader.sid}: ${effect.text}.`)
      case 'ended':
        this.#leave()
        return this.#context.ended(effect)
    }
  }

  #commit(txn: LoggedTxn, token: WaitingRequest | null): void {
    const { data, front } = this.#context
    if (this.pipeline === null) {
      applyTxn(data.database, txn.txn, this.#result)
      data.applied()
    } else {
      this.#times.commitReceived(txn)
      this.pipeline.committed(txn.txn, token, front.clients.nowMs)
      this.#tellObservers(txn)
    }
    txn.applied()
  }

  #tellObservers(txn: LoggedTxn): void {
    if (this.#observers === null) return
    const { env, front } = this.#context
    const sinceMs = env.clock.monotonicMs()
    this.#observers.committed(txn, txn.type === OpCode.reconfig ? this.#designatedLeader : null)
    front.metrics.om_commit_process_time_ms.observe(Math.floor(env.clock.monotonicMs() - sinceMs))
  }

  #answerPing(zxid: number): void {
    // Java's leaders do not bear null in place of an empty list.
    const touches = encodeTouches(this.pipeline?.sessions.takeTouches() ?? [])
    this.#link.send(quorumPacket(PacketType.PING, zxid, touches))
  }

  #persist(written: Promise<void>, type: 'acceptedEpochPersisted' | 'currentEpochPersisted'): void {
    written.then(
      () => this.#turn({ type }),
      (error) => this.#failed('The epoch cannot be written down', error),
    )
  }

  #truncate(zxid: number): void {
    this.#restoring = this.#context.data.truncate(zxid).then(
      (last) => {
        this.#turn({ type: 'truncated', zxid: last })
      },
      (error) => this.#failed('The log cannot be cut back to what the leader has', error),
    )
  }

  #receiveSnapshot(zxid: number): void {
    const { data, env } = this.#context
    const receiver = new SnapshotReceiver(data.treeOptions())
    this.#link.receiveRaw({
      get done() {
        return receiver.done
      },
      take: (bytes, start, end) => {
        const taken = receiver.take(bytes, start, end)
        this.#step({ type: 'received' })
        if (receiver.error !== null) {
          this.#step({ type: 'closed', reason: `the leader's snapshot is damaged: ${receiver.error}` })
        } else if (receiver.done) this.#install(receiver, zxid)
        return taken
      },
    })
    env.log.info(`Server ${this.#leader.sid} sends a snapshot.`)
  }

  #install(receiver: SnapshotReceiver, zxid: number): void {
    const { tree, sessions } = receiver.reader
    tree.lastProcessedZxid = zxid
    this.#restoring = this.#context.data.install(tree, sessions).then(
      () => this.#turn({ type: 'installed' }),
      (error) => this.#failed("The leader's snapshot cannot be written", error),
    )
  }

  #serve(epoch: number): void {
    const { sid, membership, config, env, data, front } = this.#context
    const { database } = data
    const { follower_sync_time, observer_sync_time } = front.metrics
    const syncTime = this.mode === 'follower' ? follower_sync_time : observer_sync_time
    syncTime.observe(Math.round(env.clock.monotonicMs() - this.#connectedMs))
    setConfigNode(database, membership.config, env.clock.wallMs())
    const sessions = new LearnerSessions({
      ids: { serverId: sid, timeMs: env.clock.wallMs(), offset: env.random.uint32() >>> 16 },
      minTimeoutMs: config.minSessionTimeoutMs,
      maxTimeoutMs: config.maxSessionTimeoutMs,
      global: database.sessions,
    })
    database.keeper = keeperExtensions(config, this.#learner.leaderKnowsKeeper)
    const pipeline = new Forwarder(database, sessions, {
      forward: (request, identities, token) => {
        this.#step({ type: 'forward', request, authinfo: identities, token })
      },
      revalidate: (session) => this.#revalidate(null, session),
    })
    followPipeline(pipeline, this.#context)
    this.pipeline = pipeline
    this.#context.serving(epoch)
    if (this.mode === 'follower' && config.observerMasterPort > 0) this.#serveObservers(epoch, sessions)
  }

  #serveObservers(epoch: number, sessions: LearnerSessions): void {
    const observers = new ObserverMasterRole(this.#context, epoch, {
      request: (link, request, authinfo) => {
        if (request.opType === OpCode.sync) this.#step({ type: 'forward', request, authinfo, token: { link } })
        else this.#step({ type: 'relay', request, authinfo })
      },
      revalidate: (link, session) => this.#revalidate(link, session),
      touch: (session) => sessions.touchElsewhere(session),
      // Unasked, so that the leader hears of an observer's clients as soon as it does of ours, and not up to half a tick later,
      // as with Java's: clients count on half a tick, where sessions are short.
      touched: () => this.#answerPing(this.pipeline?.lastProcessedZxid ?? 0),
    })
    this.#observers = observers
    void observers.listen(this.#context.membership.self)
  }

  /** @param link the observer's that asks; null: this server does */
  #revalidate(link: number | null, session: SessionTouch): void {
    this.#revalidations.push(link)
    this.#step({ type: 'revalidate', session })
  }

  #failed(what: string, error: unknown): void {
    if (isDiskFull(error)) {
      this.#context.lackedRoom()
      return this.#turn({ type: 'closed', reason: `the disk is full (${what})` })
    }
    const message = `${what}: ${error instanceof Error ? error.message : String(error)}`
    this.#context.fail(new StartError('DATA', message, { cause: error }))
  }

  #leave(): void {
    if (this.#over) return
    this.#over = true
    this.#ticks?.cancel()
    this.#observers?.close()
    // Unasked, so that no session ends early whose client was here between the last ping and now: Java's learners leave
    // without a word of them.
    if (this.pipeline !== null) this.#answerPing(this.pipeline.lastProcessedZxid)
    this.#link.close()
    // Nobody waits for a socket here.
    this.#context.front.metrics.socket_closing_time.observe(0)
  }
}
