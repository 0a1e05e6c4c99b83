import { Histogram } from './histogram.ts'
import type { LoadResult, LoadSpec } from './load-spec.ts'
import { ProcessUsage } from './process-usage.ts'

/** What is counted between `start` and `stop`. */
export class Measurement {
  readonly latencies = new Histogram()
  /** Replies that were not what they should be, measured or not. */
  errors = 0
  /** The first of them. */
  firstError = ''
  #running = false
  readonly #usage: ProcessUsage
  #startedMs = 0
  #elapsedMs = 0
  #cpuSeconds = 0
  #ownCpuSeconds = 0

  constructor(serverPid: number) {
    this.#usage = new ProcessUsage(serverPid)
  }

  start(): void {
    this.#cpuSeconds = -this.#usage.cpuSeconds()
    this.#ownCpuSeconds = -ownCpuSeconds()
    this.#startedMs = performance.now()
    this.#running = true
  }

  stop(): void {
    this.#running = false
    this.#elapsedMs = performance.now() - this.#startedMs
    this.#cpuSeconds += this.#usage.cpuSeconds()
    this.#ownCpuSeconds += ownCpuSeconds()
  }

  record(latencyMs: number): void {
    if (this.#running) this.latencies.record(latencyMs)
  }

  failed(what: string): void {
    this.errors++
    if (this.firstError === '') this.firstError = what
  }

  result(spec: LoadSpec): LoadResult {
    const { count } = this.latencies
    const seconds = this.#elapsedMs / 1000
    return {
      load: spec.load,
      operations: count,
      seconds,
      errors: this.errors,
      firstError: this.firstError,
      operationsPerSecond: count / seconds,
      meanMs: this.latencies.meanMs,
      p50Ms: this.latencies.percentile(0.5),
      p99Ms: this.latencies.percentile(0.99),
      p999Ms: this.latencies.percentile(0.999),
      maxMs: this.latencies.maxMs,
      serverCpuSeconds: this.#cpuSeconds,
      operationsPerCpuSecond: this.#cpuSeconds > 0 ? count / this.#cpuSeconds : 0,
      serverResidentBytes: this.#usage.residentBytes(),
      generatorCpuShare: this.#ownCpuSeconds / seconds,
    }
  }
}

function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
