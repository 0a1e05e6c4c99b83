import type { JSX } from 'preact'
import { formatRoute } from '../shell/route.ts'
import { ServerOnly } from '../shell/server-only.tsx'
import { useAnswer } from '../shell/use-answer.ts'
import type { WatchersAnswer } from './types.ts'

const AGAIN_MS = 3000

/** Who is told when a znode changes. */
export function WatchersOf({ path }: { readonly path: string }): JSX.Element {
  const { value, problem } = useAnswer<WatchersAnswer>('api/v1/server/watchers', { query: { path }, everyMs: AGAIN_MS })
  if (problem !== null) return <ServerOnly problem={problem} what="Who watches a znode" />
  if (value === null) return <p class="muted">Looking …</p>
  if (value.watchers.length === 0) return <p class="empty">No client of this server watches it.</p>
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
        {value.watchers.map(({ session, address, kinds }) => (
          <tr key={`${session} ${address}`}>
            <td>
              <a href={formatRoute('sessions', { session })}>{session}</a>
            </td>
            <td>{address}</td>
            <td>{kinds.join(', ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
