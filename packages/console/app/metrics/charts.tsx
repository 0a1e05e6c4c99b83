import type { JSX } from 'preact'
import { Chart } from './chart.tsx'
import type { Line, Series } from './series.ts'

interface ChartOf {
  readonly title: string
  readonly unit: string
  readonly lines: readonly Line[]
}

const CHARTS: readonly ChartOf[] = [
  {
    title: 'Throughput',
    unit: '/s',
    lines: [
      { title: 'reads', rate: 'reads' },
      { title: 'writes', rate: 'updates' },
      { title: 'packets in', rate: 'received' },
    ],
  },
  {
    title: 'Latency, mean',
    unit: 'ms',
    lines: [
      { title: 'reads', sum: 'readMs', count: 'reads' },
      { title: 'writes', sum: 'updateMs', count: 'updates' },
      { title: 'disk sync', sum: 'syncMs', count: 'syncs' },
    ],
  },
  {
    title: 'Latency, 99 of 100 within',
    unit: 'ms',
    lines: [
      { title: 'reads', value: 'readP99' },
      { title: 'writes', value: 'updateP99' },
    ],
  },
  {
    title: 'Waiting',
    unit: '',
    lines: [{ title: 'requests under way', value: 'outstanding' }],
  },
  {
    title: 'Clients',
    unit: '',
    lines: [
      { title: 'connections', value: 'connections' },
      { title: 'sessions', value: 'sessions' },
    ],
  },
  {
    title: 'Watches',
    unit: '',
    lines: [{ title: 'watches', value: 'watches' }],
  },
  {
    title: 'Znodes',
    unit: '',
    lines: [
      { title: 'znodes', value: 'znodes' },
      { title: 'ephemerals', value: 'ephemerals' },
    ],
  },
  {
    title: 'Memory',
    unit: 'MiB',
    lines: [
      { title: 'process', value: 'residentMiB' },
      { title: 'tree', value: 'treeMiB' },
    ],
  },
]

/** Everything that is drawn. */
export function Charts({ series, revision }: { readonly series: Series; readonly revision: number }): JSX.Element {
  return (
    <div class="charts">
      {CHARTS.map((chart) => (
        <Chart key={chart.title} {...chart} series={series} revision={revision} />
      ))}
    </div>
  )
}
