import type { Member, QuorumConfig } from '@vivarium/core'
import type { Random } from '@vivarium/env'

/**
 * Whom an observer connects to, one after the other: the followers, in an order of its own, at the port where they serve
 * observers; when none of them would, the leader, as if there were no such port (QuorumPeer.nextObserverMaster, which does
 * without that last resort, and tries the leader at a port where it never listens).
 */
export class ObserverMasters {
  /** The configuration that they are of. */
  readonly config: QuorumConfig
  readonly #order: readonly Member[]
  readonly #port: number
  #next = 0

  constructor(config: QuorumConfig, port: number, random: Random) {
    this.config = config
    const voters = [...config.members.values()].filter(({ sid }) => config.voters.has(sid))
    const keys = new Map(voters.map((voter) => [voter, random.uint32()]))
    this.#order = voters.sort((a, b) => (keys.get(a) as number) - (keys.get(b) as number))
    this.#port = port
  }

  /** Where to connect next; the address of its learners is the one to be called. */
  next(leader: Member): Member {
    for (;;) {
      const master = this.#order[this.#next++]
      if (master === undefined) {
        this.#next = 0
        return leader
      }
      if (master.sid === leader.sid) continue
      const addresses = master.addresses.map((address) => ({ ...address, quorumPort: this.#port }))
      return { ...master, addresses }
    }
  }
}
