import {
  type ForwardedRequest,
  type LoggedTxn,
  type Member,
  ObserverMaster,
  type ObserverMasterEffect,
  type ObserverMasterEvent,
  type SessionTouch,
} from '@vivarium/core'
import type { Id } from '@vivarium/protocol'
import type { ObserverView } from '../admin/view.ts'
import { LearnerConnections } from './learner-connections.ts'
import { listenAddresses } from './listen-on-some.ts'
import { PeerLog } from './peer-log.ts'
import type { RoleContext } from './role.ts'

/** What observers ask of their master, which only the leader can answer. */
export interface LeaderRelay {
  /** @param link whose it is */
  request(link: number, request: ForwardedRequest, authinfo: readonly Id[] | null): void
  revalidate(link: number, session: SessionTouch): void
  touch(session: SessionTouch): void
  /** That was all that an observer had to say of its sessions. */
  touched(): void
}

/** What a follower does beside following: it serves observers, so that its leader does not have to (`observerMasterPort`). */
export class ObserverMasterRole {
  readonly #context: RoleContext
  readonly #relay: LeaderRelay
  readonly #links: LearnerConnections
  readonly #master: ObserverMaster
  readonly #peerLog: PeerLog
  #running = false
  #over = false

  /** @param epoch of the leader that is followed */
  constructor(context: RoleContext, epoch: number, relay: LeaderRelay) {
    const { sid, membership, config, committed, data, front } = context
    this.#context = context
    this.#relay = relay
    this.#peerLog = new PeerLog(context.env)
    this.#links = new LearnerConnections(context, {
      step: (event) => this.#step(event),
      turn: (event) => this.#turn(event),
      sidOf: (link) => this.#master.sidOf(link),
      observes: (link) => this.#master.observes(link),
      syncsInProgress: (snapshots) => this.#master.syncsInProgress(snapshots),
    })
    this.#master = new ObserverMaster({
      sid,
      epoch,
      lastZxid: data.database.tree.lastProcessedZxid,
      committed,
      config: () => membership.config,
      initLimit: config.initLimit,
      syncLimit: config.syncLimit,
      forceSnapshot: config.forceSnapshotSync,
      maxSnapSyncs: config.maxConcurrentSnapSyncs,
      maxDiffSyncs: config.maxConcurrentDiffSyncs,
    })
    front.metrics.synced_observers.source = () => this.#master.observers.length
  }

  async listen({ addresses }: Member): Promise<void> {
    const { config, env } = this.#context
    const port = config.observerMasterPort
    const own = addresses.map((address) => ({ ...address, quorumPort: port }))
    try {
      await this.#links.listen(listenAddresses(own, 'quorumPort', config.quorumListenOnAllIps))
    } catch (error) {
      env.log.error('Observers cannot be served: observerMasterPort cannot be had.', { port, error: String(error) })
    }
  }

  /** A transaction has been applied. @param designatedLeader who leads from it on, if it is a reconfiguration */
  committed(txn: LoggedTxn, designatedLeader: number | null): void {
    this.#step({ type: 'committed', txn, designatedLeader })
  }

  revalidated(link: number, sessionId: bigint, valid: boolean): void {
    this.#step({ type: 'revalidated', link, sessionId, valid })
  }

  syncAnswered(link: number): void {
    this.#step({ type: 'syncAnswered', link })
  }

  halfTick(): void {
    this.#links.halfTick()
    this.#step({ type: 'halfTick' })
  }

  observers(): ObserverView[] {
    return this.#links.observers()
  }

  flush(): void {
    this.#links.flush()
  }

  close(): void {
    this.#over = true
    this.#context.front.metrics.synced_observers.source = null
    this.#links.close()
  }

  /** An event that no packet has brought: a turn of its own. */
  #turn(event: ObserverMasterEvent): void {
    if (this.#over) return
    this.#links.turnBegan()
    this.#step(event)
    this.#links.turnEnded()
  }

  #step(event: ObserverMasterEvent): void {
    if (this.#over) return
    this.#master.step(event)
    if (this.#running) return
    this.#running = true
    let hasTouched = false
    for (let effects = this.#master.takeEffects(); effects.length > 0; effects = this.#master.takeEffects()) {
      for (const effect of effects) {
        hasTouched ||= effect.type === 'touch'
        this.#carryOut(effect)
      }
    }
    this.#running = false
    if (hasTouched) this.#relay.touched()
  }

  #carryOut(effect: ObserverMasterEffect): void {
    switch (effect.type) {
      case 'request':
        return this.#relay.request(effect.link, effect.request, effect.authinfo)
      case 'revalidate':
        return this.#relay.revalidate(effect.link, effect)
      case 'touch':
        return this.#relay.touch(effect)
      case 'warn':
        return this.#peerLog.warn(`Serving observers: ${effect.text}.`)
      default:
        return this.#links.carryOut(effect)
    }
  }
}
