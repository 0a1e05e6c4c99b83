import type { SimProcess } from '../world/process.ts'
import { ORACLE_DIRECTORY, ORACLE_FILE } from '../world/random-config.ts'
import type { ServerHost } from '../world/server-host.ts'
import type { Simulation } from './simulation.ts'

/**
 * Stands beside two voters and says which of them may go on without the other (`oraclePath`). It does what an oracle has to
 * do for nothing to be lost: it is never for both, not for one that lacks what the other may have committed, and not for one
 * while the other, which it has been for, lives and may be about to use that.
 */
export class Arbiter {
  readonly #simulation: Simulation
  readonly #voters: readonly ServerHost[]
  readonly #random
  /** Processes that have been let go on alone, at any time. */
  readonly #trusted = new Set<SimProcess>()
  #favourite: ServerHost | null = null

  constructor(simulation: Simulation) {
    this.#simulation = simulation
    this.#voters = simulation.hosts.slice(0, simulation.size.voters)
    this.#random = simulation.random.fork('arbiter')
  }

  start(): void {
    for (const host of this.#voters) {
      this.#write(host, '0')
      // Who comes back may have lost what was not synced.
      host.ended = () => {
        if (this.#favourite === host) this.#take()
      }
    }
    this.#look()
  }

  #look(): void {
    this.#decide()
    this.#simulation.world.queue.after(this.#random.between(50, 1000), () => this.#look())
  }

  #decide(): void {
    if (this.#favourite !== null) {
      // As long as both serve nobody needs it.
      if (this.#voters.every(({ serving }) => serving) && this.#random.chance(0.3)) this.#take()
      return
    }
    if (this.#random.chance(0.3)) return
    const host = this.#random.shuffled([...this.#voters]).find((one) => this.#mayGoOn(one))
    if (host === undefined) return
    this.#favourite = host
    this.#trusted.add(host.process as SimProcess)
    this.#write(host, '1')
    this.#tell(`is for ${host.name}`)
  }

  #mayGoOn(host: ServerHost): boolean {
    const { archive, zab } = this.#simulation
    if (host.running === null) return false
    const others = this.#voters.filter((other) => other !== host)
    if (others.some(({ process }) => process !== null && this.#trusted.has(process))) return false
    const epoch = host.epochOnDisk('acceptedEpoch')
    const last = Math.max(
      archive.read(host.disk.memory).at(-1)?.zxid ?? 0,
      host.running.server.database.tree.lastProcessedZxid,
    )
    // What anybody has applied, or had when it began to lead, is committed.
    const committed = Math.max(0, ...zab.map(({ kind, zxid }) => (kind === 'leads' || kind === 'delivers' ? zxid : 0)))
    return last >= committed && others.every((other) => other.epochOnDisk('acceptedEpoch') <= epoch)
  }

  #take(): void {
    if (this.#favourite === null) return
    this.#write(this.#favourite, '0')
    this.#tell(`is not for ${this.#favourite.name} any more`)
    this.#favourite = null
  }

  #write(host: ServerHost, word: string): void {
    host.disk.provide(ORACLE_DIRECTORY, ORACLE_FILE, word)
  }

  #tell(text: string): void {
    this.#simulation.world.trace.add('fault', `the oracle ${text}`)
  }
}
