import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { parseQuorumConfig, type QuorumConfig } from '@vivarium/core'
import type { Clock, Network, Timer } from '@vivarium/env'
import { MemoryDisk, MemoryNetwork } from '@vivarium/env/memory'
import { nodeRandom } from '@vivarium/env/node'
import { type ConfigValues, createServerConfig, type RunningServer, startServer } from '../../dist/index.js'
import { InlineSnapshotRunner } from '../../dist/storage/snapshot-runner.js'
import { RawConnection } from '../protocol/raw-connection.ts'
import { TestClient } from '../protocol/test-client.ts'
import { RecordedLog } from '../standalone/recorded-log.ts'

export const CLIENT_PORT = 2181
/** What is to happen within this time, by the ensemble's clock, or never. */
const PATIENCE_MS = 120_000

/** A clock that goes on to the next timer whenever there is nothing else to do. */
class EnsembleClock implements Clock {
  #nowMs = 1000
  readonly #timers = new Set<{ at: number; every: number; fire: () => void }>()

  wallMs(): number {
    return 1_700_000_000_000 + Math.floor(this.#nowMs)
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  after(ms: number, fire: () => void): Timer {
    return this.#add(ms, 0, fire)
  }

  every(ms: number, fire: () => void): Timer {
    return this.#add(ms, ms, fire)
  }

  soon(fire: () => void): void {
    this.#add(0, 0, fire)
  }

  /** Calls what is due next. */
  next(): void {
    let next: { at: number; every: number; fire: () => void } | null = null
    for (const timer of this.#timers) if (next === null || timer.at < next.at) next = timer
    if (next === null) return
    this.#nowMs = Math.max(this.#nowMs, next.at)
    if (next.every > 0) next.at += next.every
    else this.#timers.delete(next)
    next.fire()
  }

  #add(ms: number, every: number, fire: () => void): Timer {
    const timer = { at: this.#nowMs + ms, every, fire }
    this.#timers.add(timer)
    return { cancel: () => this.#timers.delete(timer) }
  }
}

/** Members of an ensemble in this process, on one clock, over a network and disks in memory. */
export class TestEnsemble {
  readonly clock = new EnsembleClock()
  readonly network = new MemoryNetwork()
  readonly disks = new Map<number, MemoryDisk>()
  readonly logs = new Map<number, RecordedLog>()
  readonly quorum: QuorumConfig
  readonly #running = new Map<number, RunningServer>()
  readonly #settings: ConfigValues

  /** The network as a member sees it. */
  networkOf: (sid: number) => Network = (sid) => this.network.host(`s${sid}`)

  /** @param groups lines of groups and weights @param addresses what stands in front of the role in a member's line */
  constructor(
    voters: number,
    settings: ConfigValues = {},
    observers = 0,
    groups = '',
    addresses = (sid: number): string => `s${sid}:2888:3888`,
  ) {
    const line = (sid: number): string => `server.${sid}=${addresses(sid)}:${sid > voters ? 'observer' : 'participant'}`
    const lines = Array.from({ length: voters + observers }, (_, i) => line(i + 1)).join('\n')
    const quorum = parseQuorumConfig(`${lines}\n${groups}`)
    assert.ok(typeof quorum !== 'string', String(quorum))
    this.quorum = quorum
    this.#settings = settings
  }

  get sids(): number[] {
    return [...this.quorum.members.keys()]
  }

  get running(): number[] {
    return [...this.#running.keys()]
  }

  server(sid: number): RunningServer['server'] {
    const running = this.#running.get(sid)
    assert.ok(running, `server ${sid} runs`)
    return running.server
  }

  log(sid: number): RecordedLog {
    return this.logs.get(sid) as RecordedLog
  }

  disk(sid: number): MemoryDisk {
    let disk = this.disks.get(sid)
    if (disk === undefined) {
      disk = new MemoryDisk()
      this.disks.set(sid, disk)
    }
    return disk
  }

  async start(...sids: number[]): Promise<void> {
    await this.run(Promise.all(sids.map((sid) => this.#start(sid))))
  }

  async #start(sid: number): Promise<void> {
    const disk = this.disk(sid)
    await disk.makeDirectory('/data')
    const file = await disk.open('/data/myid', 'create')
    await file.writeAt(Buffer.from(`${sid}\n`), 0)
    await file.sync()
    await file.close()
    for (const directory of ['/', '/data']) await disk.syncDirectory(directory)
    const log = new RecordedLog()
    this.logs.set(sid, log)
    const config = createServerConfig(await this.configOf(sid))
    const env = {
      clock: this.clock,
      network: this.networkOf(sid),
      disk,
      random: nodeRandom,
      log,
      snapshots: new InlineSnapshotRunner(disk, this.clock),
    }
    this.#running.set(sid, await startServer({ config, env }))
  }

  protected async configOf(_sid: number): Promise<ConfigValues> {
    return {
      dataDir: '/data',
      clientPort: CLIENT_PORT,
      tickTimeMs: 1000,
      initLimit: 5,
      syncLimit: 2,
      maxClientCnxns: 0,
      preAllocSizeBytes: 0,
      fourLetterWords: ['*'],
      ensemble: this.quorum,
      ...this.#settings,
    }
  }

  /** Ends a server as its machine would: what is not on its disk is lost. */
  crash(sid: number): void {
    const before = this.disk(sid)
    this.disks.set(sid, before.cutPower('scattered', nodeRandom))
    before.halt()
    this.network.end(`s${sid}`)
    const running = this.#running.get(sid)
    this.#running.delete(sid)
    // Its timers go on, in a world where nothing it does has an effect: neither its disk nor its network is there.
    for (const other of this.sids) this.network.cut(`s${sid}`, `s${other}`)
    void running?.close()
    for (const other of this.sids) this.network.join(`s${sid}`, `s${other}`)
  }

  async stop(sid: number): Promise<void> {
    const running = this.#running.get(sid)
    this.#running.delete(sid)
    await this.run(running?.close() ?? Promise.resolve())
  }

  /** Lets time pass until a promise is settled. */
  async run<T>(promise: Promise<T>): Promise<T> {
    let over = false
    const done = promise.finally(() => {
      over = true
    })
    done.catch(() => {})
    await this.until(() => over)
    return await done
  }

  /** Lets time pass until something is so. */
  async until(so: () => boolean): Promise<void> {
    const endMs = this.clock.monotonicMs() + PATIENCE_MS
    for (;;) {
      // All that comes of what has happened, but for timers.
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
      if (so()) return
      if (this.clock.monotonicMs() > endMs) assert.fail(`not within ${PATIENCE_MS} ms:\n${this.#story()}`)
      this.clock.next()
    }
  }

  /** Lets so much time pass, in milliseconds. */
  async pass(ms: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + ms
    this.clock.after(ms, () => {})
    await this.until(() => this.clock.monotonicMs() >= endMs)
  }

  /** Waits until all that run have a role. Returns who leads. */
  async settled(sids = this.running): Promise<number> {
    await this.until(() => {
      const modes = sids.map((sid) => this.server(sid))
      return modes.every(({ serving }) => serving) && modes.filter(({ mode }) => mode === 'leader').length === 1
    })
    return sids.find((sid) => this.server(sid).mode === 'leader') as number
  }

  /** A session on that server. */
  client(sid: number, request: Parameters<typeof TestClient.connect>[1] = {}, port = CLIENT_PORT): Promise<TestClient> {
    return this.run(TestClient.over(this.network.host('client'), { host: `s${sid}`, port }, request))
  }

  /** What a four-letter word is answered with. */
  async word(sid: number, word: string): Promise<string> {
    const address = { host: `s${sid}`, port: CLIENT_PORT }
    const connection = await this.run(RawConnection.over(this.network.host('client'), address))
    connection.send(Buffer.from(word))
    return (await this.run(connection.untilClosed())).rest
  }

  /** All members that run have the same tree and the same sessions, and none has found a digest to be wrong. */
  async assertEqual(): Promise<void> {
    const [first, ...others] = this.running
    const state = (sid: number): unknown => {
      const { tree, sessions, digestMismatches } = this.server(sid).database
      const ids = [...sessions.keys()].sort()
      return { high: tree.digestHigh, low: tree.digestLow, nodes: tree.nodeCount, ids, digestMismatches }
    }
    const last = Math.max(...this.running.map((sid) => this.server(sid).database.tree.lastProcessedZxid))
    const counterless = last % 2 ** 32 === 0
    await this.until(() =>
      this.running.every((sid) => counterless || this.server(sid).database.tree.lastProcessedZxid === last),
    )
    for (const sid of others) assert.deepEqual(state(sid), state(first as number), `server ${sid} and ${first}`)
  }

  #story(): string {
    return [...this.logs].map(([sid, { lines }]) => `--- ${sid}\n${lines.slice(-20).join('\n')}`).join('\n')
  }
}

/** An ensemble of which all members are started. */
export async function startEnsemble(
  t: TestContext,
  voters = 3,
  settings: ConfigValues = {},
  observers = 0,
): Promise<TestEnsemble> {
  const ensemble = new TestEnsemble(voters, settings, observers)
  t.after(async () => {
    for (const sid of ensemble.running) await ensemble.stop(sid)
  })
  await ensemble.start(...ensemble.sids)
  await ensemble.settled()
  return ensemble
}
