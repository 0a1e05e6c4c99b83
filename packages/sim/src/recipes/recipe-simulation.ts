import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { KeeperError, ZooKeeper } from '@vivarium/client'
import { silentLog } from '@vivarium/env'
import { createServerConfig } from '@vivarium/server'
import type { SeededRandom } from '../random.ts'
import { SimClock, WallClock } from '../world/clock.ts'
import { LastingFaults } from '../world/lasting-faults.ts'
import { LogArchive } from '../world/log-archive.ts'
import { SimNetwork } from '../world/network.ts'
import { CLIENT_PORT, randomConfigs, randomMajority, STANDALONE } from '../world/random-config.ts'
import { type CrashKind, ServerHost } from '../world/server-host.ts'
import { World } from '../world/world.ts'
import { Participant, type Phase } from './participant.ts'
import { Recorder } from './recorder.ts'
import { RECIPE_WORKLOADS, type Workload } from './workloads/index.ts'

export interface RecipeSimulationOptions {
  readonly seed: number
  readonly keepTrace?: boolean
  /** What is done, by name; by default the seed decides. */
  readonly workloads?: readonly string[] | undefined
  /** Whether nobody gives up waiting; by default the seed decides. */
  readonly isPatient?: boolean | undefined
}

/** How long everything may take to be well again, beyond what sessions and pauses take. */
const RECOVERY_MS = 120_000
/** An election, and what comes after it. */
const SETTLING_MS = 15_000
const SHORTEST_RUN_MS = 6000
const LONGEST_RUN_MS = 25_000
/** Several are to end in a run. */
const LONGEST_SESSION_MS = 4000

/** When the auditor comes, by its own clock: all that was to be due has been for long. */
const AUDIT_MS = Date.UTC(2040, 0, 1)

/** Servers, participants that use recipes on real clients, and the world between them, put together from one seed. */
export class RecipeSimulation {
  readonly world: World
  readonly random: SeededRandom
  readonly network: SimNetwork
  readonly hosts: readonly ServerHost[]
  readonly recorder: Recorder
  readonly workloads: readonly Workload[]
  readonly participants: readonly Participant[]
  /** Faults happen until this moment. */
  readonly activeMs: number
  readonly #sessionTimeoutMs: number
  readonly #crowd: number
  /** By how much the wall clocks of participants may differ. */
  readonly #apartMs: number
  readonly #faults: LastingFaults

