import type { JSX } from 'preact'
import { formatRoute } from '../shell/route.ts'
import { ServerOnly } from '../shell/server-only.tsx'
import { Stale } from '../shell/stale.tsx'
import { useAnswer } from '../shell/use-answer.ts'
import { OwnBadge } from './own-badge.tsx'
import type { WatchersAnswer } from './types.ts'

const AGAIN_MS = 3000

/** Who is told when a znode changes. */
export function WatchersOf({ path }: { readonly path: string }): JSX.Element {
  const answer = useAnswer<WatchersAnswer>('api/v1/server/watchers', { query: { path }, everyMs: AGAIN_MS })
  const { value, problem } = answer
  if (value === null) {
    if (problem !== null) return <ServerOnly problem={problem} what="Who watches a znode" />
    return <p class="muted">Looking …</p>
  }
  return (
    <>
      <Stale answer={answer} />
      {value.watchers.length === 0 ? (
        <p class="empty">No client of this server watches it.</p>
      ) : (
        <WatcherTable watchers={value.watchers} />
      )}
    </>
  )
}

function WatcherTable({ watchers }: Pick<WatchersAnswer, 'watchers'>): JSX.Element {
  return (
    <table class="facts-table">
      <thead>
        <tr>
          <th scope="col">Session</th>
          <th scope="col">From</th>
          <th scope="col">Watches</th>
        </tr>
      </thead>
      <tbody>
        {watchers.map(({ session, address, kinds }) => (
          <tr key={`${session} ${address}`}>
            <td>
              <a href={formatRoute('sessions', { session })}>{session}</a>
              <OwnBadge session={session} />
            </td>
            <td>{address}</td>
            <td>{kinds.join(', ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
