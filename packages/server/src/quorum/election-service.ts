import {
  type Candidate,
  decodeNotification,
  type ElectionEffect,
  type ElectionEvent,
  encodeNotification,
  FastLeaderElection,
  PeerState,
  parseQuorumConfig,
  type QuorumConfig,
  type Vote,
} from '@vivarium/core'
import type { Clock, Disk, Log, Network, Timer } from '@vivarium/env'
import type { ServerConfig } from '../config/server-config.ts'
import { ElectionConnections } from './election-connections.ts'
import { listenAddresses } from './listen-on-some.ts'
import type { Membership } from './membership.ts'
import { askOracle } from './oracle-file.ts'
import { PeerLog } from './peer-log.ts'

/** How long after a failed attempt the election port is tried again. */
const BIND_RETRY_MS = 1000

export interface ElectionServiceOptions {
  readonly membership: Membership
  readonly config: ServerConfig
  readonly clock: Clock
  readonly network: Network
  readonly disk: Disk
  readonly log: Log
  /** Somebody knows of a later configuration, while this server looks for a leader. */
  readonly heardOf: (config: QuorumConfig) => void
  readonly elected: (vote: Vote, state: PeerState) => void
  /** A voter that elected this leader looks for one again. */
  readonly lookingVoter: (sid: number) => void
}

/** The election as it runs: the machine, its timer, its connections. It goes on in every role, to tell others who leads. */
export class ElectionService {
  readonly #options: ElectionServiceOptions
  readonly #machine: FastLeaderElection
  readonly #connections: ElectionConnections
  readonly #peerLog: PeerLog
  #timer: Timer | null = null
  #closed = false
  /** While this server has no word in it: the last that each of the others has said. */
  #unheard: Map<number, Uint8Array> | null = new Map()
  /** The text of the configuration that was heard of last, which need not be read again. */
  #lastHeard = ''

  constructor(options: ElectionServiceOptions) {
    const { membership, config, clock, network, log } = options
    const { sid } = membership.self
    this.#options = options
    this.#peerLog = new PeerLog(options)
    this.#machine = new FastLeaderElection({
      sid,
      minIntervalMs: config.minNotificationIntervalMs,
      maxIntervalMs: config.maxNotificationIntervalMs,
      oracle: config.oraclePath !== null,
    })
    this.#connections = new ElectionConnections({
      clock,
      network,
      log,
      peerLog: this.#peerLog,
      sid,
      memberOf: (other) => (other === sid ? membership.self : membership.find(other)),
      addressesOf: (other) => membership.electionAddresses(other),
      callsStrangers: config.reconfigEnabled,
      connectTimeoutMs: config.electionConnectTimeoutMs,
      multiAddress: config.multiAddressEnabled,
      probeTimeoutMs: config.reachabilityCheckEnabled ? config.reachabilityCheckTimeoutMs : null,
      greetingMs:
        config.electionGreetingTimeoutMs > 0 ? config.electionGreetingTimeoutMs : config.tickTimeMs * config.syncLimit,
      received: (from, message) => this.#received(from, message),
      reachable: (other, reachable) => this.#step({ type: 'reachable', sid: other, reachable }),
    })
  }

  /** Listens for the other members. @throws the system's error, after `electionPortBindRetry` attempts */
  async listen(): Promise<void> {
    const { membership, config, clock, log } = this.#options
    const hosts = listenAddresses(membership.self.addresses, 'electionPort', config.quorumListenOnAllIps)
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#connections.listen(hosts)
      } catch (error) {
        if (this.#closed || (config.electionPortBindRetry > 0 && attempt >= config.electionPortBindRetry)) throw error
        log.warn('The election port cannot be had; it is tried again.', { error: String(error) })
        await new Promise<void>((resolve) => clock.after(BIND_RETRY_MS, resolve))
      }
    }
  }

  /** The vote that this server stands by. */
  get currentVote(): Vote {
    return this.#machine.currentVote
  }

  /** Looks for a leader. `elected` follows. */
  look(candidate: Candidate, participant: boolean): void {
    const { config, lastSeen } = this.#options.membership
    this.#speak({ type: 'look', candidate, participant, config, lastSeen })
  }

  /** A reconfiguration says who leads. `elected` follows. */
  designate(leader: number, zxid: number, participant: boolean): void {
    this.#speak({ type: 'designated', leader, zxid, participant })
  }

  /** Other configurations are known now; who looks has to {@link look} anew. */
  configured(): void {
    const { config, lastSeen } = this.#options.membership
    this.#step({ type: 'configured', config, lastSeen })
  }

  #speak(event: ElectionEvent): void {
    const unheard = this.#unheard ?? new Map<number, Uint8Array>()
    this.#unheard = null
    this.#step(event)
    for (const [sid, message] of unheard) this.#received(sid, message)
  }

  /**
   * The role is over that the last election has led to, and it is not time yet for the next one. To go on saying that this
   * server leads would keep the others from finding another leader.
   */
  fallSilent(): void {
    this.#unheard ??= new Map()
  }

  /** The epoch of the leader that was found has begun. */
  epochBegan(epoch: number): void {
    this.#step({ type: 'epoch', epoch })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#connections.close()
  }

  #received(sid: number, message: Uint8Array): void {
    if (this.#unheard !== null) {
      this.#unheard.set(sid, message)
      return
    }
    const notification = decodeNotification(message)
    if (notification === undefined) return this.#peerLog.warn(`Server ${sid} sent what is no notification.`)
    if (notification.config !== null) this.#hearConfig(notification.config)
    this.#step({ type: 'notification', sid, notification })
  }

  /** Who looks takes over a later configuration: it may have been away when that came about. */
  #hearConfig(text: string): void {
    const { membership, config, heardOf } = this.#options
    if (!config.reconfigEnabled || this.#machine.state !== PeerState.LOOKING || text === this.#lastHeard) return
    this.#lastHeard = text
    const heard = parseQuorumConfig(text)
    if (typeof heard === 'string') this.#peerLog.warn(`A configuration that cannot be read was heard of: ${heard}.`)
    else if (heard.version > membership.config.version) heardOf(heard)
  }

  #step(event: ElectionEvent): void {
    if (this.#closed) return
    this.#machine.step(event)
    for (const effect of this.#machine.takeEffects()) this.#carryOut(effect)
  }

  #carryOut(effect: ElectionEffect): void {
    const { clock, config, membership, elected, lookingVoter } = this.#options
    const { sid } = membership.self
    switch (effect.type) {
      case 'send': {
        const message = encodeNotification(effect.notification)
        if (effect.to === sid) clock.soon(() => this.#received(sid, message))
        else this.#connections.send(effect.to, message)
        return
      }
      case 'timer':
        this.#timer?.cancel()
        this.#timer = clock.after(effect.ms, () => {
          this.#step({ type: 'timeout', delivered: this.#connections.delivered })
        })
        return
      case 'connectAll':
        return this.#connections.connectAll()
      case 'lookingVoter':
        return lookingVoter(effect.sid)
      case 'askOracle':
        return void askOracle(this.#options, config).then((authorizes) => this.#step({ type: 'oracle', authorizes }))
      case 'elected':
        this.#timer?.cancel()
        return elected(effect.vote, effect.state)
    }
  }
}
