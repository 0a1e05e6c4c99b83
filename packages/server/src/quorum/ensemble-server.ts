import {
  CommittedLog,
  type Database,
  LearnerSessions,
  type Member,
  PeerState,
  type Pipeline,
  type QuorumConfig,
  type Vote,
} from '@vivarium/core'
import type { Listener } from '@vivarium/env'
import { epochOf, errno, formatZxid } from '@vivarium/protocol'
import type { Metrics } from '../admin/metrics.ts'
import type { ServerStats } from '../admin/server-stats.ts'
import type { MemberView, RestoreOutcome, ServerMode } from '../admin/view.ts'
import type { Clients } from '../clients/clients.ts'
import type { ServerConfig } from '../config/server-config.ts'
import { ClientFront } from '../serving/client-front.ts'
import { feedGauges } from '../serving/gauges.ts'
import { RoleHistory } from '../serving/role-history.ts'
import type { Server } from '../serving/server.ts'
import { ServerData } from '../serving/server-data.ts'
import type { ServerEnv } from '../serving/server-env.ts'
import { ServerView } from '../serving/server-view.ts'
import { StartError } from '../start-error.ts'
import type { DataDirectory } from '../storage/index.ts'
import { Aftermath } from './aftermath.ts'
import { ConfigFiles } from './config-files.ts'
import { proposedConfig, setConfigNode } from './config-node.ts'
import { ElectionService } from './election-service.ts'
import { EpochFiles } from './epoch-files.ts'
import { LeaderRole } from './leader-role.ts'
import { LearnerRole } from './learner-role.ts'
import { LocalSessionKeeper } from './local-session-keeper.ts'
import { MemberPorts } from './member-ports.ts'
import { Membership } from './membership.ts'
import { ObserverMasters } from './observer-masters.ts'
import { ReadOnlyPeriod } from './read-only-period.ts'
import type { Role, RoleContext, RoleEnd } from './role.ts'

/** What `mntr` calls what a member does (QuorumPeer.getPeerState). */
const PEER_STATES: Partial<Record<ServerMode, string>> = {
  leader: 'leading',
  follower: 'following',
  observer: 'observing',
}

/**
 * A member of an ensemble: elects a leader with the others, leads, follows or observes, and elects again when that has
 * come to its end (QuorumPeer). What it takes from the world it is given, so that it runs in a simulator as well.
 */
export class EnsembleServer implements Server {
  readonly config: ServerConfig
  readonly view: ServerView
  readonly failed: Promise<StartError>
  readonly serverId: number
  readonly roles: RoleHistory
  readonly #env: ServerEnv
  readonly #directory: DataDirectory
  readonly #membership: Membership
  readonly #files: ConfigFiles | null
  readonly #ports: MemberPorts
  readonly #front: ClientFront
  readonly #data: ServerData
  readonly #epochs: EpochFiles
  readonly #committed: CommittedLog
  readonly #election: ElectionService
  readonly #aftermath: Aftermath
  /** Null: all sessions are known to all members. */
  readonly #locals: LocalSessionKeeper | null
  #fail: (error: StartError) => void = () => {}
  #role: Role | null = null
  /** Where this server observes through followers. */
  #masters: ObserverMasters | null = null
  /** While this server looks for a leader, if it may serve reads then. */
  #readOnly: ReadOnlyPeriod | null = null
  /** Who was elected last. */
  #leader: Member | null = null
  #serving = false
  #closing = false
  /** The history on disk could not be cut back to what a leader had: the next one has to send all. */
  #wantsSnapshot = false
  #flushDue = false
  /** Since when no requests have been taken. */
  #unavailableSinceMs = 0
  /** Since when this server has looked for a leader. */
  #lookingSinceMs = 0
  /** Nothing was on the disk, and nobody has vouched for that. */
  #blank = false

