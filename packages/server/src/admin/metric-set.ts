import type { Emit, Metric } from './metric.ts'
import { Counter } from './metric-counter.ts'
import { MedianSummary, Percentiles } from './metric-percentiles.ts'
import { Summary } from './metric-summary.ts'

/** Keys can be made up by clients (the first part of a path), so there must be an end to them. */
const MOST_KEYS = 10_000

/** Metrics of one kind, by key: a namespace, the id of a server. Keys beyond a limit are left out. */
class MetricSet<One extends Metric> implements Metric {
  readonly #metrics: Map<string, One> = new Map()
  readonly #create: () => One

  constructor(create: () => One) {
    this.#create = create
  }

  /** The metric of a key; undefined for one too many. */
  of(key: string): One | undefined {
    let metric = this.#metrics.get(key)
    if (metric === undefined && this.#metrics.size < MOST_KEYS) {
      metric = this.#create()
      this.#metrics.set(key, metric)
    }
    return metric
  }

  /** Each metric with its key. */
  entries(): Iterable<readonly [key: string, metric: One]> {
    return this.#metrics
  }

  emit(name: string, emit: Emit): void {
    for (const [key, metric] of this.#metrics) metric.emit(`${key}_${name}`, emit)
  }

  reset(): void {
    for (const metric of this.#metrics.values()) metric.reset()
  }
}

/** Counters by key. */
export class CounterSet extends MetricSet<Counter> {
  constructor() {
    super(() => new Counter())
  }

  add(key: string, amount: number): void {
    this.of(key)?.add(amount)
  }
}

/** Summaries by key. */
export class SummarySet extends MetricSet<Summary> {
  constructor(medians: boolean) {
    super(() => (medians ? new MedianSummary() : new Summary()))
  }

  observe(key: string, value: number): void {
    this.of(key)?.observe(value)
  }
}

/** Summaries with percentiles, by key. */
export class PercentilesSet extends MetricSet<Percentiles> {
  constructor() {
    super(() => new Percentiles())
  }

  observe(key: string, value: number): void {
    this.of(key)?.observe(value)
  }
}
