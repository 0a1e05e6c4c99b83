import { type Pipeline, Processor } from '@vivarium/core'
import type { Clock, Disk } from '@vivarium/env'
import { POWER_CUTS, type PowerCut } from '@vivarium/env/memory'
import { epochOf, type Txn } from '@vivarium/protocol'
import { type RunningServer, type ServerConfig, startServer } from '@vivarium/server'
import type { SeededRandom } from '../random.ts'
import { SimClock, WallClock } from './clock.ts'
import { SimDisk } from './disk.ts'
import { SimLog } from './log.ts'
import type { LogArchive, LogCopy } from './log-archive.ts'
import { configFromFiles } from './member-files.ts'
import type { SimNetwork } from './network.ts'
import type { SimProcess } from './process.ts'
import { addressOf, DATA_DIRECTORY } from './random-config.ts'
import { InlineSnapshotRunner, type SnapshotRunner } from './server-internals.ts'
import type { World } from './world.ts'
import { signatureOf, watchBroadcasts, type ZabEvent } from './zab-trace.ts'

/** How a server process ends against its will: killed alone, or with its machine's power. */
export type CrashKind = 'kill' | PowerCut

export const CRASH_KINDS: readonly CrashKind[] = ['kill', ...POWER_CUTS.filter((cut) => cut !== 'kept')]

/** Replaces or patches parts of a server, to see that it would be noticed. See `mutants/`. */
export interface ServerMutation {
  readonly disk?: (disk: Disk, process: SimProcess, config: ServerConfig) => Disk
  readonly clock?: (clock: Clock) => Clock
  readonly snapshots?: (runner: SnapshotRunner) => SnapshotRunner
  readonly started?: (running: RunningServer, clock: Clock) => void
}

/** Something that happened to a server, for the story and for what checkers may expect. */
export interface Incident {
  readonly ms: number
  /** `serving`: it stands alone, or leads, and so decides about sessions; `following`: it serves and does not; `reading`: it is cut off; `idle`: no more. */
  readonly kind:
    | 'starting'
    | 'serving'
    | 'following'
    | 'reading'
    | 'idle'
    | 'refused'
    | 'crashed'
    | 'stopped'
    | 'session ended'
    | 'error logged'
  readonly server: number
  readonly text: string
  readonly sessionId?: bigint
  /** In which it leads or follows. */
  readonly epoch?: number
}

/** What a server's tree was after a transaction. */
export interface Applied {
  readonly server: number
  readonly zxid: number
  /** As text; empty if digests are off. */
  readonly digest: string
}

export interface ServerHostOptions {
  readonly world: World
  readonly network: SimNetwork
  /** From 1 on. */
  readonly sid: number
  readonly config: ServerConfig
  readonly archive: LogArchive
  readonly mutation: ServerMutation
  /** Is told what it does as a member of an ensemble. */
  readonly zab: ZabEvent[]
}

/** A machine that runs a server: starts it, ends it in all ways, starts it again. */
export class ServerHost {
  readonly world: World
  readonly sid: number
  readonly name: string
  readonly address: string
  readonly disk: SimDisk
  readonly wall: WallClock
  readonly incidents: Incident[] = []
  readonly applied: Applied[] = []
  /** What it is told when it starts next. */
  config: ServerConfig
  /** What `supervise` does with a server that does not start: true lets it be. */
  acceptsRefusal: (message: string) => boolean = () => false
  /** What an administrator does when it does not start, in place of starting it once more. */
  mend: (() => void) | null = null
  /** Called when its process has ended, in whatever way. */
  ended: (() => void) | null = null
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
  readonly #archive: LogArchive
  readonly #mutation: ServerMutation
  readonly #zab: ZabEvent[]

