import type { LinkEffect, LinkEvent } from '@vivarium/core'
import type { Listener, ListenOptions, Socket, SocketHandler } from '@vivarium/env'
import { PacketType, type QuorumPacket } from '@vivarium/protocol'
import type { ObserverView } from '../admin/view.ts'
import { LearnerConnection, type LearnerConnectionEvents } from './learner-connection.ts'
import { listenOnSome } from './listen-on-some.ts'
import { PeerLog } from './peer-log.ts'
import type { RoleContext } from './role.ts'
import { SnapshotSender } from './snapshot-transfer.ts'

/** The machine that is told what becomes of the connections. */
export interface LearnerMaster {
  /** Inside a turn. */
  step(event: LinkEvent): void
  /** An event that no packet has brought: a turn of its own. */
  turn(event: LinkEvent): void
  /** Null while the learner has not said who it is. */
  sidOf(link: number): number | null
  /** Whether it is an observer, and synchronized. */
  observes(link: number): boolean
  /** How many learners are being sent a snapshot, or (false) transactions. */
  syncsInProgress(snapshots: boolean): number
}

/** The connections of the learners of one server, be it their leader or an observer master (LearnerMaster, LearnerHandler). */
export class LearnerConnections implements LearnerConnectionEvents {
  readonly #context: RoleContext
  readonly #master: LearnerMaster
  readonly #peerLog: PeerLog
  readonly #links = new Map<number, LearnerConnection>()
  #listeners: Listener[] = []
  #nextLink = 1
  #over = false

  constructor(context: RoleContext, master: LearnerMaster) {
    this.#context = context
    this.#master = master
    this.#peerLog = new PeerLog(context.env)
  }

  get size(): number {
    return this.#links.size
  }

  get(link: number): LearnerConnection | undefined {
    return this.#links.get(link)
  }

  /** The observers that are synchronized, as they are at this moment. */
  observers(): ObserverView[] {
    const views: ObserverView[] = []
    for (const { id, link, figures } of this.#links.values()) {
      const sid = this.#master.sidOf(id)
      if (sid === null || link.socket === null || !this.#master.observes(id)) continue
      const { remoteAddress, remotePort } = link.socket
      const { queuedPackets, pendingBytes: queuedBytes } = link
      views.push({ sid, remoteAddress, remotePort, queuedPackets, queuedBytes, figures })
    }
    return views
  }

  /** @throws the system's error if none of the addresses can be had */
  async listen(addresses: readonly ListenOptions[]): Promise<void> {
    const { config, env } = this.#context
    const options = addresses.map((address) => ({ ...address, keepAlive: config.quorumTcpKeepAlive }))
    const listeners = await listenOnSome(env.network, env.log, options, (socket) => this.#accept(socket))
    if (this.#over) for (const listener of listeners) await listener.close()
    else this.#listeners = listeners
  }

  #accept(socket: Socket): SocketHandler {
    const { config, env } = this.#context
    const connection = new LearnerConnection(
      this.#nextLink++,
      this,
      config.juteMaxBufferBytes + config.juteExtraSizeBytes,
      env.clock.wallMs(),
    )
    connection.link.socket = socket
    if (this.#over) connection.link.destroy()
    else {
      this.#links.set(connection.id, connection)
      this.#master.turn({ type: 'accepted', link: connection.id })
    }
    return connection.link
  }

  carryOut(effect: Exclude<LinkEffect, { type: 'warn' }>): void {
    const { front } = this.#context
    switch (effect.type) {
      case 'send':
        if (effect.packet.type === PacketType.DIFF) {
          front.metrics.diff_count.value++
          front.metrics.inflight_diff_count.observe(this.#master.syncsInProgress(false))
        }
        return this.#links.get(effect.link)?.send(effect.packet)
      case 'sendSnapshot':
        return this.#sendSnapshot(effect.link)
      case 'readLog':
        return this.#readLog(effect.link, effect.zxid)
      case 'drop':
        this.#peerLog.info(`Dropped a learner: ${effect.reason}.`)
        this.#links.get(effect.link)?.link.close()
        this.#links.delete(effect.link)
        return
    }
  }

  /** A turn has ended: what there is to say leaves. */
  flush(): void {
    const { learner_handler_qp_size } = this.#context.front.metrics
    for (const { id, link } of this.#links.values()) {
      if (link.queuedPackets > 0) {
        const name = this.#memberName(id)
        if (name !== null) learner_handler_qp_size.observe(name, link.queuedPackets)
      }
      link.flush()
    }
  }

  halfTick(): void {
    const { config, env, front } = this.#context
    const nowMs = env.clock.monotonicMs()
    for (const [id, connection] of this.#links) {
      connection.checkProgress(2 * config.initLimit)
      const name = this.#memberName(id)
      if (name !== null) front.metrics.learner_handler_qp_time_ms.observe(name, connection.backlogMs(nowMs))
    }
  }

  /** By which its figures go. Whoever has no place in the configuration can have any number of names. */
  #memberName(link: number): string | null {
    const sid = this.#master.sidOf(link)
    return sid === null || this.#context.membership.find(sid) === undefined ? null : String(sid)
  }

  close(): void {
    this.#over = true
    for (const listener of this.#listeners) void listener.close()
    for (const { link } of this.#links.values()) link.close()
  }

  turnBegan(): void {
    this.#context.front.clients.readClocks()
  }

  turnEnded(): void {
    const { clients } = this.#context.front
    clients.resumePaused()
    clients.endTurn()
  }

  packet(link: number, packet: QuorumPacket): void {
    this.#master.step({ type: 'packet', link, packet })
  }

  closed(link: number, reason: string): void {
    if (!this.#links.delete(link)) return
    this.#peerLog.info(`A learner is gone: ${reason}.`)
    // Nobody waits for a socket here.
    this.#context.front.metrics.socket_closing_time.observe(0)
    this.#master.turn({ type: 'closed', link })
  }

  #sendSnapshot(link: number): void {
    const { data, env, front } = this.#context
    const connection = this.#links.get(link)
    if (connection === undefined) return
    front.metrics.snap_count.value++
    front.metrics.inflight_snap_count.observe(this.#master.syncsInProgress(true))
    env.log.info('A learner is sent a snapshot.', { address: connection.link.socket?.remoteAddress })
    connection.sender = new SnapshotSender(data.database, connection.link, env.clock, () => {
      connection.sender = null
      this.#master.turn({ type: 'snapshotSent', link })
    })
  }

  #readLog(link: number, zxid: number): void {
    const { data, committed } = this.#context
    data.readHistory(zxid, committed.max).then(
      (txns) => this.#master.turn({ type: 'logRead', link, txns }),
      () => this.#master.turn({ type: 'logRead', link, txns: null }),
    )
  }
}
