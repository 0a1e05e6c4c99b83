import type { JSX } from 'preact'
import { span, time } from '../shell/format.ts'
import type { RoleChange } from './types.ts'

/** What a server was, or who led: on a line of time, and in words. */
export function RoleTimeline({
  title,
  changes,
  now,
}: {
  readonly title: string
  readonly changes: readonly RoleChange[]
  readonly now: number
}): JSX.Element {
  const first = changes[0]?.at ?? now
  const periods = changes.map((change, at) => ({ ...change, lasted: (changes[at + 1]?.at ?? now) - change.at }))
  return (
    <section class="card">
      <h2>{title}</h2>
      <div class="role-line" aria-hidden="true">
        {periods.map(({ at, mode, lasted }) => (
          <span key={at} class={mode} style={{ flexGrow: Math.max(1, lasted) }} title={`${mode}, ${span(lasted)}`} />
        ))}
      </div>
      <p class="axis muted" aria-hidden="true">
        <span>{time(first)}</span>
        <span>now</span>
      </p>
      <ol class="timeline">
        {periods.toReversed().map(({ at, mode, epoch, leader, lasted }) => (
          <li key={at}>
            <p>
              <span class={`badge role ${mode}`}>{mode}</span>
              {leader !== null && mode !== 'looking' && (
                <span>
                  {mode === 'led' ? 'by' : 'led by'} server {leader}
                </span>
              )}
              {mode !== 'looking' && <span class="fact">epoch {epoch}</span>}
              <span class="muted">
                {time(at)}, for {span(lasted)}
              </span>
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}
