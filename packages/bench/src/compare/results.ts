export type Side = 'ours' | 'theirs'

/** One figure, as often as it was measured. */
export interface Metric {
  readonly name: string
  readonly unit: string
  readonly better: 'more' | 'less'
  readonly ours: number[]
  readonly theirs: number[]
}

/** A line of the table: medians, and how much better ours is. */
export interface Row extends Metric {
  readonly oursMedian: number
  readonly theirsMedian: number
  /** Above 1, ours is better, whatever the unit; null when one of the two is missing or 0. */
  readonly ratio: number | null
}

/** Collects what is measured, in the order in which it is first measured. */
export class Results {
  readonly #metrics = new Map<string, Metric>()

  add(side: Side, name: string, unit: string, better: 'more' | 'less', value: number): void {
    const key = `${name}, ${unit}`
    let metric = this.#metrics.get(key)
    if (metric === undefined) {
      metric = { name, unit, better, ours: [], theirs: [] }
      this.#metrics.set(key, metric)
    }
    metric[side].push(value)
  }

  rows(): Row[] {
    return [...this.#metrics.values()].map((metric) => {
      const oursMedian = median(metric.ours)
      const theirsMedian = median(metric.theirs)
      const ratio = metric.better === 'more' ? oursMedian / theirsMedian : theirsMedian / oursMedian
      return {
        ...metric,
        ours: metric.ours.map(rounded),
        theirs: metric.theirs.map(rounded),
        oursMedian: rounded(oursMedian),
        theirsMedian: rounded(theirsMedian),
        ratio: ratio > 0 && Number.isFinite(ratio) ? rounded(ratio) : null,
      }
    })
  }
}

/** The value in the middle, or the mean of the two there; 0 of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[half]!
  return sorted.length === 0 ? 0 : (sorted[half - 1]! + sorted[half]!) / 2
}

/** The rows as text, for a terminal. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    `${row.name}: ${row.unit}`,
    formatNumber(row.theirsMedian),
    formatNumber(row.oursMedian),
    row.ratio === null ? '' : row.ratio.toFixed(2),
  ])
  const all = [['', 'theirs', 'ours', 'ratio'], ...cells]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((line) => line[column]!.length)))
  return all
    .map(([name, ...numbers]) =>
      [name!.padEnd(widths[0]!), ...numbers.map((n, i) => n.padStart(widths[i + 1]!))].join('  '),
    )
    .join('\n')
}

function formatNumber(value: number): string {
  return value === 0 ? '-' : String(rounded(value))
}

/** Four significant digits, or all before the point: more would only be noise. */
function rounded(value: number): number {
  return value >= 1000 ? Math.round(value) : Number(value.toPrecision(4))
}
