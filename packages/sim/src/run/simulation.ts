import type { SeededRandom } from '../random.ts'
import { Actor } from '../workloads/actor.ts'
import { SimClient } from '../workloads/client.ts'
import { Recorder } from '../workloads/history.ts'
import { WORKLOADS } from '../workloads/index.ts'
import { Onlooker } from '../workloads/onlooker.ts'
import { reconfiguring } from '../workloads/reconfiguring.ts'
import { LastingFaults } from '../world/lasting-faults.ts'
import { LogArchive } from '../world/log-archive.ts'
import { SimNetwork } from '../world/network.ts'
import {
  ADMINISTRATOR,
  networksOf,
  randomConfigs,
  randomEnsemble,
  type Size,
  STANDALONE,
} from '../world/random-config.ts'
import { type CrashKind, ServerHost, type ServerMutation } from '../world/server-host.ts'
import { World } from '../world/world.ts'
import type { ZabEvent } from '../world/zab-trace.ts'
import { Arbiter } from './arbiter.ts'

export interface SimulationOptions {
  readonly seed: number
  readonly keepTrace?: boolean
  readonly mutation?: ServerMutation
  /** Whether it is an ensemble; by default the seed decides. */
  readonly ensemble?: boolean
  /** What of the ensemble is not left to the seed. */
  readonly size?: Partial<Size>
}

/** Servers, their clients and the world between them, put together from one seed. */
export class Simulation {
  readonly world: World
  readonly random: SeededRandom
  readonly network: SimNetwork
  readonly archive = new LogArchive()
  readonly size: Size
  /** By their ids, which begin with 1. */
  readonly hosts: readonly ServerHost[]
  readonly recorder = new Recorder()
  /** What the members of an ensemble did as such. */
  readonly zab: ZabEvent[] = []
  readonly actors: Actor[]
  /** Faults happen, and the workload runs, until this moment. */
  readonly activeMs: number
  /** Bits that have been changed behind a server's back. */
  readonly rotten: { readonly host: ServerHost; readonly path: string; position: number; readonly mask: number }[] = []
  /** Servers that have lost something for good and not been made good by the others yet. */
  readonly forgetful = new Set<ServerHost>()
  readonly #faults: LastingFaults

