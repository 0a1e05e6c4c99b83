import { METRICS_PROVIDERS } from '../config/keys/monitoring-keys.ts'
import type { ServerConfig } from '../config/server-config.ts'
import type { Emit, Metric } from './metric.ts'
import { Counter } from './metric-counter.ts'
import { Gauge, GaugeSet } from './metric-gauge.ts'
import { MedianSummary, Percentiles } from './metric-percentiles.ts'
import { CounterSet, PercentilesSet, SummarySet } from './metric-set.ts'
import { Summary } from './metric-summary.ts'
import { METRICS, type MetricKind } from './metric-table.ts'

const create = {
  gauge: () => new Gauge(false),
  'decimal gauge': () => new Gauge(true),
  'gauge set': () => new GaugeSet(),
  counter: () => new Counter(),
  'counter set': () => new CounterSet(),
  summary: (medians): Summary => (medians ? new MedianSummary() : new Summary()),
  'summary set': (medians) => new SummarySet(medians),
  percentiles: () => new Percentiles(),
  'percentiles set': () => new PercentilesSet(),
} satisfies Record<MetricKind, (medians: boolean) => Metric>

type MetricName = keyof typeof METRICS

/** All metrics of one server, by ZooKeeper's names for them. Hot code holds on to those it needs. */
export type Metrics = { readonly [Name in MetricName]: ReturnType<(typeof create)[(typeof METRICS)[Name]]> }

/**
 * Metrics that have counted nothing yet. @param medians whether summaries count what their median takes, for Prometheus
 *
 * @example
 * const metrics = createMetrics()
 * metrics.fsynctime.observe(3)
 * metrics.znode_count.source = () => tree.size
 */
export function createMetrics(medians = false): Metrics {
  const created = Object.entries(METRICS).map(([name, kind]) => [name, create[kind](medians)] as const)
  return Object.fromEntries(created) as unknown as Metrics
}

/** Metrics, and where they are to be shown. */
export interface MetricsView {
  readonly metrics: Metrics
  readonly config: Pick<ServerConfig, 'metricsProvider'>
}

/** Hands over what every metric has to show, in the form of `mntr`; with Java's NullMetricsProvider there is nothing. */
export function emitMetrics({ metrics, config }: MetricsView, emit: Emit): void {
  if (config.metricsProvider === METRICS_PROVIDERS.none) return
  for (const [name, metric] of Object.entries<Metric>(metrics)) metric.emit(name, emit)
}

/** Starts all again from nothing, gauges excepted (`srst`). */
export function resetMetrics(metrics: Metrics): void {
  for (const metric of Object.values<Metric>(metrics)) metric.reset()
}