  constructor({ seed, keepTrace = false, workloads, isPatient }: RecipeSimulationOptions) {
    this.world = new World(seed, { keepTrace })
    const { world } = this
    this.#faults = new LastingFaults(world)
    this.random = world.random.fork('recipes')
    const { random } = this
    this.network = new SimNetwork(world)
    const size = random.chance(0.5)
      ? { ...randomMajority(random.fork('size')), localSessions: false, upgrading: false }
      : STANDALONE
    const archive = new LogArchive()
    this.hosts = randomConfigs(random.fork('config'), size).map((each, at) => {
      // An observer whose follower has lost power answers for `syncLimit` ticks more: no lock can know.
      const config = createServerConfig({ ...each, extendedTypesEnabled: true, observerMasterPort: 0 })
      return new ServerHost({ world, network: this.network, sid: at + 1, config, archive, mutation: {}, zab: [] })
    })
    // TTLs go by them.
    for (const { wall } of this.hosts) wall.offsetMs = this.hosts[0]?.wall.offsetMs as number
    this.activeMs = random.between(SHORTEST_RUN_MS, LONGEST_RUN_MS)
    const tickMs = this.hosts[0]?.config.tickTimeMs as number
    this.#sessionTimeoutMs = Math.min(tickMs * random.int(2, 8), LONGEST_SESSION_MS)
    this.recorder = new Recorder(
      () => world.nowMs,
      (text) => world.trace.add('client', text),
    )
    const patience = random.chance(0.4)
    this.recorder.isPatient = isPatient ?? patience
    const few = random.int(1, 4)
    const drawn = new Set(Array.from({ length: few }, () => random.pick(RECIPE_WORKLOADS)))
    this.workloads =
      workloads === undefined ? [...drawn] : RECIPE_WORKLOADS.filter(({ name }) => workloads.includes(name))
    this.#crowd = random.int(2, 5)
    this.#apartMs = random.pick([10, 1_000_000])
    this.participants = Array.from({ length: this.#crowd }, (_, at) => this.#participant(at))
  }

  get addresses(): string[] {
    return this.participants.map(({ options }) => options.address)
  }

  /** Some moment at which faults may happen. */
  someMs(): number {
    return this.world.nowMs + this.random.between(300, this.activeMs)
  }

  /** A fault that lasts: `begin` now, and what it returns after `ms`, or when all faults end. */
  lasting(text: string, ms: number, begin: () => () => void): void {
    this.#faults.begin(text, ms, begin)
  }

  /** Ends a server at this moment, and starts it again some time later. */
  crash(host: ServerHost, kind: CrashKind): void {
    if (host.process === null || this.#faults.over) return
    host.crash(kind)
    this.world.queue.after(this.random.between(5, 3000), () => host.process ?? host.start())
  }

  /** Ends a participant at this moment, and starts it again some time later. */
  kill(participant: Participant): void {
    if (this.#faults.over) return
    participant.kill()
    this.world.queue.after(this.random.between(5, 3000), () => participant.start())
  }

  /** Runs it all: faults and turns; then last turns without faults; then what is there at the end. */
  async run(): Promise<void> {
    const { world, participants, recorder } = this
    const heard = (message: unknown): void => {
      const { client, type, path } = message as { client: string; type: string; path: string }
      recorder.heard(client, type, path)
    }
    subscribe('vivarium:client:watch', heard)
    try {
      for (const host of this.hosts) host.start()
      for (const participant of participants) {
        world.queue.after(this.random.between(0, 300), () => participant.start())
      }
      await world.run(() => false, this.activeMs)
      this.#heal()
      await this.#until('idle')
      // So long that sessions of the dead are over, and containers that are empty have gone or not.
      await world.run(() => false, world.nowMs + 2 * this.#sessionTimeoutMs + SETTLING_MS)
      await this.#audit()
      for (const phase of ['copied', 'gone'] as const) {
        for (const participant of participants) participant.goOn()
        await this.#until(phase)
      }
      await this.#lookForLeftovers()
    } finally {
      unsubscribe('vivarium:client:watch', heard)
      recorder.crashes = world.crashes
      recorder.settle()
    }
  }

  #heal(): void {
    this.world.trace.add('fault', 'no fault is left')
    this.#faults.endAll()
    for (const host of this.hosts) if (host.process === null) host.start()
    for (const participant of this.participants) participant.finish()
  }

  async #until(phase: Phase): Promise<void> {
    const { world, participants, recorder } = this
    const missing = (): Participant[] => participants.filter((each) => each.phase !== phase)
    const untilMs = world.nowMs + RECOVERY_MS + 3 * this.#sessionTimeoutMs
    await world.run(() => missing().length === 0 || world.crashes.length > 0, untilMs)
    for (const { who } of missing()) recorder.stalled.push(`${who} is not ${phase} at ${Math.round(world.nowMs)} ms`)
  }

  async #audit(): Promise<void> {
    const { recorder, participants, random, world } = this
    await this.#fresh(async (zk) => {
      const pause = (ms: number): Promise<void> => new Promise((resolve) => world.queue.after(ms, resolve))
      const nowMs = (): number => world.nowMs
      const context = { zk, who: 'auditor', recorder, pause, nowMs, isPatient: true, crowd: this.#crowd, random }
      const present = participants.map(({ who }) => who)
      for (const workload of this.workloads) await workload.audit?.(context, present)
    })
  }

  async #lookForLeftovers(): Promise<void> {
    await this.#fresh(async (zk) => {
      for (const path of this.workloads.flatMap(({ emptied }) => emptied)) {
        await zk.sync(path)
        const names = await zk.getChildren(path).catch((error) => {
          if (KeeperError.is(error, 'NONODE')) return []
          throw error
        })
        this.recorder.leftovers.set(path, names)
      }
    })
  }

  /** Does something with a client of its own, in the simulated world. */
  async #fresh(work: (zk: ZooKeeper) => Promise<void>): Promise<void> {
    const { world, network, random } = this
    const process = world.process('auditor')
    const address = '10.0.2.1'
    const zk = new ZooKeeper(this.#servers, {
      sessionTimeoutMs: this.#sessionTimeoutMs,
      name: 'auditor',
      env: {
        clock: new SimClock(process, new WallClock(AUDIT_MS)),
        network: network.of(process, address),
        random: random.fork('auditor'),
        resolver: { resolve: (host) => Promise.resolve([host]) },
        log: silentLog,
      },
    })
    let isOver = false
    const done = work(zk)
      .then(() => zk.close())
      .catch((error: unknown) => world.crashed('the auditor threw', error))
      .finally(() => {
        isOver = true
      })
    if (!(await world.run(() => isOver, world.nowMs + RECOVERY_MS)))
      this.recorder.stalled.push('the auditor is not served')
    else await done
  }

  get #servers(): string {
    return this.hosts.map(({ address }) => `${address}:${CLIENT_PORT}`).join(',')
  }

  #participant(at: number): Participant {
    const { world, network, recorder, workloads } = this
    return new Participant({
      world,
      network,
      recorder,
      workloads,
      name: String.fromCharCode(65 + at),
      address: `10.0.1.${at + 1}`,
      servers: this.#servers,
      sessionTimeoutMs: this.#sessionTimeoutMs,
      random: this.random.fork(`participant ${at}`),
      isPatient: recorder.isPatient,
      crowd: this.#crowd,
      apartMs: this.#apartMs,
    })
  }
}
