import type { JSX } from 'preact'
import { join, nameOf } from '../api/paths.ts'
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

const MOST_SHOWN = 100

/** Who holds something, who is next, and with which fence. */
export function RecipeCard({ recipe }: { readonly recipe: Recipe }): JSX.Element {
  const { kind, path, fencingToken, queue = [] } = recipe
  const words = WORDS[kind] ?? { title: kind, first: 'Holder', others: 'Others' }
  const holder = holderOf(recipe)
  const others = queue.filter(({ node }) => holder === null || nameOf(node) !== nameOf(holder.node))
  return (
    <section class={`card recipe ${kind}`} aria-label={`${words.title} ${path}`}>
      <header>
        <h3>
          <span class="badge kind">{words.title}</span>
          <a href={znodeAddress(path)}>
            <bdi>{path}</bdi>
          </a>
        </h3>
        {fencingToken != null && (
          <span class="fence" title="Grows from holder to holder: who shows an older one is late">
            fence <code>{String(fencingToken)}</code>
          </span>
        )}
      </header>
      {holder !== null && (
        <div class="holder">
          <h4>{words.first}</h4>
          <Member path={path} participant={holder} />
        </div>
      )}
      {others.length > 0 && (
        <div class="others">
          <h4>
            {words.others} <span class="muted">{others.length}</span>
          </h4>
          <ol>
            {others.slice(0, MOST_SHOWN).map((participant) => (
              <li key={participant.node}>
                <Member path={path} participant={participant} />
              </li>
            ))}
          </ol>
          {others.length > MOST_SHOWN && <p class="note">and {others.length - MOST_SHOWN} more</p>}
        </div>
      )}
      {holder === null && others.length === 0 && <p class="muted">Nobody is there.</p>}
    </section>
  )
}

function holderOf({ holder, queue = [] }: Recipe): Participant | null {
  if (holder == null) return null
  if (typeof holder !== 'string') return holder
  return queue.find(({ node }) => nameOf(node) === nameOf(holder)) ?? { node: holder }
}

/** Somebody who takes part: what it says of itself, its znode, and the session that it ends with. */
function Member({ path, participant }: { readonly path: string; readonly participant: Participant }): JSX.Element {
  const { node, owner, data } = participant
  return (
    <span class="member">
      {data != null && data !== '' && <bdi class="says">{data}</bdi>}
      <a href={znodeAddress(node.startsWith('/') ? node : join(path, node))}>
        <bdi>{nameOf(node)}</bdi>
      </a>
      {owner != null && owner !== '0x0' && (
        <a class="muted" href={formatRoute('sessions', { session: owner })}>
          session {owner}
        </a>
      )}
    </span>
  )
}
