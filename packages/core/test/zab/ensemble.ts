import { OpCode, type Txn, Writer, writeTxn } from '@vivarium/protocol'
import { parseQuorumConfig, type QuorumConfig } from '../../dist/quorum/index.js'
import {
  CommittedLog,
  DEFAULT_LEADER_OPTIONS,
  decisiveConfigs,
  encodeQuorumPacket,
  Leader,
  type LeaderEffect,
  type LeaderEvent,
  Learner,
  type LearnerEffect,
  type LearnerEvent,
  LoggedTxn,
  QuorumPacketDecoder,
  quorumPacket,
} from '../../dist/zab/index.js'
import { Checker, type DurableState } from './checker.ts'
import { type DiskOperation, SimulatedDisk, type Snapshot } from './disk.ts'
import { Random } from './random.ts'

export type Bytes = Uint8Array
/** What travels: a packet, a snapshot that is spliced in, or the end of the connection. */
export type Item = { packet: Bytes } | { snapshot: Snapshot } | 'closed'

export interface Connection {
  readonly number: number
  readonly leader: number
  readonly learner: number
  readonly up: Item[]
  readonly down: Item[]
}

export interface EnsembleOptions {
  readonly seed: number
  readonly participants: number
  readonly observers: number
  readonly reconfigure: boolean
  /** How many elections out of a hundred are won by somebody else than they should; 5 if left out. */
  readonly oddElections?: number
  /** Replaces what the shell of a server does, to show that the checker notices. */
  readonly shell?: new (
    ensemble: Ensemble,
    sid: number,
    config: QuorumConfig,
  ) => Shell
  readonly transformConfig?: (config: QuorumConfig) => QuorumConfig
  /** Tampers with what a leader sends. */
  readonly transit?: (items: Item[]) => Item[]
}

/** What surrounds the machines of one server: memory, disk and links. Mutants override its methods. */
export class Shell {
  readonly ensemble: Ensemble
  readonly sid: number
  readonly disk: SimulatedDisk
  up = true
  /** The tree: all that was applied to it. */
  applied: LoggedTxn[] = []
  lastZxid = 0
  committed = new CommittedLog()
  leader: Leader | null = null
  learner: Learner<number> | null = null
  connection: Connection | null = null
  serving = false
  /** Whom to join without an election. */
  next: number | null = null
  wantsSnapshot = false
  #checked = 0
  /** The tree has to be read again before anything else. */
  #stale = false

  constructor(ensemble: Ensemble, sid: number, config: QuorumConfig) {
    this.ensemble = ensemble
    this.sid = sid
    this.disk = new SimulatedDisk(config)
  }

  /** Ready to vote: all that was to be written is, and the tree is what the disk says. */
  get looking(): boolean {
    return this.isIdle && !this.disk.isBusy && !this.#stale
  }

  get isIdle(): boolean {
    return this.up && this.leader === null && this.learner === null
  }

  get isObserver(): boolean {
    return this.disk.config.members.get(this.sid)?.role === 'observer'
  }

  get durable(): DurableState {
    return { sid: this.sid, currentEpoch: this.disk.currentEpoch, txns: this.disk.recover().txns }
  }

  restart(): void {
    this.up = true
    this.wantsSnapshot = false
    this.load()
  }

  /** Reads the disk. */
  load(): void {
    const { zxid, txns } = this.disk.recover()
    this.ensemble.checker.recovers(this.sid, txns)
    this.applied = [...txns]
    this.lastZxid = zxid
    this.#stale = false
    this.committed = new CommittedLog()
    const newest = this.disk.snapshots.reduce((a, b) => (b.zxid >= a.zxid ? b : a))
    for (const txn of txns) if (txn.zxid > newest.zxid) this.committed.add(txn)
  }

  crash(): void {
    this.disk.crash(this.ensemble.random)
    this.up = false
    this.leave()
  }

  leave(): void {
    for (const connection of this.ensemble.connections.values()) {
      if (connection.leader === this.sid || connection.learner === this.sid) this.ensemble.close(connection, this.sid)
    }
    this.leader = this.learner = this.connection = null
    this.serving = false
    this.next = null
  }

  lead(): void {
    // A leader may write a snapshot at once, with what was never committed in it (Leader.lead, ZooKeeperServer.loadData).
    if (this.ensemble.random.chance(30)) this.takeSnapshot()
    const { config, lastSeen } = this.disk
    this.leader = new Leader({
      ...DEFAULT_LEADER_OPTIONS,
      sid: this.sid,
      history: this.history(),
      config,
      lastSeen,
      initLimit: 10,
      syncLimit: 5,
      reconfigEnabled: this.ensemble.options.reconfigure,
    })
    this.stepLeader({ type: 'start' })
  }

