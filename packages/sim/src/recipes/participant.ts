import { type ClientEnv, ZooKeeper } from '@vivarium/client'
import type { SeededRandom } from '../random.ts'
import { SimClock, WallClock } from '../world/clock.ts'
import { SimLog } from '../world/log.ts'
import type { SimNetwork } from '../world/network.ts'
import type { SimProcess } from '../world/process.ts'
import type { World } from '../world/world.ts'
import type { Recorder } from './recorder.ts'
import type { Turns, Workload } from './workloads/workload.ts'

export interface ParticipantOptions {
  readonly world: World
  readonly network: SimNetwork
  readonly recorder: Recorder
  readonly name: string
  readonly address: string
  readonly servers: string
  readonly sessionTimeoutMs: number
  readonly random: SeededRandom
  readonly workloads: readonly Workload[]
  /** See `Context`. */
  readonly isPatient: boolean
  readonly crowd: number
  /** By how much its wall clock may be ahead of the one that is furthest behind. */
  readonly apartMs: number
}

/**
 * How far a participant is: `idle` has had a last turn at everything, `copied` has said what its copies have, and `gone`
 * has ended as it should.
 */
export type Phase = 'working' | 'idle' | 'copied' | 'gone'

/** A machine on which a program runs that uses recipes: as it would anywhere, on a client in a simulated world. */
export class Participant {
  readonly options: ParticipantOptions
  readonly name: string
  /** Null while it does not run. */
  process: SimProcess | null = null
  zk: ZooKeeper | null = null
  /** What its program is called now: another name for each start. */
  who = ''
  phase: Phase = 'working'
  #goOn = (): void => {}
  readonly #wall: WallClock
  #starts = 0
  #ending = false

  constructor(options: ParticipantOptions) {
    this.options = options
    this.name = options.name
    this.#wall = new WallClock(Date.UTC(2026, 0, 1) + options.random.int(0, options.apartMs))
  }

  start(): void {
    if (this.process !== null) return
    const { world, name, servers, sessionTimeoutMs } = this.options
    const process = world.process(name)
    this.process = process
    this.who = `${name}.${++this.#starts}`
    this.phase = 'working'
    world.trace.add('client', `${this.who} starts`)
    this.zk = new ZooKeeper(servers, {
      name: this.who,
      sessionTimeoutMs,
      requestTimeoutMs: 2 * sessionTimeoutMs,
      env: this.#env(process),
    })
    this.zk.onState(({ state, cause }) => world.trace.add('client', `${this.who}: ${state} ${cause?.message ?? ''}`))
    void this.#run(process, this.zk)
  }

  /** From now on each workload has one more turn, and ends. */
  finish(): void {
    this.#ending = true
    this.start()
  }

  /** Everyone has come as far: it goes on to the next phase. */
  goOn(): void {
    this.#goOn()
  }

  /** Ends its process at this moment; its session is left to expire. */
  kill(): void {
    const { process, options } = this
    if (process === null) return
    options.world.trace.add('fault', `${this.who} is killed`)
    options.recorder.killed(this.who)
    this.process = null
    this.zk = null
    process.end()
    options.network.processEnded(process, options.address, false)
  }

  pause(ms: number): void {
    const { process, options, who } = this
    if (process === null) return
    const fromMs = options.world.nowMs
    options.world.trace.add('fault', `${who} stands still for ${Math.round(ms)} ms`)
    options.recorder.pauses.push({ who, fromMs, toMs: fromMs + ms })
    process.pause(ms)
  }

  async #run(process: SimProcess, zk: ZooKeeper): Promise<void> {
    const { workloads, world } = this.options
    const { who } = this
    const reached = (phase: Phase): Promise<void> => {
      this.phase = phase
      world.trace.add('client', `${who} is ${phase}`)
      return new Promise((resolve) => {
        this.#goOn = resolve
      })
    }
    try {
      const turns = await Promise.all(workloads.map((workload) => this.#work(workload, process, zk)))
      await reached('idle')
      await Promise.all(turns.map((each, at) => this.#copy(each, (workloads[at] as Workload).name)))
      await reached('copied')
      await Promise.all(turns.map((each) => each.end()))
      await zk.close()
      void reached('gone')
    } catch (error) {
      world.crashed(`${who} threw`, error)
    }
  }

  async #work(workload: Workload, process: SimProcess, zk: ZooKeeper): Promise<Turns> {
    const { recorder, world, random, isPatient, crowd } = this.options
    const { who } = this
    const pause = (ms: number): Promise<void> => new Promise((resolve) => process.after(ms, resolve))
    const own = random.fork(`${who} ${workload.name}`)
    const context = { zk, who, recorder, pause, nowMs: () => world.nowMs, isPatient, crowd, random: own }
    const turns = await workload.begin(context)
    for (let isLast = false; !isLast; ) {
      await pause(own.between(0, 200))
      isLast = this.#ending
      await turns.turn(isLast)
    }
    return turns
  }

  async #copy(turns: Turns, of: string): Promise<void> {
    const had = await turns.copy?.()
    if (had !== undefined) this.options.recorder.copies.push({ of, who: this.who, had })
  }

  #env(process: SimProcess): ClientEnv {
    const { world, network, address, random } = this.options
    return {
      clock: new SimClock(process, this.#wall),
      network: network.of(process, address),
      random: random.fork(`client ${this.who}`),
      resolver: { resolve: (host) => Promise.resolve([host]) },
      log: new SimLog((level, text) => world.trace.add('log', `${this.who}: ${level} ${text}`)),
    }
  }
}
