import type { Network } from '@vivarium/env'
import { NodeNetwork } from '@vivarium/env/node'
import {
  Actor,
  addressOf,
  type ClientProcess,
  type HistoryRecorder,
  type SeededRandom,
  SimClient,
  WORKLOADS,
} from '@vivarium/sim'
import type { Lab } from './lab.ts'

const SESSION_MS = 4000

/** Milliseconds since 1970, in fractions, as clients in other processes can tell them, too. */
export const epochMs = (): number => performance.timeOrigin + performance.now()

/** This process, as the simulator's clients know theirs. */
class ThisProcess implements ClientProcess {
  readonly world = {
    get nowMs() {
      return epochMs()
    },
    trace: { add() {} },
  }
  readonly #crashes: string[]

  constructor(crashes: string[]) {
    this.#crashes = crashes
  }

  run(fire: () => void): void {
    try {
      fire()
    } catch (error) {
      this.#crashes.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
    }
  }

  after(ms: number, fire: () => void): void {
    setTimeout(() => this.run(fire), ms)
  }
}

/**
 * The simulator's clients and workloads, at real servers. They know these by the simulator's addresses, as the checkers do.
 *
 * @param crashes is told what nobody handles
 */
export function realActors(
  lab: Lab,
  count: number,
  recorder: HistoryRecorder,
  random: SeededRandom,
  crashes: string[],
): Actor[] {
  const process = new ThisProcess(crashes)
  const real = new NodeNetwork()
  const targets = new Map(lab.servers.map(({ sid, host, port }) => [addressOf(sid), { host, port }]))
  const network: Network = {
    listen: (options, accept) => real.listen(options, accept),
    connect: (options, handler) => real.connect({ ...options, ...targets.get(options.host) }, handler),
  }
  return Array.from({ length: count }, (_, index) => {
    const own = random.fork(`client ${index}`)
    const client = new SimClient({
      name: `client ${String.fromCharCode(65 + index)}`,
      address: 'here',
      process,
      network,
      servers: [...targets.keys()],
      recorder,
      random: own,
      timeoutMs: SESSION_MS,
      credentials: own.chance(0.4) ? `user${index % 2}:secret` : null,
    })
    return new Actor(client, WORKLOADS[index % WORKLOADS.length] as (typeof WORKLOADS)[0], own)
  })
}
