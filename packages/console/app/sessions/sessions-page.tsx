import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { ago, count, span } from '../shell/format.ts'
import { formatRoute, route, znodeAddress } from '../shell/route.ts'
import { ServerOnly } from '../shell/server-only.tsx'
import { Stale } from '../shell/stale.tsx'
import { useAnswer } from '../shell/use-answer.ts'
import { bySoonest, expiryOf } from './expiry.ts'
import { OwnBadge } from './own-badge.tsx'
import type { Session, SessionAnswer, SessionsAnswer } from './types.ts'

const AGAIN_MS = 2000
const PAGE = 200

/** The sessions, and of one of them what it has. */
export function SessionsPage(): JSX.Element {
  const { session } = route.value.parameters
  return session === undefined ? <SessionList /> : <OneSession id={session} />
}

function SessionList(): JSX.Element {
  const [limit, setLimit] = useState(PAGE)
  const answer = useAnswer<SessionsAnswer>('api/v1/server/sessions', { query: { limit }, everyMs: AGAIN_MS })
  const { value, problem } = answer
  if (problem !== null && value === null) return <ServerOnly problem={problem} what="Which sessions there are" />
  if (value === null) return <p class="muted">Looking …</p>
  const { sessions, total, now } = value
  const isDecidedHere = sessions.some(({ expiresAt }) => expiresAt !== null)
  return (
    <div class="sheet">
      <Stale answer={answer} />
      <p class="note" role="status">
        {count(total)} {total === 1 ? 'session' : 'sessions'}
        {sessions.length < total && `, ${count(sessions.length)} of them shown`}
        {isDecidedHere
          ? ': those that expire next come first.'
          : '. The leader decides when they expire, and its console shows it; of clients that are connected here, it can be told nearly.'}
      </p>
      <div class="scrolls" tabIndex={0} role="region" aria-label="Sessions">
        <table>
          <thead>
            <tr>
              <th scope="col">Session</th>
              <th scope="col">Client</th>
              <th scope="col">Expires</th>
              <th scope="col" class="number">
                Ephemerals
              </th>
              <th scope="col">Last</th>
              <th scope="col" class="number">
                Requests
              </th>
              <th scope="col" class="number">
                Latency
              </th>
            </tr>
          </thead>
          <tbody>
            {bySoonest(sessions).map((session) => (
              <SessionRow key={session.session} session={session} now={now} />
            ))}
          </tbody>
        </table>
      </div>
      {sessions.length < total && limit < 1000 && (
        <button type="button" onClick={() => setLimit(1000)}>
          Show more
        </button>
      )}
    </div>
  )
}

function SessionRow({ session, now }: { readonly session: Session; readonly now: number }): JSX.Element {
  const { connection } = session
  return (
    <tr>
      <td>
        <a href={formatRoute('sessions', { session: session.session })}>{session.session}</a>
        <OwnBadge session={session.session} />
      </td>
      <td>{session.address ?? <span class="muted">another server, or none</span>}</td>
      <td>
        <Expiry session={session} now={now} />
      </td>
      <td class="number">{count(session.ephemerals)}</td>
      <td>{connection?.lastOperation ?? ''}</td>
      <td class="number">{connection === null ? '' : count(connection.received)}</td>
      <td class="number">{connection === null ? '' : `${connection.averageLatencyMs.toFixed(1)} ms`}</td>
    </tr>
  )
}

/** How much of its time a session has left: each request and ping fills it up again. */
function Expiry({ session, now }: { readonly session: Session; readonly now: number }): JSX.Element {
  const { expiresAt, timeoutMs } = session
  const at = expiryOf(session)
  if (at === null) return <span class="muted">{timeoutMs > 0 ? `after ${span(timeoutMs)}` : 'the leader knows'}</span>
  const leftMs = Math.max(0, at - now)
  const low = timeoutMs > 0 && leftMs < timeoutMs / 4
  return (
    <span class={low ? 'expiry low' : 'expiry'}>
      <meter min={0} max={Math.max(timeoutMs, leftMs, 1)} value={leftMs} aria-label="Time left" />
      {expiresAt === null && 'about '}
      {span(leftMs)}
      {low && <span class="badge warn">soon</span>}
    </span>
  )
}

function OneSession({ id }: { readonly id: string }): JSX.Element {
  const answer = useAnswer<SessionAnswer>('api/v1/server/session', { query: { id }, everyMs: AGAIN_MS })
  const { value, problem } = answer
  const isGone = problem?.code === 'NoSession'
  return (
    <div class="sheet">
      <p>
        <a href={formatRoute('sessions')}>All sessions</a>
      </p>
      <h2>
        Session <code>{id}</code> <OwnBadge session={id} />
      </h2>
      {isGone && <p class="empty">This server knows no such session: it has ended, or never was.</p>}
      {!isGone && <Stale answer={answer} />}
      {!isGone && problem !== null && value === null && <ServerOnly problem={problem} what="What a session has" />}
      {!isGone && value !== null && <SessionFacts answer={value} />}
    </div>
  )
}

function SessionFacts({ answer }: { readonly answer: SessionAnswer }): JSX.Element {
  const { session, now, ephemerals, watches, watchCount } = answer
  const { connection } = session
  return (
    <>
      <dl class="figures">
        <Figure name="Client" value={session.address ?? '—'} />
        <Figure name="Time-out" value={session.timeoutMs > 0 ? span(session.timeoutMs) : '—'} />
        <div>
          <dt>Expires</dt>
          <dd>
            <Expiry session={session} now={now} />
          </dd>
        </div>
        {connection !== null && (
          <>
            <Figure name="Connected" value={ago(connection.establishedAt, now)} />
            <Figure name="Requests" value={count(connection.received)} />
            <Figure name="Under way" value={count(connection.outstanding)} />
            <Figure name="Slowest answer" value={`${Math.round(connection.maxLatencyMs)} ms`} />
          </>
        )}
      </dl>
      <Paths
        heading="Ephemeral znodes"
        paths={ephemerals}
        total={session.ephemerals}
        none="It has none: nothing goes with it."
      />
      <Paths heading="Watches" paths={watches} total={watchCount} none="It watches nothing on this server." />
    </>
  )
}

const Figure = ({ name, value }: { readonly name: string; readonly value: string }): JSX.Element => (
  <div>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </div>
)

interface PathsProperties {
  readonly heading: string
  readonly paths: readonly string[]
  readonly total: number
  readonly none: string
}

function Paths({ heading, paths, total, none }: PathsProperties): JSX.Element {
  return (
    <section>
      <h3>
        {heading} <span class="muted">{count(total)}</span>
      </h3>
      {total === 0 && <p class="muted">{none}</p>}
      <ul class="hits">
        {paths.map((path) => (
          <li key={path}>
            <a href={znodeAddress(path)}>
              <bdi>{path}</bdi>
            </a>
          </li>
        ))}
      </ul>
      {paths.length < total && <p class="note">and {count(total - paths.length)} more, or which you may not see</p>}
    </section>
  )
}