  constructor({ world, network, sid, config, archive, mutation, zab }: ServerHostOptions) {
    this.world = world
    this.sid = sid
    this.name = config.ensemble === null ? 'the server' : `server ${sid}`
    this.address = addressOf(sid)
    this.config = config
    this.#network = network
    this.#archive = archive
    this.#mutation = mutation
    this.#zab = zab
    this.#random = world.random.fork(this.name)
    this.wall = new WallClock(Date.UTC(2026, 0, 1) + this.#random.int(0, 1_000_000_000))
    this.disk = new SimDisk(world, this.wall, this.name)
    this.restartMs = () => this.#random.between(10, 4000)
    this.disk.beforeLoss = () => void this.copyLog(null)
  }

  /** Whether it takes requests, not only to read. */
  get serving(): boolean {
    const server = this.running?.server
    return server?.serving === true && server.mode !== 'read-only'
  }

  get leads(): boolean {
    return this.serving && this.running?.server.mode === 'leader'
  }

  /** Of its tree, as text; empty if digests are off. */
  get digest(): string {
    const tree = this.running?.server.database.tree
    return this.config.digestEnabled && tree !== undefined ? `${tree.digestHigh}:${tree.digestLow}` : ''
  }

  get allDigestMismatches(): number {
    return this.digestMismatches + (this.running?.server.database?.digestMismatches ?? 0)
  }

  start(): void {
    if (this.process !== null) throw new Error(`${this.name} is running`)
    const { world } = this
    const process = world.process(this.name)
    this.process = process
    this.#network.powerOn(this.address)
    this.#happened('starting', 'starts')
    const plainClock = new SimClock(process, this.wall)
    const clock = this.#mutation.clock?.(plainClock) ?? plainClock
    const plain = this.disk.of(process)
    const disk = this.#mutation.disk?.(plain, process, this.config) ?? plain
    const env = {
      clock,
      network: this.#network.of(process, this.address),
      disk,
      random: this.#random.fork('server process'),
      log: new SimLog((level, text) => {
        if (!process.alive) return
        world.trace.add('log', this.config.ensemble === null ? `${level} ${text}` : `${this.name}: ${level} ${text}`)
        if (level === 'error' || level === 'fatal') this.#noticed('error logged', text)
      }),
      snapshots: this.#snapshots(disk, clock),
    }
    if (this.config.ensemble !== null) this.disk.provide('/data', 'myid', `${this.sid}\n`)
    const config = this.config.reconfigEnabled ? configFromFiles(this.config, this.sid, this.disk) : this.config
    startServer({ config, env }).then(
      (running) => process.run(() => this.#started(process, running, clock)),
      (error: unknown) => process.run(() => this.#refused(process, error)),
    )
  }

  /** The process ends at this very moment, whatever it is doing. */
  crash(kind: CrashKind): void {
    const { process } = this
    if (process === null) {
      if (kind !== 'kill') this.disk.cutPower(kind)
      return
    }
    this.#happened('crashed', kind === 'kill' ? 'is killed' : `loses power (${kind})`)
    this.#end(process, kind !== 'kill')
    if (kind !== 'kill') this.disk.cutPower(kind)
  }

  /** Ends it as an administrator would. */
  stop(): void {
    const { process, running } = this
    if (process === null || running === null) return
    running.close().then(() => process.run(() => this.#exited(process, 'has been stopped')))
  }

  /** What a member of an ensemble has written down; 0 if nothing, or if a disk that lied has made nonsense of it. */
  epochOnDisk(name: 'acceptedEpoch' | 'currentEpoch'): number {
    const { memory } = this.disk
    if (!memory.names(DATA_DIRECTORY).includes(name)) return 0
    return Number(Buffer.from(memory.contents(`${DATA_DIRECTORY}/${name}`)).toString()) || 0
  }

  /** Keeps what is in its log now. @param epoch the one that it begins to lead */
  copyLog(epoch: number | null): LogCopy {
    return this.#archive.copy(this.sid, this.disk.memory, this.world.nowMs, epoch)
  }

  #snapshots(disk: Disk, clock: Clock): SnapshotRunner {
    const inline = new InlineSnapshotRunner(disk, clock)
    const pieceBytes = this.#random.int(256, 2048)
    // In small pieces, so that many writes come in between.
    const sliced: SnapshotRunner = {
      run: (job, source) => inline.run({ ...job, pieceBytes }, source),
      close: () => inline.close(),
    }
    return this.#mutation.snapshots?.(sliced) ?? sliced
  }

  #started(process: SimProcess, running: RunningServer, clock: Clock): void {
    this.running = running
    const { clients, pipeline } = running.server
    if (pipeline === null) {
      const { serve, stopServing } = {
        serve: clients.serve.bind(clients),
        stopServing: clients.stopServing.bind(clients),
      }
      clients.stopServing = (reason) => {
        this.#happened('idle', 'looks for a leader')
        stopServing(reason)
      }
      clients.serve = (role) => {
        serve(role)
        this.#serves(running, role)
      }
    } else this.#serves(running, pipeline)
    this.#mutation.started?.(running, clock)
    running.failed.then((error) => process.run(() => this.#exited(process, `stops: ${error.code}`)))
  }

  /** It takes requests from here on, in some role. */
  #serves({ server }: RunningServer, pipeline: Pipeline): void {
    const { ended, applied } = { ended: pipeline.onSessionEnded, applied: pipeline.onApplied }
    pipeline.onSessionEnded = (session) => {
      this.#noticed('session ended', `session 0x${session.id.toString(16)} ends`, session.id)
      ended?.(session)
    }
    pipeline.onApplied = (txn) => {
      this.applied.push({ server: this.sid, zxid: txn.zxid, digest: this.digest })
      if (this.config.ensemble !== null) this.#didZab('delivers', txn)
      applied?.(txn)
    }
    const { mode } = server
    if (mode === 'read-only') return this.#happened('reading', 'is cut off, and answers who only reads')
    const { lastProcessedZxid: zxid } = server.database.tree
    const ms = this.world.nowMs
    const accepted = this.epochOnDisk('acceptedEpoch')
    if (mode === 'standalone') this.#happened('serving', 'serves')
    else if (mode !== 'leader') {
      const epoch = this.epochOnDisk('currentEpoch')
      this.#happened('following', `${mode === 'follower' ? 'follows' : 'observes'} in epoch ${epoch}`, epoch)
      this.#zab.push({ kind: 'follows', ms, server: this.sid, epoch, zxid, accepted })
    } else {
      const epoch = epochOf(zxid)
      this.#happened('serving', `leads epoch ${epoch}`, epoch)
      const { txns, snapshots } = this.copyLog(epoch)
      const last = Math.max(txns.at(-1)?.zxid ?? 0, snapshots.at(-1) ?? 0)
      this.#zab.push({ kind: 'leads', ms, server: this.sid, epoch, zxid: last, accepted })
      if (pipeline instanceof Processor) watchBroadcasts(pipeline.preparer, (txn) => this.#didZab('broadcasts', txn))
    }
  }

  #didZab(kind: 'broadcasts' | 'delivers', txn: Txn): void {
    this.#zab.push({ kind, ms: this.world.nowMs, server: this.sid, zxid: txn.zxid, txn: signatureOf(txn) })
  }

  #refused(process: SimProcess, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    this.#happened('refused', `does not start: ${message}`)
    this.#end(process, false)
    if (this.acceptsRefusal(message)) this.refusal = message
    else if (this.mend !== null) this.mend()
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
      this.digestMismatches = this.allDigestMismatches
    }
    this.running = null
    this.process = null
    process.end()
    this.#network.processEnded(process, this.address, power)
    this.ended?.()
  }

  #happened(kind: Incident['kind'], what: string, epoch?: number): void {
    const text = `${this.name} ${what}`
    const incident = { ms: this.world.nowMs, kind, server: this.sid, text }
    this.incidents.push(epoch === undefined ? incident : { ...incident, epoch })
    this.world.trace.add('server', text)
  }

  /** What is told only to those who look closely. */
  #noticed(kind: Incident['kind'], text: string, sessionId?: bigint): void {
    const incident = { ms: this.world.nowMs, kind, server: this.sid, text }
    this.incidents.push(sessionId === undefined ? incident : { ...incident, sessionId })
    if (kind !== 'error logged') this.world.trace.add('log', `${this.name}: ${text}`)
  }
}
