import { readFileSync } from 'node:fs'
import { constants, type IntervalHistogram, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { counterOf } from '@vivarium/protocol'
import { formatReading, type Reading } from '../admin/exposition.ts'
import { FULL_VERSION, VERSION, ZOOKEEPER_VERSION } from '../admin/version.ts'
import type { AdminView } from '../admin/view.ts'
import { healthOf } from './health.ts'

const NS_PER_S = 1e9
const US_PER_S = 1e6
const MS_PER_S = 1000
const RESOLUTION_MS = 10
const PAGE_BYTES = 4096
/** How large the directories are takes a look at each file in them, and changes slowly. */
const DIRECTORIES_EVERY_MS = 10_000
const GC_KINDS = new Map<unknown, string>([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
])

/** What Node tells of a garbage collection. */
interface Collection {
  readonly duration: number
  readonly detail: { readonly kind: number }
}

/**
 * What is told to Prometheus besides ZooKeeper's metrics: the process, under the names that every client library of
 * Prometheus has for it, and what only this server has, under `vivarium_`.
 */
export class ProcessMetrics {
  readonly #view: AdminView
  readonly #delays: IntervalHistogram
  /** Garbage collections by kind: how many, and for how long in milliseconds. */
  readonly #collections = new Map<string, { count: number; ms: number }>()
  readonly #observer: PerformanceObserver
  #utilization = performance.eventLoopUtilization()
  #freeBytes = Number.NaN
  #directoriesDueMs = Number.NEGATIVE_INFINITY

  constructor(view: AdminView) {
    this.#view = view
    this.#delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    this.#delays.enable()
    for (const kind of GC_KINDS.values()) this.#collections.set(kind, { count: 0, ms: 0 })
    this.#observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as Collection[]) this.#collected(entry)
    })
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  /** Looks again at what {@link text} tells of the disk, for which the disk has to be asked. */
  async refresh(): Promise<void> {
    const now = this.#view.monotonicMs()
    const directories = now >= this.#directoriesDueMs
    if (directories) this.#directoriesDueMs = now + DIRECTORIES_EVERY_MS
    const free = this.#view.freeDiskBytes().catch(() => Number.NaN)
    await Promise.all([free, directories ? this.#view.figures.refreshDirectories() : null])
    this.#freeBytes = await free
  }

  /** All of it, the open files and the disk as they were when they were last looked at. */
  text(): string {
    return [...this.#process(), ...this.#own()].map(formatReading).join('')
  }

  stop(): void {
    this.#delays.disable()
    this.#observer.disconnect()
  }

  #process(): Reading[] {
    const { openFileDescriptors, maxFileDescriptors } = this.#view.figures
    const { user, system } = process.cpuUsage()
    return [
      counter('process_cpu_seconds_total', 'User and system CPU time in seconds.', (user + system) / US_PER_S),
      gauge(
        'process_start_time_seconds',
        'Start of the process, in seconds since 1970.',
        performance.timeOrigin / MS_PER_S,
      ),
      gauge('process_resident_memory_bytes', 'Resident memory in bytes.', process.memoryUsage.rss()),
      gauge('process_virtual_memory_bytes', 'Virtual memory in bytes.', virtualBytes()),
      gauge('process_open_fds', 'Open file descriptors.', openFileDescriptors),
      gauge('process_max_fds', 'Most file descriptors that may be open.', maxFileDescriptors),
    ]
  }

  #own(): Reading[] {
    const view = this.#view
    const { heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage()
    const memory = { heap_used: heapUsed, heap_total: heapTotal, external, array_buffers: arrayBuffers }
    const labels = { version: VERSION, zookeeper_version: ZOOKEEPER_VERSION, full_version: FULL_VERSION }
    const { used, reserved } = view.serving ? view.treeBytes : { used: Number.NaN, reserved: Number.NaN }
    return [
      this.#eventLoop(),
      gauge(
        'vivarium_event_loop_utilization',
        'Share of the time since the last look that was worked.',
        this.#worked(),
      ),
      ...this.#garbage(),
      {
        name: 'vivarium_tree_bytes',
        help: 'Memory of the znodes: used, and reserved for them.',
        type: 'gauge',
        samples: Object.entries({ used, reserved }).map(([state, value]) => ({ labels: { state }, value })),
      },
      {
        name: 'vivarium_memory_bytes',
        help: 'Memory of Node.js by area.',
        type: 'gauge',
        samples: Object.entries(memory).map(([area, value]) => ({ labels: { area }, value })),
      },
      gauge('vivarium_disk_free_bytes', 'Room on the disk of the transaction log.', this.#freeBytes),
      gauge('vivarium_data_dir_bytes', 'Size of the directory of the snapshots.', view.figures.dataDirBytes),
      gauge('vivarium_log_dir_bytes', 'Size of the directory of the transaction log.', view.figures.logDirBytes),
      gauge('vivarium_disk_full', '1 while writes are refused for want of room.', Number(view.diskFull)),
      gauge(
        'vivarium_zxid_remaining',
        'Transactions until the epoch ends, and a leader has to be elected.',
        2 ** 32 - 1 - (view.serving ? counterOf(view.lastZxid) : 0),
      ),
      gauge('vivarium_ready', '1 while requests are answered and writes are taken.', Number(healthOf(view).ready)),
      {
        name: 'vivarium_info',
        help: 'Versions and mode.',
        type: 'gauge',
        samples: [{ labels: { ...labels, mode: view.mode }, value: 1 }],
      },
    ]
  }

  #collected({ detail, duration }: Collection): void {
    const collections = this.#collections.get(GC_KINDS.get(detail.kind) ?? '')
    if (collections === undefined) return
    collections.count++
    collections.ms += duration
  }

  #garbage(): Reading[] {
    const samples = (value: (collections: { count: number; ms: number }) => number): Reading['samples'] =>
      Array.from(this.#collections, ([kind, collections]) => ({ labels: { kind }, value: value(collections) }))
    return [
      {
        name: 'vivarium_gc_seconds_total',
        help: 'Time spent on garbage collections.',
        type: 'counter',
        samples: samples(({ ms }) => ms / MS_PER_S),
      },
      {
        name: 'vivarium_gc_total',
        help: 'Garbage collections.',
        type: 'counter',
        samples: samples(({ count }) => count),
      },
    ]
  }

  #worked(): number {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, this.#utilization)
    this.#utilization = now
    return utilization
  }

  /** How late the event loop is: what every request waits for. Percentiles are of the time since the last look. */
  #eventLoop(): Reading {
    const delays = this.#delays
    // The histogram has the whole interval between two looks, of which the resolution is meant.
    const seconds = (ns: number): number => Math.max(0, ns / NS_PER_S - RESOLUTION_MS / MS_PER_S)
    const none = delays.count === 0
    const samples = [
      { labels: { quantile: '0.5' }, value: none ? Number.NaN : seconds(delays.percentile(50)) },
      { labels: { quantile: '0.99' }, value: none ? Number.NaN : seconds(delays.percentile(99)) },
      { labels: { quantile: '1' }, value: none ? Number.NaN : seconds(delays.max) },
    ]
    delays.reset()
    return { name: 'vivarium_event_loop_delay_seconds', help: 'How late the event loop is.', type: 'gauge', samples }
  }
}

const gauge = (name: string, help: string, value: number): Reading => ({
  name,
  help,
  type: 'gauge',
  samples: [{ value }],
})

const counter = (name: string, help: string, value: number): Reading => ({
  name,
  help,
  type: 'counter',
  samples: [{ value }],
})

/** NaN where `/proc` does not tell. It is read at once: it is no disk, and to be told of it later takes ten times as long. */
function virtualBytes(): number {
  try {
    return Number.parseInt(readFileSync('/proc/self/statm', 'latin1'), 10) * PAGE_BYTES
  } catch {
    return Number.NaN
  }
}
