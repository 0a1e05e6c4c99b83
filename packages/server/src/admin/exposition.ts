import type { Metric } from './metric.ts'
import { Counter } from './metric-counter.ts'
import { Gauge, GaugeSet } from './metric-gauge.ts'
import { MedianSummary, Percentiles } from './metric-percentiles.ts'
import { CounterSet, PercentilesSet, SummarySet } from './metric-set.ts'
import { Summary } from './metric-summary.ts'
import type { Metrics } from './metrics.ts'

/** The media type of Prometheus's text format. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** A metric that is asked for as it is shown. */
export interface Reading {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter' | 'summary'
  readonly samples: readonly Sample[]
}

interface Sample {
  /** What is added to the name: `_count`. */
  readonly suffix?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

/**
 * Every metric in the text format of Prometheus, under the names and types that Java's PrometheusMetricsProvider gives
 * them: a gauge without a source is not shown, sets have the label `key`, and an empty summary has no median.
 */
export function* exposition(metrics: Metrics): Iterable<string> {
  for (const [name, metric] of Object.entries<Metric>(metrics)) {
    const reading = readingOf(name, metric)
    if (reading !== null) yield formatReading(reading)
  }
}

/** One metric with its head: `# HELP`, `# TYPE`, and a line for each sample. */
export function formatReading({ name, help, type, samples }: Reading): string {
  let lines = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
  for (const { suffix = '', labels, value } of samples)
    lines += `${name}${suffix}${formatLabels(labels)} ${format(value)}\n`
  return lines
}

function readingOf(name: string, metric: Metric): Reading | null {
  const reading = (type: Reading['type'], samples: readonly Sample[]): Reading => ({ name, help: name, type, samples })
  if (metric instanceof Gauge) return metric.source === null ? null : reading('gauge', [{ value: metric.source() }])
  if (metric instanceof Counter) return reading('counter', [{ value: metric.total }])
  if (metric instanceof Summary || metric instanceof Percentiles) return reading('summary', summarySamples(metric))
  if (metric instanceof GaugeSet) {
    const entries = metric.source === null ? [] : [...metric.source()]
    return reading(
      'gauge',
      entries.map(([key, value]) => ({ labels: { key }, value })),
    )
  }
  if (metric instanceof CounterSet) {
    return reading(
      'counter',
      Array.from(metric.entries(), ([key, counter]) => ({ labels: { key }, value: counter.total })),
    )
  }
  if (metric instanceof SummarySet || metric instanceof PercentilesSet) {
    const entries: Iterable<readonly [string, Summary | Percentiles]> = metric.entries()
    return reading(
      'summary',
      [...entries].flatMap(([key, summary]) => summarySamples(summary, { key })),
    )
  }
  return null
}

function summarySamples(metric: Summary | Percentiles, labels: Readonly<Record<string, string>> = {}): Sample[] {
  const summary = metric instanceof Percentiles ? metric.summary : metric
  const quantile = (text: string, value: number): Sample => ({
    labels: { ...labels, quantile: text },
    value: summary.count === 0 ? Number.NaN : value,
  })
  const samples =
    metric instanceof Percentiles
      ? [0.5, 0.9, 0.99].map((share) => quantile(String(share), metric.percentile(share)))
      : [quantile('0.5', metric instanceof MedianSummary ? metric.median : Number.NaN)]
  return [
    ...samples,
    { suffix: '_count', labels, value: summary.count },
    { suffix: '_sum', labels, value: summary.sum },
  ]
}

function formatLabels(labels: Readonly<Record<string, string>> = {}): string {
  const entries = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return entries.length === 0 ? '' : `{${entries.join(',')}}`
}

/** Keys are parts of paths, which may have anything in them. */
const escapeLabel = (value: string): string =>
  value.replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : `\\${found}`))

function format(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
