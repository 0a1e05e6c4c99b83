import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Contender } from './contender.ts'
import { MeasuredServer } from './measured-server.ts'
import type { Options } from './options.ts'
import { Results } from './results.ts'
import { runLoad } from './run-load.ts'
import { FILL, type Scenario, ZNODES } from './scenarios.ts'

/** Where the load generator puts its znodes. */
const LOAD_ROOT = '/bench'
/** After a fill: time for a snapshot that may be under way, and for memory no longer needed to be given back. */
const SETTLING_MS = 5000
const MEBIBYTE = 1024 * 1024
/** From here on the load generator may have been what limited the load. */
const BUSY_GENERATOR = 0.9

/** Measures both contenders in turns. */
export class Comparison {
  readonly results = new Results()
  /** What the reader of the results should know. */
  readonly notes = new Set<string>()
  readonly #contenders: readonly [Contender, Contender]
  readonly #options: Options
  readonly #directory: string
  #servers = 0

  constructor(contenders: readonly [Contender, Contender], options: Options) {
    this.#contenders = contenders
    this.#options = options
    this.#directory = mkdtempSync(join(tmpdir(), 'vivarium-bench-'))
    // However the comparison ends; the servers are killed before that.
    process.once('exit', () => rmSync(this.#directory, { recursive: true, force: true }))
  }

  async run(): Promise<void> {
    const { parts } = this.#options
    if (parts.has('start')) await this.#inTurns((contender) => this.#start(contender))
    if (parts.has('loads')) await this.#loads()
    if (parts.has('memory')) await this.#inTurns((contender) => this.#memory(contender))
  }

  /** Every round begins with the other one. */
  async #inTurns(measure: (contender: Contender) => Promise<void>): Promise<void> {
    const [first, second] = this.#contenders
    for (let round = 0; round < this.#options.rounds; round++) {
      for (const contender of round % 2 === 0 ? [first, second] : [second, first]) await measure(contender)
    }
  }

  async #start(contender: Contender): Promise<void> {
    const server = await this.#server(contender)
    this.#add(contender, 'empty server, start to first write', 's', 'less', await server.start())
    this.#add(contender, 'empty server, RSS', 'MiB', 'less', server.residentBytes() / MEBIBYTE)
    await server.end('SIGTERM')
  }

  async #loads(): Promise<void> {
    const servers = new Map<Contender, MeasuredServer>()
    for (const contender of this.#contenders) {
      const server = await this.#server(contender)
      await server.start()
      servers.set(contender, server)
    }
    for (const scenario of this.#options.scenarios) {
      await this.#inTurns((contender) => this.#load(contender, servers.get(contender)!, scenario))
    }
    for (const [contender, server] of servers) {
      this.#add(contender, 'after all loads, RSS', 'MiB', 'less', server.residentBytes() / MEBIBYTE)
      await server.end('SIGTERM')
    }
  }

  async #load(contender: Contender, server: MeasuredServer, scenario: Scenario): Promise<void> {
    const name = `${scenario.load} c=${scenario.connections} d=${scenario.depth}`
    const result = await runLoad(server, scenario, this.#options.seconds, ZNODES)
    this.#add(contender, name, 'ops/s', 'more', result.operationsPerSecond)
    this.#add(contender, name, 'p99 ms', 'less', result.p99Ms)
    this.#add(contender, name, 'ops per server CPU s', 'more', result.operationsPerCpuSecond)
    this.#noteBusyGenerator(contender, name, result.generatorCpuShare)
  }

  async #memory(contender: Contender): Promise<void> {
    const { znodes, seconds } = this.#options
    const server = await this.#server(contender)
    await server.start()
    const name = `fill with ${znodes} znodes`
    const result = await runLoad(server, FILL, seconds, znodes)
    this.#add(contender, name, 'ops/s', 'more', result.operationsPerSecond)
    this.#add(contender, name, 'p999 ms', 'less', result.p999Ms)
    this.#add(contender, name, 'ops per server CPU s', 'more', result.operationsPerCpuSecond)
    this.#noteBusyGenerator(contender, name, result.generatorCpuShare)
    await delay(SETTLING_MS)
    this.#add(contender, `${name}, RSS after`, 'MiB', 'less', server.residentBytes() / MEBIBYTE)
    await server.end('SIGKILL')
    this.#add(contender, `${name}, kill -9 and start to first write`, 's', 'less', await server.start())
    this.#add(contender, `${name}, RSS after that start`, 'MiB', 'less', server.residentBytes() / MEBIBYTE)
    const found = await server.countChildren(LOAD_ROOT)
    if (found !== znodes)
      throw new Error(`${contender.name} has ${found} of ${znodes} acknowledged znodes after kill -9`)
    await server.end('SIGTERM')
  }

  async #server(contender: Contender): Promise<MeasuredServer> {
    this.#servers++
    return await MeasuredServer.create(contender, join(this.#directory, String(this.#servers)))
  }

  #add(contender: Contender, name: string, unit: string, better: 'more' | 'less', value: number): void {
    this.results.add(contender.side, name, unit, better, value)
    console.error(`${contender.side.padEnd(6)}  ${name}: ${Number(value.toPrecision(4))} ${unit}`)
  }

  #noteBusyGenerator(contender: Contender, name: string, share: number): void {
    if (share < BUSY_GENERATOR) return
    this.notes.add(
      `${name}, ${contender.side}: the load generator was busy itself; look at the operations per CPU second.`,
    )
  }
}
