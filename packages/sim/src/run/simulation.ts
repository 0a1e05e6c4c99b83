import type { SeededRandom } from '../random.ts'
import { Actor } from '../workloads/actor.ts'
import { SimClient } from '../workloads/client.ts'
import { Recorder } from '../workloads/history.ts'
import { WORKLOADS } from '../workloads/index.ts'
import { SimNetwork } from '../world/network.ts'
import { type CrashKind, ServerHost, type ServerMutation } from '../world/server-host.ts'
import { World } from '../world/world.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly keepTrace?: boolean
  readonly mutation?: ServerMutation
}

/** A server, its clients and the world between them, put together from one seed. */
export class Simulation {
  readonly world: World
  readonly random: SeededRandom
  readonly network: SimNetwork
  readonly host: ServerHost
  readonly recorder = new Recorder()
  readonly actors: Actor[]
  /** Faults happen, and the workload runs, until this moment. */
  readonly activeMs: number
  /** Bits that have been changed behind the server's back. */
  readonly rotten: { readonly path: string; readonly position: number; readonly mask: number }[] = []
  #healed = false
  /** What undoes faults that are still there when that moment has come. */
  readonly #remedies = new Set<() => void>()

  constructor({ seed, keepTrace = false, mutation }: SimulationOptions) {
    this.world = new World(seed, { keepTrace })
    this.random = this.world.random.fork('simulation')
    this.network = new SimNetwork(this.world)
    this.host = new ServerHost(this.world, this.network, mutation)
    this.activeMs = this.random.between(4000, 16_000)
    const count = this.random.int(2, 6)
    this.actors = Array.from({ length: count }, (_, index) => this.#actor(index))
  }

  get addresses(): string[] {
    return this.actors.map(({ client }) => client.options.address)
  }

  start(): void {
    this.host.start()
    for (const actor of this.actors) this.world.queue.after(this.random.between(0, 300), () => actor.start())
  }

  /** Some moment at which faults may happen. */
  someMs(): number {
    return this.world.nowMs + this.random.between(300, this.activeMs)
  }

  /** A fault that lasts: `begin` now, and what it returns after `ms`, or when all faults end. */
  lasting(text: string, ms: number, begin: () => () => void): void {
    this.world.trace.add('fault', text)
    const end = begin()
    const remedy = (): void => {
      if (!this.#remedies.delete(remedy)) return
      end()
      this.world.trace.add('fault', `over: ${text}`)
    }
    this.#remedies.add(remedy)
    this.world.queue.after(ms, remedy)
  }

  /** As {@link lasting}, for one that makes the server slow or mute as a whole. */
  disturbing(text: string, ms: number, begin: () => () => void): void {
    const { recorder, world, host } = this
    this.lasting(text, ms, () => {
      const disturbance = recorder.disturbance(text, world.nowMs)
      const end = begin()
      return () => {
        end()
        // What was begun meanwhile takes as long as it takes.
        disturbance.toMs = Math.max(world.nowMs, host.disk.busyUntilMs)
      }
    })
  }

  /** Ends the server process at this moment, and starts it again some time later. */
  crash(kind: CrashKind, downMs = this.random.between(5, 3000)): void {
    if (this.host.process === null || this.#healed) return
    this.host.crash(kind)
    this.world.queue.after(downMs, () => this.startServer())
  }

  startServer(): void {
    if (this.host.process === null && this.host.refusal === null) this.host.start()
  }

  /** No fault is left. */
  heal(): void {
    this.#healed = true
    this.host.disk.rules.clear()
    this.host.disk.watchers.clear()
    for (const remedy of [...this.#remedies]) remedy()
    this.startServer()
  }

  /** Changes rotten bits back, where they still are, so that one can see what should have been there. */
  restoreRotten(): void {
    for (const { path, position, mask } of this.rotten) {
      try {
        this.host.disk.memory.corrupt(path, position, mask)
      } catch {
        // The file is not there any more.
      }
    }
  }

  #actor(index: number): Actor {
    const random = this.random.fork(`client ${index}`)
    const name = `client ${String.fromCharCode(65 + index)}`
    const address = `10.0.1.${index + 1}`
    const process = this.world.process(name)
    const client = new SimClient({
      name,
      address,
      process,
      network: this.network.of(process, address),
      recorder: this.recorder,
      random,
      timeoutMs: this.host.config.tickTimeMs * random.int(2, 8),
      credentials: random.chance(0.4) ? `user${index % 2}:secret` : null,
    })
    const workload = index === 0 ? WORKLOADS[0] : random.pick(WORKLOADS)
    return new Actor(client, workload as (typeof WORKLOADS)[0], random)
  }
}
