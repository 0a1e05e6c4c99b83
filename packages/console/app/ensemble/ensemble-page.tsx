import type { JSX } from 'preact'
import { count } from '../shell/format.ts'
import { ServerOnly } from '../shell/server-only.tsx'
import { useAnswer } from '../shell/use-answer.ts'
import { RoleTimeline } from './role-timeline.tsx'
import { type ElectionsAnswer, type EnsembleAnswer, type Figures, lagOf, type Member, zxidParts } from './types.ts'

const AGAIN_MS = 2000

/** Who is there, who leads, and how far each has come. */
export function EnsemblePage(): JSX.Element {
  const { value, problem } = useAnswer<EnsembleAnswer>('api/v1/ensemble', { everyMs: AGAIN_MS })
  // Only our own servers tell of them.
  const { value: elections } = useAnswer<ElectionsAnswer>('api/v1/server/elections', { everyMs: AGAIN_MS })
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
      <p class="note" role="status">
        {headline(members)}
      </p>
      <div class="cards members">
        {members.map((member) => (
          <MemberCard key={`${member.sid} ${member.address}`} member={member} members={members} />
        ))}
      </div>
      {elections !== null && <RoleTimeline changes={elections.changes} now={elections.now} />}
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

function MemberCard({
  member,
  members,
}: {
  readonly member: Member
  readonly members: readonly Member[]
}): JSX.Element {
  const { figures, self, voting, problem, address } = member
  const mode = figures?.mode ?? 'unreachable'
  return (
    <section class={`card member ${mode}`} aria-label={nameOf(member)}>
      <header>
        <h2>{nameOf(member)}</h2>
        <span class={`badge role ${mode}`}>{mode}</span>
        {self && <span class="badge">this one</span>}
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