  history(): { acceptedEpoch: number; currentEpoch: number; lastZxid: number; committed: CommittedLog } {
    const { acceptedEpoch, currentEpoch } = this.disk
    return { acceptedEpoch, currentEpoch, lastZxid: this.lastZxid, committed: this.committed }
  }

  follow(leader: number): void {
    const observes = this.isObserver
    this.learner = new Learner<number>({
      sid: this.sid,
      leader,
      role: observes ? 'observer' : 'follower',
      history: this.history(),
      config: this.disk.config,
      initLimit: 10,
      syncLimit: 5,
      reconfigEnabled: this.ensemble.options.reconfigure,
      wantsSnapshot: this.wantsSnapshot,
    })
    this.connection = this.ensemble.connect(leader, this.sid)
    this.ensemble.shell(leader).stepLeader({ type: 'accepted', link: this.connection.number })
    this.stepLearner({ type: 'connected' })
  }

  stepLeader(event: LeaderEvent): void {
    const { leader } = this
    if (leader === null) return
    leader.step(event)
    for (const effect of leader.takeEffects()) if (this.leader === leader) this.carryOutLeader(effect)
  }

  stepLearner(event: LearnerEvent<number>): void {
    const { learner } = this
    if (learner === null) return
    learner.step(event)
    for (const effect of learner.takeEffects()) if (this.learner === learner) this.carryOutLearner(effect)
  }

  carryOutLeader(effect: LeaderEffect): void {
    const { checker } = this.ensemble
    switch (effect.type) {
      case 'send':
        return this.ensemble.send(effect.link, 'down', { packet: encodeQuorumPacket(effect.packet) })
      case 'sendSnapshot':
        return this.ensemble.send(effect.link, 'down', {
          snapshot: { zxid: this.leader!.lastZxid, txns: [...this.applied] },
        })
      case 'drop':
        return this.ensemble.drop(effect.link, this.sid)
      case 'persistAcceptedEpoch':
        return this.write({ type: 'acceptedEpoch', epoch: effect.epoch })
      case 'persistCurrentEpoch':
        return this.write({ type: 'currentEpoch', epoch: effect.epoch })
      case 'readLog':
        // Whatever happens before the log is read: it is not part of the decision's moment.
        this.ensemble.later.push(() => {
          const txns = this.disk.read(effect.zxid)
          this.stepLeader({ type: 'logRead', link: effect.link, txns: this.ensemble.random.chance(20) ? null : txns })
        })
        return
      case 'lead':
        this.serving = true
        this.#checked = this.applied.length
        return checker.leads(this.sid, effect.epoch, this.applied, this.ensemble.durableStates(), this.disk.config)
      case 'append':
        return this.write({ type: 'append', txn: effect.txn })
      case 'commit': {
        this.apply(effect.txn)
        this.#checked = this.applied.length
        return checker.committed(
          this.sid,
          this.applied,
          this.ensemble.durableStates(),
          this.ensemble.reconfigurations.get(effect.txn.zxid) ?? null,
        )
      }
      case 'lastSeenConfig':
        this.disk.lastSeen = effect.config
        return
      case 'reconfigured':
        this.disk.config = effect.config
        return
      case 'ended':
        return this.end(effect.tail, false, this.leader!.lastZxid, null)
      default:
        return
    }
  }

  carryOutLearner(effect: LearnerEffect<number>): void {
    switch (effect.type) {
      case 'send':
        return this.ensemble.send(this.connection!.number, 'up', { packet: encodeQuorumPacket(effect.packet) })
      case 'persistAcceptedEpoch':
        return this.write({ type: 'acceptedEpoch', epoch: effect.epoch })
      case 'persistCurrentEpoch':
        return this.write({ type: 'currentEpoch', epoch: effect.epoch })
      case 'receiveSnapshot':
        return
      case 'truncate':
        return this.write({ type: 'truncate', zxid: effect.zxid })
      case 'append':
        return this.write({ type: 'append', txn: effect.txn })
      case 'commit':
        this.apply(effect.txn)
        if (this.serving) this.check()
        return
      case 'serve':
        this.serving = true
        this.wantsSnapshot = false
        this.#checked = 0
        return this.check()
      case 'answerPing':
        return this.ensemble.send(this.connection!.number, 'up', {
          packet: encodeQuorumPacket(quorumPacket(5, effect.zxid)),
        })
      case 'lastSeenConfig':
        this.disk.lastSeen = effect.config
        return
      case 'reconfigured':
        this.disk.config = effect.config
        return
      case 'ended':
        this.wantsSnapshot = effect.wantsSnapshot
        return this.end(effect.tail, effect.reload, this.learner!.lastZxid, effect.next)
      default:
        return
    }
  }

