import type { QuorumConfig } from '../quorum/index.ts'

/**
 * Who has acknowledged something that needs a quorum in every one of some configurations: the committed one, and the one
 * that is to replace it while a reconfiguration is under way (SyncedLearnerTracker).
 */
export class AckSet {
  #configs: readonly QuorumConfig[]
  /** Each once. There are a handful, and a set is made for every transaction. */
  readonly #sids: number[] = []

  constructor(configs: readonly QuorumConfig[]) {
    this.#configs = configs
  }

  /** The newest of the configurations. */
  get newest(): QuorumConfig {
    return this.#configs[this.#configs.length - 1]!
  }

  get sids(): readonly number[] {
    return this.#sids
  }

  /** Acks of servers that have no vote in a configuration do not count there. */
  add(sid: number): void {
    if (!this.#sids.includes(sid)) this.#sids.push(sid)
  }

  /** From now on it is these that must agree. */
  require(configs: readonly QuorumConfig[]): void {
    this.#configs = configs
  }

  /** Takes an ack back: the server no longer has what it was for. */
  remove(sid: number): void {
    const index = this.#sids.indexOf(sid)
    if (index >= 0) this.#sids.splice(index, 1)
  }

  has(sid: number): boolean {
    return this.#sids.includes(sid)
  }

  /** @param alone see {@link QuorumConfig.containsQuorum} */
  hasQuorum(alone: number | null = null): boolean {
    for (const config of this.#configs) if (!config.containsQuorum(this.#sids, alone)) return false
    return true
  }
}

/** The configurations that must agree: the latest one heard of has a say as soon as it is newer than the committed one. */
export function decisiveConfigs(committed: QuorumConfig, lastSeen: QuorumConfig): readonly QuorumConfig[] {
  return lastSeen.version > committed.version ? [committed, lastSeen] : [committed]
}
