import type { Disk } from '@vivarium/env'
import { POWER_CUTS, type PowerCut } from '@vivarium/env/memory'
import { createServerConfig, type RunningServer, type ServerConfig, startServer } from '@vivarium/server'
import type { SeededRandom } from '../random.ts'
import { SimClock, WallClock } from './clock.ts'
import { SimDisk } from './disk.ts'
import { SimLog } from './log.ts'
import type { SimNetwork } from './network.ts'
import type { SimProcess } from './process.ts'
import { InlineSnapshotRunner, type SnapshotRunner } from './server-internals.ts'
import type { World } from './world.ts'

export const SERVER_ADDRESS = '10.0.0.1'
export const CLIENT_PORT = 2181
export const DATA_DIRECTORY = '/data/version-2'

/** How a server process ends against its will: killed alone, or with its machine's power. */
export type CrashKind = 'kill' | PowerCut

export const CRASH_KINDS: readonly CrashKind[] = ['kill', ...POWER_CUTS.filter((cut) => cut !== 'kept')]

/** Replaces or patches parts of a server, to see that it would be noticed. See `mutants/`. */
export interface ServerMutation {
  readonly disk?: (disk: Disk, process: SimProcess) => Disk
  readonly snapshots?: (runner: SnapshotRunner) => SnapshotRunner
  readonly started?: (running: RunningServer, clock: SimClock) => void
}

/** Something that happened to the server, for the story and for what checkers may expect. */
export interface Incident {
  readonly ms: number
  readonly kind: 'starting' | 'serving' | 'refused' | 'crashed' | 'stopped' | 'session ended' | 'error logged'
  readonly text: string
  readonly sessionId?: bigint
}

/** The machine that runs the server: starts it, ends it in all ways, starts it again. */
export class ServerHost {
  readonly world: World
  readonly disk: SimDisk
  readonly wall: WallClock
  readonly incidents: Incident[] = []
  readonly config: ServerConfig
  /** What `supervise` does with a server that does not start: true lets it be. */
  acceptsRefusal: (message: string) => boolean = () => false
  /** Whether it is started again when it has stopped by itself, and after how long. */
  restartMs: () => number
  process: SimProcess | null = null
  running: RunningServer | null = null
  /** Set when it did not start and that was accepted. */
  refusal: string | null = null
  /** Digest mismatches of server processes that have ended. */
  digestMismatches = 0
  readonly #network: SimNetwork
  readonly #random: SeededRandom
  readonly #mutation: ServerMutation

