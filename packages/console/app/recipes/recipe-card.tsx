import type { JSX } from 'preact'
import { nameOf } from '../api/paths.ts'
import { formatRoute, znodeAddress } from '../shell/route.ts'
import type { Participant, Recipe } from './types.ts'

interface Words {
  readonly title: string
  readonly first: string
  readonly others: string
}

const WORDS: Readonly<Record<string, Words>> = {
  lock: { title: 'Lock', first: 'Holder', others: 'Waiting' },
  rwlock: { title: 'Read-write lock', first: 'Holder', others: 'Queue' },
  election: { title: 'Election', first: 'Leader', others: 'Candidates' },
  group: { title: 'Group', first: 'Holder', others: 'Members' },
  service: { title: 'Service', first: 'Holder', others: 'Instances' },
  queue: { title: 'Queue', first: 'Next', others: 'Entries' },
  barrier: { title: 'Barrier', first: 'Holder', others: 'Waiting' },
  semaphore: { title: 'Semaphore', first: 'Holder', others: 'Queue' },
}

/** Who holds something, who is next, and with which fence. */
export function RecipeCard({ recipe }: { readonly recipe: Recipe }): JSX.Element {
  const { kind, layout, path, fencingToken, queue, holding, total } = recipe
  const words = WORDS[kind] ?? { title: kind, first: 'Holder', others: 'Others' }
  const everybody = kind === 'group' || kind === 'service'
  const holders = everybody ? [] : queue.slice(0, holding)
  const others = queue.slice(holders.length)
  return (
    <section class={`card recipe ${kind}`} aria-label={`${words.title} ${path}`}>
      <header>
        <h2>
          <span class="badge kind" title={`As ${layout} lays it out`}>
            {words.title}
          </span>
          <a href={znodeAddress(path)}>
            <bdi>{path}</bdi>
          </a>
        </h2>
        {fencingToken !== undefined && (
          <span class="fence" title="Grows from holder to holder: who shows an older one is late">
            fence <code>{fencingToken}</code>
          </span>
        )}
      </header>
      {holders.length > 0 && (
        <div class="holder">
          <h3>{holders.length === 1 ? words.first : `${words.first}s`}</h3>
          {holders.map((participant) => (
            <Member key={participant.node} participant={participant} />
          ))}
        </div>
      )}
      {others.length > 0 && (
        <div class="others">
          <h3>
            {words.others} <span class="muted">{total - holders.length}</span>
          </h3>
          <ol>
            {others.map((participant) => (
              <li key={participant.node}>
                <Member participant={participant} />
              </li>
            ))}
          </ol>
          {total > queue.length && <p class="note">and {total - queue.length} more</p>}
        </div>
      )}
      {total === 0 && <p class="muted">Nobody is there.</p>}
    </section>
  )
}

const MOST_SAID = 120

/** Somebody who takes part: what it says of itself, its znode, and the session that it ends with. */
function Member({
  participant: { node, owner, data, encoding, unreadable },
}: {
  readonly participant: Participant
}): JSX.Element {
  const says = encoding === 'utf8' && data !== null && data.length <= MOST_SAID ? data : ''
  return (
    <span class="member">
      {says !== '' && <bdi class="says">{says}</bdi>}
      <a href={znodeAddress(node)}>
        <bdi>{nameOf(node)}</bdi>
      </a>
      {unreadable && <span class="muted">not for you to read</span>}
      {owner !== '0x0' && (
        <a class="muted" href={formatRoute('sessions', { session: owner })}>
          session {owner}
        </a>
      )}
    </span>
  )
}
