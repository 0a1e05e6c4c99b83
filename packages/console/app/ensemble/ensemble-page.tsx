import type { JSX } from 'preact'
import { status } from '../api/status.ts'
import { count } from '../shell/format.ts'
import { ServerOnly } from '../shell/server-only.tsx'
import { Stale } from '../shell/stale.tsx'
import { useAnswer } from '../shell/use-answer.ts'
import { RoleTimeline } from './role-timeline.tsx'
import {
  type ElectionsAnswer,
  type EnsembleAnswer,
  type Figures,
  lagOf,
  leaderRoles,
  type Member,
  zxidParts,
} from './types.ts'

const AGAIN_MS = 2000

/** Who is there, who leads, and how far each has come. */
export function EnsemblePage(): JSX.Element {
  const answer = useAnswer<EnsembleAnswer>('api/v1/ensemble', { everyMs: AGAIN_MS })
  const { value, problem } = answer
  // Only our own servers tell of them.
  const { value: elections, problem: untold } = useAnswer<ElectionsAnswer>('api/v1/server/elections', {
    everyMs: AGAIN_MS,
  })
  if (value === null) {
    return problem === null ? (
      <p class="muted">Asking …</p>
    ) : (
      <ServerOnly problem={problem} what="Who is in the ensemble" />
    )
  }
  const { members } = value
  return (
    <div class="sheet">
      <Stale answer={answer} />
      <p class="note" role="status">
        {headline(members)}
      </p>
      <div class="cards members">
        {members.map((member) => (
          <MemberCard key={`${member.sid} ${member.address}`} member={member} members={members} />
        ))}
      </div>
      {elections !== null && (
        <RoleTimeline title="Elections, as this server saw them" changes={elections.changes} now={elections.now} />
      )}
      {untold?.status === 404 && value.leaders.length > 0 && (
        <RoleTimeline
          title="Leaders, as they were found while somebody looked"
          changes={leaderRoles(value.leaders)}
          now={value.now}
        />
      )}
    </div>
  )
}

function headline(members: readonly Member[]): string {
  const up = members.filter(({ figures }) => figures !== null)
  const leader = members.find(({ figures }) => figures?.mode === 'leader')
  if (members.length === 1 && members[0]?.figures?.mode === 'standalone') return 'One server, which stands alone.'
  const answer = `${up.length} of ${members.length} answer`
  return leader === undefined
    ? `No leader: ${answer}, and nothing can be written.`
    : `${nameOf(leader)} leads; ${answer}.`
}

const nameOf = ({ sid, address }: Member): string => (sid === null ? address : `Server ${sid}`)

/** What a server says that has no leader (NOT_SERVING of AbstractFourLetterCommand). */
const NOT_SERVING = /not currently serving/

/** Whether the console comes from a server, not from a gateway before several. */
const isInServer = (): boolean => status.value?.adminUrl != null

function MemberCard({
  member,
  members,
}: {
  readonly member: Member
  readonly members: readonly Member[]
}): JSX.Element {
  const { figures, self, voting, problem, address } = member
  const mode = figures?.mode ?? (problem !== null && NOT_SERVING.test(problem) ? 'not serving' : 'unreachable')
  const look = figures === null ? 'unreachable' : mode
  return (
    <section class={`card member ${look}`} aria-label={nameOf(member)}>
      <header>
        <h2>{nameOf(member)}</h2>
        <span class={`badge role ${look}`}>{mode}</span>
        {self && <span class="badge">{isInServer() ? 'this one' : 'connected to'}</span>}
        {voting === false && <span class="badge">no vote</span>}
      </header>
      {nameOf(member) !== address && <p class="muted breaks">{address}</p>}
      {figures === null ? (
        <p class="problem">{problem ?? 'It does not answer.'}</p>
      ) : (
        <MemberFigures figures={figures} lag={lagOf(member, members)} />
      )}
    </section>
  )
}

function MemberFigures({ figures, lag }: { readonly figures: Figures; readonly lag: number | null }): JSX.Element {
  const { zxid, latency, connections, outstanding, nodes } = figures
  const { epoch, counter } = zxidParts(zxid)
  const rows: readonly (readonly [name: string, value: string])[] = [
    ['Zxid', `${zxid}`],
    ['Epoch, number', `${epoch}, ${count(counter)}`],
    ['Behind', lag === null ? 'in an older epoch' : lag === 0 ? 'nothing' : `${count(lag)} transactions`],
    ['Latency', `${latency.average.toFixed(1)} ms, at most ${count(latency.max)}`],
    ['Connections', count(connections)],
    ['Under way', count(outstanding)],
    ['Znodes', count(nodes)],
  ]
  return (
    <dl class="pairs">
      {rows.map(([name, value]) => (
        <div key={name} class={name === 'Behind' && lag !== 0 ? 'late' : undefined}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