  apply(txn: LoggedTxn): void {
    this.applied.push(txn)
  }

  check(): void {
    this.ensemble.checker.serves(this.sid, this.applied, this.#checked)
    this.#checked = this.applied.length
  }

  end(tail: readonly LoggedTxn[], reload: boolean, lastZxid: number, next: number | null): void {
    this.leave()
    for (const txn of tail) this.apply(txn)
    this.lastZxid = lastZxid
    this.next = next
    this.#stale = reload
    this.reload()
  }

  /** Reads the disk again, if that has to be and can be. */
  reload(): void {
    if (this.#stale && this.isIdle && !this.disk.isBusy) this.load()
  }

  write(operation: DiskOperation): void {
    this.disk.write(operation)
  }

  /** The disk has carried out an operation. */
  completeWrite(epoch: boolean): void {
    const operation = this.disk.complete(epoch)
    if (operation !== undefined) this.written(operation)
    this.reload()
  }

  written(operation: DiskOperation): void {
    switch (operation.type) {
      case 'append': {
        if (this.disk.next?.type === 'append' && this.ensemble.random.chance(50)) return this.completeWrite(false)
        const { zxid } = operation.txn
        this.stepLeader({ type: 'synced', zxid })
        return this.stepLearner({ type: 'synced', zxid })
      }
      case 'acceptedEpoch':
        if (this.leader?.phase === 'discovery') this.stepLeader({ type: 'acceptedEpochPersisted' })
        if (this.learner?.phase === 'acceptance') this.stepLearner({ type: 'acceptedEpochPersisted' })
        return
      case 'currentEpoch':
        if (this.leader?.phase === 'synchronization') this.stepLeader({ type: 'currentEpochPersisted' })
        if (this.learner?.phase === 'recording') this.stepLearner({ type: 'currentEpochPersisted' })
        return
      case 'truncate': {
        if (this.learner?.phase !== 'restoring') return
        if (!this.disk.canTruncate(operation.zxid)) return this.stepLearner({ type: 'truncated', zxid: null })
        const { zxid, txns } = this.disk.recover()
        this.applied = [...txns]
        return this.stepLearner({ type: 'truncated', zxid })
      }
      case 'install':
        if (this.learner?.phase !== 'restoring') return
        this.applied = [...operation.snapshot.txns]
        return this.stepLearner({ type: 'installed' })
      default:
        return
    }
  }

  /** A snapshot of the tree as it is, with what may never be committed in it. */
  takeSnapshot(): void {
    if (!this.up || this.learner?.phase === 'restoring') return
    if (!this.serving && !this.looking) return
    const zxid = this.leader?.lastZxid ?? this.learner?.lastZxid ?? this.lastZxid
    this.write({ type: 'snapshot', snapshot: { zxid, txns: [...this.applied] } })
  }

  receive(connection: Connection, item: Item): void {
    if (connection.leader === this.sid) {
      if (item === 'closed') return this.stepLeader({ type: 'closed', link: connection.number })
      if ('packet' in item) this.stepLeader({ type: 'packet', link: connection.number, packet: decode(item.packet) })
      return
    }
    if (this.connection !== connection) return
    if (item === 'closed') return this.stepLearner({ type: 'closed', reason: 'the link is gone' })
    if ('packet' in item) return this.stepLearner({ type: 'packet', packet: decode(item.packet) })
    this.write({ type: 'install', snapshot: item.snapshot })
  }
}

function decode(bytes: Bytes): ReturnType<typeof quorumPacket> {
  const decoder = new QuorumPacketDecoder()
  decoder.push(bytes)
  const packet = decoder.next()
  if (packet === null) throw new Error('a packet was not decoded')
  return packet
}

/** Servers that do whatever a seed says: messages, writes to the disk, crashes, losses of links and elections in any order. */
export class Ensemble {
  readonly options: EnsembleOptions
  readonly random: Random
  readonly checker: Checker
  readonly shells: Shell[] = []
  readonly connections = new Map<number, Connection>()
  readonly reconfigurations = new Map<number, QuorumConfig>()
  later: (() => void)[] = []
  proposals = 0
  elections = 0
  #nextConnection = 1

  constructor(options: EnsembleOptions) {
    this.options = options
    this.random = new Random(options.seed)
    const sids = Array.from({ length: options.participants + options.observers }, (_, i) => i + 1)
    const config = this.configOf(sids.slice(0, options.participants), sids, 0)
    this.checker = new Checker(config)
    const Kind = options.shell ?? Shell
    for (const sid of sids) this.shells.push(new Kind(this, sid, config))
  }

  configOf(voters: readonly number[], sids: readonly number[], version: number): QuorumConfig {
    const lines = sids.map((sid) => `server.${sid}=h${sid}:1:2:${voters.includes(sid) ? 'participant' : 'observer'}`)
    return parseQuorumConfig(`${lines.join('\n')}\nversion=${version.toString(16)}`) as QuorumConfig
  }

  shell(sid: number): Shell {
    return this.shells[sid - 1] as Shell
  }

  durableStates(): DurableState[] {
    return this.shells.map((shell) => shell.durable)
  }

  connect(leader: number, learner: number): Connection {
    const number = this.#nextConnection++
    const connection = { number, leader, learner, up: [], down: [] }
    this.connections.set(number, connection)
    return connection
  }

  send(number: number, direction: 'up' | 'down', item: Item): void {
    this.connections.get(number)?.[direction].push(item)
  }

  /** One end closes: the other sees that after what is under way, some of which may be lost. */
  close(connection: Connection, sid: number): void {
    const far = sid === connection.leader ? connection.down : connection.up
    const near = sid === connection.leader ? connection.up : connection.down
    near.length = 0
    if (far.at(-1) !== 'closed') far.push('closed')
  }

  drop(number: number, sid: number): void {
    const connection = this.connections.get(number)
    if (connection !== undefined) this.close(connection, sid)
  }

  cut(connection: Connection): void {
    for (const items of [connection.up, connection.down]) {
      items.length = this.random.below(items.length + 1)
      items.push('closed')
    }
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) this.#act()
  }

  #act(): void {
    const { random } = this
    const dice = random.below(1000)
    if (dice < 480) this.#deliver()
    else if (dice < 700) random.pick(this.shells).completeWrite(random.chance(30))
    else if (dice < 800) this.#propose()
    else if (dice < 860) this.#elect()
    else if (dice < 920) this.#join()
    else if (dice < 950) this.#tick(random.pick(this.shells))
    else if (dice < 965) this.#runLater()
    else if (dice < 975) random.pick(this.shells).takeSnapshot()
    else if (dice < 982) this.#cutSome()
    else if (dice < 988) this.#crashSome()
    else if (dice < 996) this.#restartSome()
    else if (this.options.reconfigure) this.#reconfigure()
  }

