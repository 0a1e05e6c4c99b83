import type { Clock, Log, Random, Timer } from '@vivarium/env'
import { OpCode, readUtf8 } from '@vivarium/protocol'
import type { ServerConfig } from '../config/server-config.ts'

/** The log tells of paths no deeper than this, however deep they are kept (RequestPathMetricsCollector.start). */
const TOLD_DEPTH = 4
/** Paths are made up by clients, so there must be an end to them: those that come late in a slot are left out. */
const MOST_PATHS = 1000
const SLASH = 0x2f
const MINUTE_MS = 60_000
const UINT32S = 2 ** 32

/** Operations whose request begins with a path. Java counts a sync with writes, and gives createTTL up as an error. */
const READS: ReadonlySet<number> = new Set([
  ...[OpCode.exists, OpCode.getData, OpCode.getACL, OpCode.getChildren, OpCode.getChildren2],
  ...[OpCode.checkWatches, OpCode.removeWatches],
])
const WRITES: ReadonlySet<number> = new Set([
  ...[OpCode.create, OpCode.create2, OpCode.createContainer, OpCode.createTTL, OpCode.delete],
  ...[OpCode.setData, OpCode.setACL, OpCode.sync],
])

/** How often which path was asked for, in one slot of time. */
type Counts = Map<string, number>

interface Slot {
  readonly reads: Counts
  readonly writes: Counts
}

const emptySlot = (): Slot => ({ reads: new Map(), writes: new Map() })

/**
 * Logs every few minutes which paths are read and written most (`pathStats.enabled`, RequestPathMetricsCollector): of a sample of
 * the requests, in the order in which they come, whether or not they succeed. What is older than all slots is forgotten.
 */
export class PathStatistics {
  readonly #config: ServerConfig
  readonly #log: Log
  readonly #random: Random
  readonly #depth: number
  readonly #slots: Slot[] = [emptySlot()]
  readonly #rotating: Timer
  #telling: Timer

  constructor(config: ServerConfig, clock: Clock, log: Log, random: Random) {
    this.#config = config
    this.#log = log
    this.#random = random
    this.#depth = Math.min(TOLD_DEPTH, config.pathStatsMaxDepth)
    this.#rotating = clock.every(config.pathStatsSlotSeconds * 1000, () => this.#rotate())
    this.#telling = clock.after(config.pathStatsInitialDelayMinutes * MINUTE_MS, () => {
      this.#telling = clock.every(config.pathStatsDelayMinutes * MINUTE_MS, () => this.tell())
      this.tell()
    })
  }

  /** A request has come, whose body is `bytes[start, end)`; perhaps it is one of the sample. */
  count(opcode: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#random.uint32() >= this.#config.pathStatsSampleRate * UINT32S) return
    const slot = this.#slots[this.#slots.length - 1] as Slot
    const counts = READS.has(opcode) ? slot.reads : WRITES.has(opcode) ? slot.writes : null
    const path = counts === null ? null : pathAt(bytes, start, end, this.#depth)
    if (counts === null || path === null) return
    const count = counts.get(path) ?? 0
    if (count > 0 || counts.size < MOST_PATHS) counts.set(path, count + 1)
  }

  /** Logs what has been counted. */
  tell(): void {
    this.#log.info('Here are the top Read paths:')
    this.#tellMost(({ reads }) => reads)
    this.#log.info('Here are the top Write paths:')
    this.#tellMost(({ writes }) => writes)
  }

  stop(): void {
    this.#rotating.cancel()
    this.#telling.cancel()
  }

  #rotate(): void {
    this.#slots.push(emptySlot())
    // The one that is being filled comes on top, as in Java.
    if (this.#slots.length > this.#config.pathStatsSlots + 1) this.#slots.shift()
  }

  #tellMost(countsOf: (slot: Slot) => Counts): void {
    const sums: Counts = new Map()
    for (const slot of this.#slots) {
      for (const [path, count] of countsOf(slot)) sums.set(path, (sums.get(path) ?? 0) + count)
    }
    const most = [...sums].sort(([, a], [, b]) => b - a).slice(0, this.#config.pathStatsMostPaths)
    for (const [path, count] of most) this.#log.info(`${path} : ${count}`)
  }
}

/** The first `depth` parts of the path that begins a request; null if there is none. */
function pathAt(bytes: Uint8Array, start: number, end: number, depth: number): string | null {
  if (end - start < 5 || bytes[start + 4] !== SLASH) return null
  const length = new DataView(bytes.buffer, bytes.byteOffset + start).getInt32(0)
  const from = start + 4
  if (length < 1 || length > end - from) return null
  let stop = from + 1
  for (let parts = 0; stop < from + length; stop++) {
    if (bytes[stop] === SLASH && ++parts === depth) break
  }
  return readUtf8(bytes, from, stop)
}
