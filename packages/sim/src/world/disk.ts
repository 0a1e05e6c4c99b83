import type { Disk, Random } from '@vivarium/env'
import {
  type DiskFault,
  type DiskOperation,
  MemoryDisk,
  type MemoryDiskOptions,
  type PowerCut,
} from '@vivarium/env/memory'
import type { SeededRandom } from '../random.ts'
import type { WallClock } from './clock.ts'
import type { SimProcess } from './process.ts'
import { ProcessDisk } from './process-disk.ts'
import type { World } from './world.ts'

const LOSSES: ReadonlySet<string> = new Set(['remove', 'truncate'])

/** For a power cut with nothing left to chance. */
const NO_CHANCE: Random = { uint32: () => 0 }

/** Decides about one operation; null lets it be. */
export type DiskRule = (operation: DiskOperation) => DiskFault | null

/** Told of each operation as it starts and ends; what starts may be on the disk already, in whole or in part. */
export type DiskWatcher = (operation: DiskOperation, moment: 'started' | 'ended') => void

/**
 * The disk of a machine. It outlives processes: when one ends, what it wrote stays in the system's cache, durable or not,
 * and writes under way are completed. Only a power cut loses what no sync has covered.
 */
export class SimDisk {
  memory: MemoryDisk
  /** What every operation is asked. */
  readonly rules = new Set<DiskRule>()
  readonly watchers = new Set<DiskWatcher>()
  /** By how much everything takes longer. */
  slowness = 1
  /** Operations that have been started do not end before this moment. */
  stuckUntilMs = 0
  /** By how much the operation that has just been started takes longer. */
  holdMs = 0
  /** When all that has been started will have ended. */
  busyUntilMs = 0
  /** Called when something in the log is about to be lost. */
  beforeLoss: (() => void) | null = null
  #lies = false
  readonly #name: string
  readonly #world: World
  readonly #random: SeededRandom
  readonly #wall: WallClock

  /** @param name of the machine */
  constructor(world: World, wall: WallClock, name: string) {
    this.#name = name
    this.#world = world
    this.#random = world.random.fork('disk')
    this.#wall = wall
    this.memory = new MemoryDisk(this.#options())
  }

  /** Infinity unless somebody has filled it. */
  get capacityBytes(): number {
    return this.memory.capacityBytes
  }

  set capacityBytes(bytes: number) {
    this.memory.capacityBytes = bytes
  }

  /** The disk as a process uses it. */
  of(process: SimProcess): Disk {
    return new ProcessDisk(this.memory, process)
  }

  /** From here on it says of what is in its cache that it is durable. Until it stops, its battery saves it from power cuts. */
  startLying(): void {
    this.#lies = true
  }

  /** @param kept whether all that it has lied about comes to be durable; otherwise the next power cut shows the truth */
  stopLying(kept: boolean): void {
    if (this.#lies && kept) this.memory.settle()
    this.#lies = false
  }

  /** The power fails, and comes back: what had not been synced may be gone. */
  cutPower(power: PowerCut): void {
    const cut = this.#lies ? 'kept' : power
    this.replace(this.memory.cutPower(cut, this.#random, this.#options()))
  }

  /** A copy of all that is there now, for {@link replace}. */
  copy(): MemoryDisk {
    return this.memory.cutPower('kept', this.#random, this.#options())
  }

  /** What is there whatever happens: with all gone that a power cut now could take away. */
  surviving(): MemoryDisk {
    return this.memory.cutPower(this.#lies ? 'kept' : 'lost', NO_CHANCE)
  }

  /** Somebody puts other contents in the place of all; null: none. No process may use the disk. */
  replace(memory: MemoryDisk | null): void {
    this.beforeLoss?.()
    this.memory.halt()
    const { capacityBytes } = this
    this.memory = memory ?? new MemoryDisk(this.#options())
    this.capacityBytes = capacityBytes
  }

  /** Puts a file there, durably, as somebody does before the first start. */
  provide(directory: string, name: string, text: string): void {
    if (!this.memory.names('/').includes(directory.slice(1))) this.memory.placeDirectory(directory)
    this.memory.place(`${directory}/${name}`, Buffer.from(text))
  }

  #options(): MemoryDiskOptions {
    return {
      lies: () => this.#lies,
      wallMs: () => this.#world.nowMs + this.#wall.offsetMs,
      fault: (operation) => {
        if (LOSSES.has(operation.kind) && operation.path.includes('/log.')) this.beforeLoss?.()
        for (const rule of this.rules) {
          const fault = rule(operation)
          if (fault === null) continue
          this.#world.trace.add('fault', `${this.#name}: ${fault.code} on ${operation.kind} ${operation.path}`)
          return fault
        }
        return null
      },
      observe: (operation, moment) => {
        this.#world.trace.add('disk', `${this.#name}: ${operation.kind} ${operation.path} ${operation.bytes} ${moment}`)
        if (this.watchers.size > 0) for (const watcher of [...this.watchers]) watcher(operation, moment)
      },
      schedule: (operation, fire) => {
        const afterMs = this.#durationMs(operation) * this.slowness
        const endMs = Math.max(this.#world.nowMs + afterMs + this.holdMs, this.stuckUntilMs)
        this.holdMs = 0
        this.busyUntilMs = Math.max(this.busyUntilMs, endMs)
        this.#world.queue.at(endMs, fire)
      },
    }
  }

  #durationMs({ kind, bytes }: DiskOperation): number {
    const random = this.#random
    switch (kind) {
      case 'write':
        return random.between(0.05, 1) * (random.chance(0.02) ? 20 : 1) + bytes / 200_000
      case 'sync':
      case 'syncDirectory':
        return random.between(0.3, 4)
      case 'read':
        return random.between(0.02, 0.2) + bytes / 1_000_000
      default:
        return random.between(0.01, 0.1)
    }
  }
}