  constructor(world: World, network: SimNetwork, mutation: ServerMutation = {}) {
    this.world = world
    this.#network = network
    this.#mutation = mutation
    this.#random = world.random.fork('server')
    this.wall = new WallClock(Date.UTC(2026, 0, 1) + this.#random.int(0, 1_000_000_000))
    this.disk = new SimDisk(world, this.wall)
    this.config = randomConfig(this.#random)
    this.restartMs = () => this.#random.between(10, 4000)
  }

  get serving(): boolean {
    return this.running !== null
  }

  start(): void {
    if (this.process !== null) throw new Error('the server is running')
    const { world } = this
    const process = world.process('the server')
    this.process = process
    this.#network.powerOn(SERVER_ADDRESS)
    this.#happened('starting', 'the server starts')
    const clock = new SimClock(process, this.wall)
    const plain = this.disk.of(process)
    const disk = this.#mutation.disk?.(plain, process) ?? plain
    const env = {
      clock,
      network: this.#network.of(process, SERVER_ADDRESS),
      disk,
      random: this.#random.fork('server process'),
      log: new SimLog((level, text) => {
        if (!process.alive) return
        world.trace.add('log', `${level} ${text}`)
        if (level === 'error' || level === 'fatal') this.#happened('error logged', text, undefined, true)
      }),
      snapshots: this.#snapshots(disk, clock),
    }
    startServer({ config: this.config, env }).then(
      (running) => process.run(() => this.#started(process, running, clock)),
      (error: unknown) => process.run(() => this.#refused(process, error)),
    )
  }

  /** The process ends at this very moment, whatever it is doing. */
  crash(kind: CrashKind): void {
    const { process } = this
    if (process === null) return
    this.#happened('crashed', kind === 'kill' ? 'the server is killed' : `the power fails (${kind})`)
    this.#end(process, kind !== 'kill')
    if (kind !== 'kill') this.disk.cutPower(kind)
  }

  /** Ends it as an administrator would. */
  stop(): void {
    const { process, running } = this
    if (process === null || running === null) return
    running.close().then(() => process.run(() => this.#exited(process, 'the server has been stopped')))
  }

  #snapshots(disk: Disk, clock: SimClock): SnapshotRunner {
    const inline = new InlineSnapshotRunner(disk, clock)
    const pieceBytes = this.#random.int(256, 2048)
    // In small pieces, so that many writes come in between.
    const sliced: SnapshotRunner = {
      run: (job, source) => inline.run({ ...job, pieceBytes }, source),
      close: () => inline.close(),
    }
    return this.#mutation.snapshots?.(sliced) ?? sliced
  }

  #started(process: SimProcess, running: RunningServer, clock: SimClock): void {
    this.running = running
    this.#happened('serving', 'the server serves')
    const pipeline = running.server.pipeline
    if (pipeline === null) throw new Error('the server serves')
    const ended = pipeline.onSessionEnded
    pipeline.onSessionEnded = (session) => {
      this.#happened('session ended', `session 0x${session.id.toString(16)} ends`, session.id, true)
      ended?.(session)
    }
    this.#mutation.started?.(running, clock)
    running.failed.then((error) => process.run(() => this.#exited(process, `the server stops: ${error.code}`)))
  }

  #refused(process: SimProcess, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#happened('refused', `the server does not start: ${message}`)
    this.#end(process, false)
    if (this.acceptsRefusal(message)) this.refusal = message
    else this.#restart()
  }

  #exited(process: SimProcess, text: string): void {
    if (this.process !== process) return
    this.#happened('stopped', text)
    this.#end(process, false)
    this.#restart()
  }

  #restart(): void {
    this.world.queue.after(this.restartMs(), () => {
      if (this.process === null && this.refusal === null) this.start()
    })
  }

  #end(process: SimProcess, power: boolean): void {
    if (this.running !== null) {
      this.digestMismatches += this.running.server.database.digestMismatches
    }
    this.running = null
    this.process = null
    process.end()
    this.#network.processEnded(process, SERVER_ADDRESS, power)
  }

  #happened(kind: Incident['kind'], text: string, sessionId?: bigint, quiet = false): void {
    this.incidents.push({ ms: this.world.nowMs, kind, text, ...(sessionId === undefined ? {} : { sessionId }) })
    this.world.trace.add(quiet ? 'log' : 'server', text)
  }
}

/** Small limits, so that what is rare in production happens many times a minute. */
function randomConfig(random: SeededRandom): ServerConfig {
  return createServerConfig({
    dataDir: '/data',
    clientPort: CLIENT_PORT,
    tickTimeMs: random.pick([200, 500, 1000, 2000]),
    maxClientCnxns: 0,
    snapCount: random.pick([10, 30, 100, 400]),
    preAllocSizeBytes: random.weighted([
      [1, 0],
      [4, 65_536],
      [1, 3 << 20],
    ]),
    txnLogSizeLimitBytes: random.pick([-1, -1, 4096, 20_000]),
    flushDelayMs: random.pick([0, 0, 0, 2]),
    globalOutstandingLimit: random.pick([2, 20, 1000]),
    snapshotCompression: random.pick(['', '', 'snappy'] as const),
    containerCheckIntervalMs: 2000,
    closeSessionTxnEnabled: random.chance(0.8),
    serializeLastProcessedZxid: random.chance(0.8),
    digestEnabled: random.chance(0.9),
  })
}
