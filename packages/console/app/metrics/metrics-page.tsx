import type { ComponentType, JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { ServerOnly } from '../shell/server-only.tsx'
import { Stale } from '../shell/stale.tsx'
import { useAnswer } from '../shell/use-answer.ts'
import { type Sample, Series } from './series.ts'

const AGAIN_MS = 2000

/** Of the server that the page came from; it is kept while the page is. */
const series = new Series()

type ChartsComponent = ComponentType<{ readonly series: Series; readonly revision: number }>

/** Throughput and latencies over time. What draws them is fetched when it is first wanted. */
export function MetricsPage(): JSX.Element {
  const answer = useAnswer<Sample>('api/v1/server/metrics', { everyMs: AGAIN_MS })
  const { value, problem } = answer
  const [Charts, setCharts] = useState<ChartsComponent | null>(null)
  useEffect(() => {
    void import('./charts.tsx').then((module) => setCharts(() => module.Charts))
  }, [])
  if (value !== null) series.add(value)
  if (problem !== null && value === null) return <ServerOnly problem={problem} what="What a server measures" />
  if (Charts === null || value === null) return <p class="muted">Measuring …</p>
  return (
    <div class="sheet wide">
      <Stale answer={answer} />
      <p class="note">Of the server that this console comes from, every two seconds, since the page was opened.</p>
      <Charts series={series} revision={value.now} />
    </div>
  )
}