  #deliver(): void {
    const busy: [Connection, Item[]][] = []
    for (const connection of this.connections.values()) {
      if (connection.up.length > 0) busy.push([connection, connection.up])
      if (connection.down.length > 0) busy.push([connection, connection.down])
    }
    if (busy.length === 0) return
    const [connection, items] = this.random.pick(busy)
    // Bursts: links are faster than what happens around them.
    for (let count = 1 + this.random.below(8); count > 0 && items.length > 0; count--) {
      const receiver = this.shell(items === connection.up ? connection.leader : connection.learner)
      if (items === connection.down && this.options.transit !== undefined) {
        const replaced = this.options.transit(items)
        items.splice(0, items.length, ...replaced)
        if (items.length === 0) return
      }
      const item = items.shift() as Item
      receiver.receive(connection, item)
      if (item === 'closed') {
        if (connection.up.length === 0 && connection.down.length === 0) this.connections.delete(connection.number)
        return
      }
      if (receiver.disk.isBusy && this.random.chance(30)) return
    }
  }

  #propose(): void {
    const leaders = this.shells.filter(({ leader }) => leader?.accepting === true)
    if (leaders.length === 0) return
    const shell = this.random.pick(leaders)
    this.propose(shell, null)
  }

  propose(shell: Shell, voters: readonly number[] | null): void {
    const leader = shell.leader as Leader
    const zxid = leader.lastProposed + 1
    const writer = new Writer(64)
    const config =
      voters === null
        ? null
        : this.configOf(
            voters,
            this.shells.map(({ sid }) => sid),
            zxid,
          )
    const text = config === null ? 'x' : config.toString()
    const type = config === null ? OpCode.setData : OpCode.reconfig
    const record = { path: '/zookeeper/config', data: Buffer.from(text), version: 0 }
    writeTxn(writer, { clientId: 1n, cxid: ++this.proposals, zxid, time: 0, type, record, digest: null } satisfies Txn)
    const txn = LoggedTxn.from(writer.finish()) as LoggedTxn
    this.checker.proposed(txn)
    const transformed = config === null ? null : (this.options.transformConfig?.(config) ?? config)
    if (config !== null) this.reconfigurations.set(zxid, config)
    shell.stepLeader({ type: 'propose', txn, config: transformed })
  }

  #reconfigure(): void {
    const leaders = this.shells.filter(
      ({ leader, disk }) => leader?.accepting === true && disk.lastSeen.version <= disk.config.version,
    )
    if (leaders.length === 0) return
    const voters = this.shells.map(({ sid }) => sid).filter(() => this.random.chance(60))
    const shell = this.random.pick(leaders)
    // A quorum of the new configuration has to be there already (PrepRequestProcessor, NewConfigNoQuorum).
    const config = this.configOf(voters, voters, 0)
    const synced = [shell.sid, ...(shell.leader as Leader).synced]
    if (voters.length >= 2 && config.containsQuorum(synced)) this.propose(shell, voters)
  }

  /** Some of those who look agree: on the one with the latest epoch, then zxid, then id (FastLeaderElection). Mostly. */
  #elect(): void {
    const { random } = this
    const electorate = this.shells.filter((shell) => shell.looking && random.chance(85))
    const designated = electorate.find(({ next, sid }) => next === sid)
    if (designated !== undefined) return designated.lead()
    const newest = electorate.reduce<QuorumConfig | null>(
      (a, { disk }) => (a === null || disk.config.version > a.version ? disk.config : a),
      null,
    )
    if (newest === null) return
    for (const { disk } of electorate) if (disk.config.version < newest.version) disk.config = newest
    const voters = electorate.filter(({ sid }) => newest.voters.has(sid))
    const order = (a: Shell, b: Shell): number =>
      a.disk.currentEpoch - b.disk.currentEpoch || a.lastZxid - b.lastZxid || a.sid - b.sid
    const best = random.chance(this.options.oddElections ?? 5) ? voters[0] : voters.sort(order).at(-1)
    if (best === undefined) return
    const sids = electorate.map(({ sid }) => sid)
    for (const config of decisiveConfigs(best.disk.config, best.disk.lastSeen)) if (!config.containsQuorum(sids)) return
    this.elections++
    best.lead()
    for (const shell of electorate) if (shell !== best && best.leader !== null) shell.follow(best.sid)
  }

  #join(): void {
    const leaders = this.shells.filter(({ leader }) => leader !== null)
    const idle = this.shells.filter(({ looking }) => looking)
    if (leaders.length === 0 || idle.length === 0) return
    const shell = this.random.pick(idle)
    const named = shell.next === null ? undefined : leaders.find(({ sid }) => sid === shell.next)
    shell.follow((named ?? this.random.pick(leaders)).sid)
  }

  #tick(shell: Shell): void {
    shell.stepLeader({ type: 'halfTick' })
    shell.stepLearner({ type: 'halfTick' })
  }

  #runLater(): void {
    const { later } = this
    this.later = []
    for (const task of later) task()
  }

  #cutSome(): void {
    const connections = [...this.connections.values()]
    if (connections.length > 0) this.cut(this.random.pick(connections))
  }

  #crashSome(): void {
    // Now and then all lose their power at once.
    const all = this.random.chance(20)
    const victim = this.random.pick(this.shells)
    for (const shell of this.shells) if (shell.up && (all || shell === victim)) shell.crash()
  }

  #restartSome(): void {
    const down = this.shells.filter(({ up }) => !up)
    if (down.length > 0) this.random.pick(down).restart()
  }

  /** No more trouble: everybody comes back, and all must end up with the same. */
  settle(): void {
    for (let round = 0; round < 1000; round++) {
      // A server that has accepted a later epoch, of a leader that came to nothing, waits for the next one.
      if (round % 100 === 99)
        for (const shell of this.shells) shell.stepLeader({ type: 'handOver', reason: 'somebody is left out' })
      for (const shell of this.shells) if (!shell.up) shell.restart()
      for (let i = 0; i < 30; i++) {
        this.#deliver()
        for (const shell of this.shells) {
          shell.completeWrite(true)
          shell.completeWrite(false)
        }
      }
      this.#runLater()
      if (this.shells.some(({ leader }) => leader?.phase === 'broadcast')) this.#join()
      else this.#elect()
      if (round % 8 === 0) for (const shell of this.shells) this.#tick(shell)
      if (this.isQuiet()) return
    }
    throw new Error('the ensemble does not settle')
  }

  isQuiet(): boolean {
    if (this.shells.some(({ serving }) => !serving)) return false
    if (this.shells.filter(({ leader }) => leader !== null).length !== 1) return false
    for (const { up, down } of this.connections.values()) if (up.length > 0 || down.length > 0) return false
    return this.shells.every(({ disk }) => !disk.isBusy)
  }
}