  /** @param quorum the members @param self this one */
  constructor(config: ServerConfig, quorum: QuorumConfig, self: Member, directory: DataDirectory, env: ServerEnv) {
    this.config = config
    this.serverId = self.sid
    this.#env = env
    this.roles = new RoleHistory(env.clock)
    const changes = config.reconfigEnabled
    this.#files = changes && config.configFile !== null ? new ConfigFiles(env.disk, env.log, config.configFile) : null
    this.#membership = new Membership(self, quorum, config.proposedEnsemble, changes, this.#files)
    this.#directory = directory
    this.failed = new Promise((resolve) => {
      this.#fail = resolve
    })
    this.#front = new ClientFront(config, env)
    this.#locals = config.localSessionsEnabled
      ? new LocalSessionKeeper(self.sid, config, env, () => this.clients.endTurn())
      : null
    this.#committed = new CommittedLog(config.commitLogCount)
    this.#epochs = new EpochFiles(env.disk, directory.snapshotDirectory)
    this.#data = new ServerData({
      config,
      directory,
      env,
      front: this.#front,
      removeDeadSessions: false,
      committed: this.#committed,
      events: {
        synced: (zxid) => this.#role?.synced(zxid),
        full: (full) => this.#full(full),
        failed: (error) => this.#fail(error),
      },
    })
    this.#aftermath = new Aftermath({
      config,
      env,
      data: this.#data,
      epochs: this.#epochs,
      closing: () => this.#closing,
    })
    const { clock, network, disk, log } = env
    this.#election = new ElectionService({
      membership: this.#membership,
      config,
      clock,
      network: env.electionNetwork ?? network,
      disk,
      log,
      heardOf: (heard) => {
        if (this.#activate(heard)) this.#look()
      },
      elected: (vote, state) => this.#elected(vote, state),
      lookingVoter: (sid) => this.#role?.lookingVoter(sid),
    })
    this.clients.onTurnEnd = () => {
      this.#flushSoon()
      this.#data.turnEnded()
    }
    const view = new ServerView(this, env, directory)
    this.view = view
    this.#ports = new MemberPorts({
      config,
      log,
      front: this.#front,
      election: this.#election,
      moved: (port) => {
        view.clientPort = port
      },
      fail: (error) => this.#fail(error),
    })
  }

  /** What the turns of one round of the event loop have to say to other members leaves together. */
  #flushSoon(): void {
    if (this.#flushDue) return
    this.#flushDue = true
    this.#env.clock.soon(this.#flush)
  }

  readonly #flush = (): void => {
    this.#flushDue = false
    this.#role?.flush()
  }

  get metrics(): Metrics {
    return this.#front.metrics
  }

  get stats(): ServerStats {
    return this.#front.stats
  }

  get clients(): Clients {
    return this.#front.clients
  }

  get database(): Database {
    return this.#data.database
  }

  get pipeline(): Pipeline | null {
    if (this.#readOnly !== null) return this.#readOnly.pipeline
    return this.#serving ? (this.#role?.pipeline ?? null) : null
  }

  get diskFull(): boolean {
    return this.#data.isFull
  }

  get serving(): boolean {
    return (this.#serving || this.mode === 'read-only') && !this.#closing
  }

  get member(): MemberView {
    const sessions = this.pipeline?.sessions
    return {
      peerState: `${PEER_STATES[this.mode] ?? this.mode} - broadcast`,
      self: this.#membership.self,
      membership: this.#membership.config.toString(),
      quorum: this.#membership.config,
      leader: this.#role === null ? null : this.#leader,
      globalSessions: sessions instanceof LearnerSessions ? sessions.global : null,
      observers: this.#role?.observers() ?? [],
    }
  }

  get mode(): ServerMode {
    if (this.#role !== null) return this.#role.mode
    return (this.#readOnly?.pipeline ?? null) === null ? 'looking' : 'read-only'
  }

  listen(port: number): Promise<Listener> {
    return this.#ports.listen(port)
  }

  listenSecurely(port: number): Promise<Listener> {
    return this.#front.listen(port, true)
  }

  async serve(): Promise<string> {
    const trustEmpty = (await this.#directory.takeInitializeMarker()) || this.config.dbAutocreate
    const { lastZxid } = await this.#data.load(trustEmpty)
    this.#blank = lastZxid === -1
    await this.#epochs.load(epochOf(Math.max(0, lastZxid)))
    await this.#recallMembers()
    feedGauges(this, this.#front.serverMetrics.ensembleAuth, this.#env.clientNetworks?.counts)
    this.metrics.quorum_size.source = () => this.#membership.config.voters.size
    await this.#ports.listenForElection(this.#membership.self)
    this.#unavailableSinceMs = this.#env.clock.monotonicMs()
    this.#look()
    return `server ${this.serverId} of ${this.#membership.config.members.size} looks for a leader, with zxid ${formatZxid(lastZxid)}`
  }

  takeSnapshot(): Promise<boolean> {
    return this.#data.takeSnapshot()
  }

  /** One member by itself would have another tree than all others from then on, as it would in Java. */
  async restore(): Promise<RestoreOutcome> {
    const reason = 'this server is a member of an ensemble: stop all members, and restore a backup for each of them'
    return { ok: false, possible: false, reason }
  }

  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    await this.#front.drain()
    const role = this.#role
    this.#role = null
    this.#readOnly?.end()
    this.#locals?.takeBack()
    await role?.close()
    await this.#epochs.settled()
    await this.#election.close()
    await this.#ports.close()
    await this.#files?.settled()
    await this.#data.close()
    this.clients.close()
    await this.#env.snapshots.close()
    await this.#directory.close()
  }

  get #participates(): boolean {
    // Who is not in the configuration follows without a vote, until it is.
    return this.#membership.config.members.get(this.serverId)?.role !== 'observer'
  }

  get #lastZxid(): number {
    return this.#blank ? -1 : this.database.tree.lastProcessedZxid
  }

  #look(): void {
    if (this.#closing) return
    this.metrics.looking_count.add(1)
    this.#lookingSinceMs = this.#env.clock.monotonicMs()
    this.#env.log.info('Looking for a leader.', { zxid: formatZxid(this.#lastZxid), epoch: this.#epochs.current })
    this.roles.changed('looking', this.#epochs.current, null)
    this.#readOnly?.end()
    this.#readOnly = this.config.readOnlyModeEnabled ? this.#readOnlyPeriod() : null
    this.#membership.looking(this.#lastZxid, this.#epochs.current)
    this.#election.look({ zxid: this.#lastZxid, epoch: this.#epochs.current }, this.#participates)
  }

  #elected(vote: Vote, state: PeerState): void {
    if (this.#closing || this.#role !== null) return
    const leader = this.#membership.find(vote.leader)
    this.#env.log.info(state === PeerState.LEADING ? 'Elected to lead.' : `Server ${vote.leader} is to lead.`)
    if (leader === undefined) return this.#look()
    this.#readOnly?.end()
    this.#readOnly = null
    this.metrics.election_time.observe(Math.round(this.#env.clock.monotonicMs() - this.#lookingSinceMs))
    this.#leader = leader
    const context = this.#context()
    const role =
      state === PeerState.LEADING
        ? new LeaderRole(context, this.#membership.self)
        : new LearnerRole(context, leader, state === PeerState.OBSERVING, this.#wantsSnapshot, this.#masterOf(leader))
    this.#role = role
    role.start()
  }

  /** Whom this server takes the leader's word from. */
  #masterOf(leader: Member): Member {
    const { observerMasterPort } = this.config
    const { config } = this.#membership
    if (this.#participates || observerMasterPort <= 0) return leader
    if (this.#masters?.config !== config) {
      this.#masters = new ObserverMasters(config, observerMasterPort, this.#env.random)
    }
    return this.#masters.next(leader)
  }

  #readOnlyPeriod(): ReadOnlyPeriod {
    return new ReadOnlyPeriod({
      serverId: this.serverId,
      config: this.config,
      env: this.#env,
      front: this.#front,
      locals: this.#locals,
      database: () => this.database,
    })
  }

  #context(): RoleContext {
    return {
      sid: this.serverId,
      membership: this.#membership,
      config: this.config,
      env: this.#env,
      front: this.#front,
      data: this.#data,
      epochs: this.#epochs,
      committed: this.#committed,
      lastZxid: this.#lastZxid,
      reconfigured: (config) => {
        this.#activate(config)
      },
      serving: (epoch) => this.#serve(epoch),
      ended: (end) => void this.#ended(end),
      lackedRoom: () => this.#aftermath.lackedRoom(),
      fail: (error) => this.#fail(error),
    }
  }

  #serve(epoch: number): void {
    const role = this.#role as Role
    this.#blank = false
    this.#wantsSnapshot = false
    this.#election.epochBegan(epoch)
    const unavailableMs = Math.round(this.#env.clock.monotonicMs() - this.#unavailableSinceMs)
    this.metrics.unavailable_time.observe(unavailableMs)
    if (role.mode === 'leader') this.metrics.leader_unavailable_time.observe(unavailableMs)
    this.roles.changed(role.mode, epoch, this.#leader?.sid ?? null)
    this.#env.log.info(`Serving as ${role.mode}, in epoch ${epoch}.`, { zxid: formatZxid(this.#lastZxid) })
    if (role.mode === 'leader' && !this.config.leaderServes) return
    const pipeline = role.pipeline as Pipeline
    pipeline.refuseWrites = this.#data.isFull ? errno('SYSTEMERROR') : 0
    this.#locals?.lend(pipeline)
    this.#serving = true
    this.clients.serve(pipeline)
  }

  #full(full: boolean): void {
    const pipeline = this.#role?.pipeline ?? null
    if (pipeline !== null) pipeline.refuseWrites = full ? errno('SYSTEMERROR') : 0
    this.#role?.full(full)
  }

  /** Before this server votes again, all that it has logged is on the disk and in the tree. */
  async #ended(end: RoleEnd): Promise<void> {
    const { reason, wantsSnapshot, next } = end
    const role = this.#role
    this.#env.log.info(`No longer ${role?.mode}: ${reason}.`)
    this.#serving = false
    this.#locals?.takeBack()
    this.#unavailableSinceMs = this.#env.clock.monotonicMs()
    this.#election.fallSilent()
    this.clients.stopServing('the server has to find a leader first')
    this.#wantsSnapshot = wantsSnapshot
    try {
      if (!(await this.#aftermath.settle(role, end))) return
      if (next === null && !this.#participates) await this.#aftermath.waitAsObserver()
    } catch (error) {
      const message = `The data cannot be read again: ${error instanceof Error ? error.message : String(error)}`
      return this.#fail(new StartError('DATA', message, { cause: error }))
    }
    this.#role = null
    if (next === null) return this.#look()
    if (!this.#closing) this.#election.designate(next, this.#lastZxid, this.#participates)
  }

  /** A configuration is in force (QuorumPeer.processReconfig). Whether it says anything else of the members than before. */
  #activate(config: QuorumConfig): boolean {
    const { config: before, self } = this.#membership
    if (!this.#membership.activate(config)) return false
    this.#election.configured()
    if (config.hasMembersOf(before)) return false
    this.#env.log.info('The members of the ensemble have changed.', { config: config.toString() })
    this.#ports.move(self, this.#membership.self)
    return true
  }

  /**
   * A configuration that was proposed, and acknowledged, has its say after a restart. It is in the log, from where it has
   * come into the tree, even if the file of it was not written any more.
   */
  async #recallMembers(): Promise<void> {
    const { config } = this
    const proposed = config.reconfigEnabled ? proposedConfig(this.database) : null
    if (proposed !== null && proposed.version > this.#membership.lastSeen.version) this.#membership.propose(proposed)
    setConfigNode(this.database, this.#membership.config, this.#env.clock.wallMs())
    if (config.dynamicConfigFile !== null) return
    try {
      await this.#files?.backUp()
    } catch (error) {
      const message = `${config.configFile}.bak cannot be written, as reconfigEnabled wants it: ${(error as Error).message}`
      throw new StartError('CONFIG', message, { cause: error })
    }
  }
}
