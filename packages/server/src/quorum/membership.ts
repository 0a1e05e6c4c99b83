import type { Member, QuorumConfig } from '@vivarium/core'
import { epochOf } from '@vivarium/protocol'
import type { ConfigFiles } from './config-files.ts'
import type { Address } from './connect-to-any.ts'

/**
 * What a member knows of the configuration: the one in force, and the latest one that it has heard of, which may not be
 * (QuorumPeer.getQuorumVerifier, getLastSeenQuorumVerifier).
 */
export class Membership {
  #config: QuorumConfig
  #lastSeen: QuorumConfig
  #self: Member
  readonly #changes: boolean
  readonly #files: ConfigFiles | null

  /**
   * @param self this member
   * @param lastSeen null: there is nothing later than `config`
   * @param changes whether it can change (`reconfigEnabled`)
   * @param files where changes are written to
   */
  constructor(
    self: Member,
    config: QuorumConfig,
    lastSeen: QuorumConfig | null,
    changes: boolean,
    files: ConfigFiles | null,
  ) {
    this.#self = self
    this.#config = config
    this.#lastSeen = changes && lastSeen !== null && lastSeen.version > config.version ? lastSeen : config
    this.#changes = changes
    this.#files = files
  }

  get config(): QuorumConfig {
    return this.#config
  }

  get lastSeen(): QuorumConfig {
    return this.#lastSeen
  }

  /** As the configuration in force describes it, or, if that leaves it out, the last one that did not. */
  get self(): Member {
    return this.#self
  }

  /** A server of the configuration in force, or of the one that is to replace it. */
  find(sid: number): Member | undefined {
    return this.#config.members.get(sid) ?? this.#lastSeen.members.get(sid)
  }

  /**
   * Where the others call a server for the election: as the configuration in force says, and, if it is to move, as the later one
   * does. That may be in force already, and this server may not have heard, or not have been able to write it down
   * (QuorumCnxManager.connectOne).
   */
  electionAddresses(sid: number): Address[] {
    const addresses = new Map<string, Address>()
    for (const { members } of [this.#config, this.#lastSeen]) {
      for (const { host, electionPort: port } of members.get(sid)?.addresses ?? []) {
        addresses.set(`${host}:${port}`, { host, port })
      }
    }
    return [...addresses.values()]
  }

  /** A configuration was proposed, or is a leader's latest (QuorumPeer.setLastSeenQuorumVerifier). */
  propose(config: QuorumConfig): void {
    if (!this.#changes || config.version === this.#lastSeen.version) return
    this.#lastSeen = config
    // A leader that knows of nothing later takes back what was proposed, and did not outlive the one that proposed it.
    if (config.version > this.#config.version) this.#files?.proposed(config)
    else this.#files?.withdrawn()
  }

  /**
   * This server is to look for a leader. If it is a voter, it forgets a proposed configuration that it has heard of and not
   * logged, as long as it knows of no later epoch: if a quorum had logged that, one of any other would have, and would lead
   * in its place; and nobody has led since who could have put it into force. (In Java it stays, and is asked for a quorum of
   * servers that may follow nobody, being ahead, and lead nobody, having no vote yet.)
   *
   * @param zxid the last that it has logged @param epoch the last in which it has followed or led
   */
  looking(zxid: number, epoch: number): void {
    const { version } = this.#lastSeen
    if (version === this.#config.version || !this.#config.voters.has(this.#self.sid)) return
    if (zxid < version && epoch === epochOf(version)) this.propose(this.#config)
  }

  /**
   * A configuration is in force (QuorumPeer.setQuorumVerifier). Returns false for one that is not newer than what is known
   * already.
   */
  activate(config: QuorumConfig): boolean {
    if (!this.#changes || config.version <= this.#config.version) return false
    this.#config = config
    if (config.version > this.#lastSeen.version) this.#lastSeen = config
    const self = config.members.get(this.#self.sid)
    if (self !== undefined) this.#self = self
    this.#files?.activated(
      config,
      self !== undefined && self.client !== null,
      config.version === this.#lastSeen.version,
    )
    return true
  }
}