  constructor({ seed, keepTrace = false, mutation = {}, ensemble, size = {} }: SimulationOptions) {
    this.world = new World(seed, { keepTrace })
    this.#faults = new LastingFaults(this.world)
    this.random = this.world.random.fork('simulation')
    this.network = new SimNetwork(this.world)
    const { world, network, archive, random, zab } = this
    const draw = random.fork('size')
    this.size = (ensemble ?? draw.chance(0.5)) ? { ...randomEnsemble(draw), ...size } : STANDALONE
    const configs = randomConfigs(random.fork('config'), this.size)
    this.hosts = configs.map(
      (config, index) => new ServerHost({ world, network, sid: index + 1, config, archive, mutation, zab }),
    )
    this.activeMs = this.random.between(4000, 16_000)
    const count = this.random.int(2, 6)
    this.actors = Array.from({ length: count }, (_, index) => this.#actor(index))
    if (this.size.changes) this.actors.push(this.#administrator())
    if (this.size.readOnly) this.#onlooker().start()
    for (const { sid } of this.size.networks > 1 ? this.hosts : []) {
      const [first, second] = networksOf(sid)
      network.addAddress(second, first)
    }
    if (this.size.oracle) new Arbiter(this).start()
  }

  get addresses(): string[] {
    return this.actors.map(({ client }) => client.options.address)
  }

  get isEnsemble(): boolean {
    return this.hosts.length > 1
  }

  get tickMs(): number {
    return this.hosts[0]?.config.tickTimeMs as number
  }

  /** Some server did not start, and that was accepted. */
  get refused(): boolean {
    return this.hosts.some(({ refusal }) => refusal !== null)
  }

  /** The server that something happens to: any, and often the one that leads now. */
  someHost(): ServerHost {
    const leaders = this.hosts.filter(({ leads }) => leads)
    return this.random.pick(leaders.length > 0 && this.random.chance(0.4) ? leaders : this.hosts)
  }

  start(): void {
    for (const host of this.hosts) {
      if (host.sid === 1) host.start()
      else this.world.queue.after(this.random.between(0, 200), () => this.startServer(host))
    }
    for (const actor of this.actors) this.world.queue.after(this.random.between(0, 300), () => actor.start())
  }

  /** Some moment at which faults may happen. */
  someMs(): number {
    return this.world.nowMs + this.random.between(300, this.activeMs)
  }

  /** A fault that lasts: `begin` now, and what it returns after `ms`, or when all faults end. */
  lasting(text: string, ms: number, begin: () => () => void): void {
    this.#faults.begin(text, ms, begin)
  }

  /** As {@link lasting}, for one that makes servers slow or mute as a whole. */
  disturbing(text: string, ms: number, begin: () => () => void): void {
    const { recorder, world, hosts } = this
    this.lasting(text, ms, () => {
      const disturbance = recorder.disturbance(text, world.nowMs)
      const end = begin()
      return () => {
        end()
        // What was begun meanwhile takes as long as it takes.
        disturbance.toMs = Math.max(world.nowMs, ...hosts.map(({ disk }) => disk.busyUntilMs))
      }
    })
  }

  /** Ends a server process at this moment, and starts it again some time later. */
  crash(host: ServerHost, kind: CrashKind, downMs = this.random.between(5, 3000)): void {
    if (host.process === null || this.#faults.over) return
    host.crash(kind)
    this.world.queue.after(downMs, () => this.startServer(host))
  }

  startServer(host: ServerHost): void {
    if (host.process === null && host.refusal === null) host.start()
  }

  /** No fault is left. */
  heal(): void {
    for (const { disk } of this.hosts) {
      disk.rules.clear()
      disk.watchers.clear()
    }
    this.#faults.endAll()
    for (const host of this.hosts) this.startServer(host)
  }

  /** Changes rotten bits back, where they still are, so that one can see what should have been there. */
  restoreRotten(): void {
    for (const { host, path, position, mask } of this.rotten) {
      try {
        host.disk.memory.corrupt(path, position, mask)
      } catch {
        // The file is not there any more.
      }
    }
  }

  #actor(index: number): Actor {
    const random = this.random.fork(`client ${index}`)
    const name = `client ${String.fromCharCode(65 + index)}`
    const client = this.#client(name, index, random, () => (random.chance(0.4) ? `user${index % 2}:secret` : null))
    const workload = index === 0 ? WORKLOADS[0] : random.pick(WORKLOADS)
    return new Actor(client, workload as (typeof WORKLOADS)[0], random)
  }

  /** Somebody who changes the members. */
  #administrator(): Actor {
    const random = this.random.fork('administrator')
    const client = this.#client('administrator', this.actors.length, random, () => ADMINISTRATOR)
    return new Actor(client, reconfiguring(this.hosts.length), random)
  }

  #onlooker(): Onlooker {
    const { world, network, hosts, recorder, tickMs } = this
    const process = world.process('onlooker')
    const random = this.random.fork('onlooker')
    const servers = hosts.map(({ address }) => address)
    return new Onlooker({
      process,
      network: network.of(process, '10.0.2.1'),
      servers,
      recorder,
      random,
      timeoutMs: 4 * tickMs,
    })
  }

  #client(name: string, index: number, random: SeededRandom, credentials: () => string | null): SimClient {
    const address = `10.0.1.${index + 1}`
    const process = this.world.process(name)
    return new SimClient({
      name,
      address,
      process,
      network: this.network.of(process, address),
      servers: this.hosts.map((host) => host.address),
      recorder: this.recorder,
      random,
      timeoutMs: this.tickMs * random.int(2, 8),
      credentials: credentials(),
    })
  }
}
