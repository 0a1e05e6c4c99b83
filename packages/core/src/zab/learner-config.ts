import { formatZxid, OpCode } from '@vivarium/protocol'
import { parseQuorumConfig, type QuorumConfig } from '../quorum/index.ts'
import { sameQuorumAddress } from './designated-leader.ts'
import type { LearnerEffect, LearnerOptions } from './learner-messages.ts'
import type { LoggedTxn } from './logged-txn.ts'
import * as body from './packet-bodies.ts'
import { configOf } from './reconfig-txn.ts'

/** Where it says what it wants done. */
interface Wishes {
  push(effect: LearnerEffect<never>): void
}

/** Why a learner cannot go on, and who leads next if that needs no election. */
export interface Ending {
  readonly reason: string
  readonly next: number | null
}

/** The configurations that a learner hears of, and the one that is in force for it (QuorumPeer.processReconfig). */
export class LearnerConfig {
  readonly #options: LearnerOptions
  readonly #effects: Wishes
  #inForce: QuorumConfig
  /** The configuration that came with NEWLEADER, which is in force at UPTODATE. */
  #offered: QuorumConfig | null = null

  constructor(options: LearnerOptions, effects: Wishes) {
    this.#options = options
    this.#effects = effects
    this.#inForce = options.config
  }

  /** Of the configuration in force. */
  get version(): number {
    return this.#inForce.version
  }

  get offered(): QuorumConfig | null {
    return this.#offered
  }

  /** A reconfiguration is remembered as soon as it is proposed. @returns what is wrong with it */
  note(txn: LoggedTxn): string | null {
    if (txn.type !== OpCode.reconfig) return null
    const config = configOf(txn)
    if (config === null) return `${formatZxid(txn.zxid)} brings no configuration that can be read`
    this.#remember(config)
    return null
  }

  /** What comes with NEWLEADER. */
  offer(text: Uint8Array): void {
    const config = parseQuorumConfig(body.decodeText(text))
    if (typeof config === 'string') {
      return this.#effects.push({ type: 'warn', text: `the configuration of NEWLEADER: ${config}` })
    }
    this.#offered = config
    this.#remember(config)
  }

  #remember(config: QuorumConfig): void {
    if (this.#options.reconfigEnabled) this.#effects.push({ type: 'lastSeenConfig', config })
  }

  /** A reconfiguration is committed. @param data names the leader of what comes next */
  activate(txn: LoggedTxn, data: Uint8Array | null): Ending | null {
    const designated = body.decodeDesignatedLeader(data)
    const config = configOf(txn)
    if (designated === null || config === null) {
      return { reason: `${formatZxid(txn.zxid)} activates no configuration`, next: null }
    }
    return this.enforce(config, designated.sid, txn.zxid)
  }

  /**
   * A configuration is in force.
   *
   * @param leader who leads in it; null: whoever does, if it still may
   * @param zxid of the reconfiguration; null when an epoch begins with it
   * @returns an end if this server has another role in it, or another leader
   */
  enforce(config: QuorumConfig, leader: number | null, zxid: number | null): Ending | null {
    if (!this.#options.reconfigEnabled || config.version <= this.#inForce.version) return null
    const before = this.#inForce
    this.#inForce = config
    this.#effects.push({ type: 'reconfigured', config, zxid })
    const { sid, leader: current, role } = this.#options
    if (leader === null && !leadsOn(current, before, config)) {
      return { reason: 'the configuration in force has another leader', next: null }
    }
    const observes = config.members.get(sid)?.role === 'observer'
    const next = leader ?? current
    if (observes === (role === 'observer') && next === current) return null
    return { reason: 'a reconfiguration changes who leads, or what this server does', next }
  }
}

/** Whether the leader of an epoch that begins with a new configuration is to lead in that one as well. */
function leadsOn(leader: number, before: QuorumConfig, config: QuorumConfig): boolean {
  if (!config.voters.has(leader)) return false
  const known = before.members.get(leader)
  return known === undefined || sameQuorumAddress(known, config.members.get(leader))
}
