import { type Clock, type Disk, type Random, silentLog, type Timer } from '@vivarium/env'
import { MemoryDisk, type MemoryDiskOptions } from '@vivarium/env/memory'
import { TransactionLog, type TransactionLogEvents } from '../../dist/storage/transaction-log.js'

/** A generator that repeats itself: mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return {
    uint32() {
      state = (state + 0x6d2b79f5) >>> 0
      let t = state
      t = Math.imul(t ^ (t >>> 15), t | 1)
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
      return (t ^ (t >>> 14)) >>> 0
    },
  }
}

/** A clock that stands still until it is moved. */
export class ManualClock implements Clock {
  now = 0
  readonly #timers = new Set<{ at: number; periodMs: number | null; fire: () => void }>()

  wallMs(): number {
    return this.now
  }

  monotonicMs(): number {
    return this.now
  }

  after(ms: number, fire: () => void): Timer {
    return this.#add({ at: this.now + ms, periodMs: null, fire })
  }

  every(ms: number, fire: () => void): Timer {
    return this.#add({ at: this.now + ms, periodMs: ms, fire })
  }

  soon(fire: () => void): void {
    queueMicrotask(fire)
  }

  get timers(): number {
    return this.#timers.size
  }

  advance(ms: number): void {
    this.now += ms
    for (const timer of [...this.#timers]) {
      if (timer.at > this.now) continue
      if (timer.periodMs === null) this.#timers.delete(timer)
      else timer.at += timer.periodMs
      timer.fire()
    }
  }

  #add(timer: { at: number; periodMs: number | null; fire: () => void }): Timer {
    this.#timers.add(timer)
    return { cancel: () => this.#timers.delete(timer) }
  }
}

/** Lets everything that waits for nothing but its turn happen. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** What a log reported, in order. */
export class RecordedEvents implements TransactionLogEvents {
  readonly all: string[] = []
  syncedZxid = 0

  synced(zxid: number): void {
    this.syncedZxid = zxid
    this.all.push(`synced ${zxid.toString(16)}`)
  }

  failed(error: Error & { code?: string }): void {
    this.all.push(`failed ${error.code}`)
  }

  full(error: Error & { code?: string }): void {
    this.all.push(`full ${error.code}`)
  }

  recovered(): void {
    this.all.push('recovered')
  }
}

export interface LogSettings {
  disk: Disk
  clock?: Clock
  events?: TransactionLogEvents
  forceSync?: boolean
  preAllocBytes?: number
  sizeLimitBytes?: number
}

export const LOG_DIRECTORY = '/data/version-2'

/** A disk with an empty log directory. */
export async function newDisk(options: MemoryDiskOptions = {}): Promise<MemoryDisk> {
  const disk = new MemoryDisk()
  await disk.makeDirectory(LOG_DIRECTORY)
  return disk.cutPower('kept', seeded(0), options)
}

export function openLog(settings: LogSettings): TransactionLog {
  return new TransactionLog(
    {
      disk: settings.disk,
      clock: settings.clock ?? new ManualClock(),
      log: silentLog,
      directory: LOG_DIRECTORY,
      forceSync: settings.forceSync ?? true,
      preAllocBytes: settings.preAllocBytes ?? 65_536,
      sizeLimitBytes: settings.sizeLimitBytes ?? 0,
      slowWriteMs: 1000,
    },
    settings.events ?? new RecordedEvents(),
  )
}

/** Bytes that look like a transaction to the log: a header with its zxid, then whatever. */
export function rawTxn(zxid: number, bodyBytes = 20): Uint8Array {
  const bytes = new Uint8Array(32 + bodyBytes)
  const view = new DataView(bytes.buffer)
  view.setUint32(12, Math.floor(zxid / 2 ** 32))
  view.setUint32(16, zxid >>> 0)
  for (let index = 32; index < bytes.length; index++) bytes[index] = ((zxid * 31 + index * 7) % 255) | 1
  return bytes
}

export function appendRaw(log: TransactionLog, ...zxids: number[]): void {
  for (const zxid of zxids) {
    const bytes = rawTxn(zxid)
    log.append(zxid, bytes, 0, bytes.length)
  }
}
