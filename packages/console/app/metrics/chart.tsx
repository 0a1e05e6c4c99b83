import type { JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { theme } from '../shell/theme.ts'
import type { Line, Series } from './series.ts'

const HEIGHT = 180
/** Of the time that is shown: the first samples do not fill all the room. */
const SHORTEST_S = 120
/** Dashes tell lines apart where colours do not. */
const DASHES: readonly number[][] = [[], [6, 4], [2, 3], [10, 3, 2, 3]]
const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const NUMBER = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })

interface Properties {
  readonly title: string
  readonly unit: string
  readonly series: Series
  readonly lines: readonly Line[]
  /** How many samples there are: when it grows, the chart is drawn again. */
  readonly revision: number
}

/** Lines over time. What they come to now stands beside in words. */
export function Chart({ title, unit, series, lines, revision }: Properties): JSX.Element {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const heading = useId()
  const table = padded(series.table(lines))
  const look = theme.value

  useEffect(() => {
    const element = place.current!
    const made = new uPlot(optionsFor(element, lines), table as uPlot.AlignedData, element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }))
    observer.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const repaint = (): void => made.redraw()
    scheme.addEventListener('change', repaint)
    return () => {
      observer.disconnect()
      scheme.removeEventListener('change', repaint)
      made.destroy()
    }
  }, [look])
  useEffect(() => plot.current?.setData(table as uPlot.AlignedData), [revision])

  return (
    <figure class="card chart" aria-labelledby={heading}>
      <figcaption>
        <h2 id={heading}>{title}</h2>
        <ul>
          {lines.map((line, at) => (
            <li key={line.title} class={`line-${at}`}>
              <svg viewBox="0 0 22 4" aria-hidden="true">
                <line x1="0" y1="2" x2="22" y2="2" stroke-dasharray={DASHES[at]?.join(' ')} />
              </svg>
              {line.title}{' '}
              <b>
                {lastOf(table[at + 1] ?? [])} {unit}
              </b>
            </li>
          ))}
        </ul>
      </figcaption>
      <div class="plot" ref={place} aria-hidden="true" />
    </figure>
  )
}

/** The first samples do not fill all the room: what was before them is empty. */
function padded([times, ...values]: [number[], ...(number | null)[][]]): [number[], ...(number | null)[][]] {
  const start = (times.at(-1) ?? 0) - SHORTEST_S
  if (times[0] === undefined || times[0] <= start) return [times, ...values]
  return [[start, ...times], ...values.map((each) => [null, ...each])]
}

function lastOf(values: readonly (number | null)[]): string {
  const last = values.findLast((value) => value !== null)
  return last == null ? '—' : NUMBER.format(last)
}

function optionsFor(element: HTMLElement, lines: readonly Line[]): uPlot.Options {
  const colour = (name: string) => (): string => resolve(element, name)
  const axis = { stroke: colour('--muted'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } }
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    scales: {
      y: { range: (_plot, _least, most) => [0, Math.max(1, (most ?? 0) * 1.15)] },
    },
    axes: [
      {
        ...axis,
        space: 80,
        font: '11px system-ui',
        values: (_plot, ticks) => ticks.map((tick) => CLOCK.format(tick * 1000)),
      },
      { ...axis, size: 52, font: '11px system-ui', values: (_plot, ticks) => ticks.map((tick) => NUMBER.format(tick)) },
    ],
    series: [
      {},
      ...lines.map(({ title }, at) => ({
        label: title,
        stroke: colour(`--series-${at}`),
        width: 1.75,
        dash: DASHES[at] ?? [],
        points: { show: false },
        spanGaps: true,
      })),
    ],
  }
}

/** A colour of the style sheet as a canvas takes it: there it may be one for light and one for dark. */
function resolve(element: HTMLElement, name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
