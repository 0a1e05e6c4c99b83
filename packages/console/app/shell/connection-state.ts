import type { Status } from '../api/types.ts'

/** How the console stands with what it shows, in a word or two. */
export interface ConnectionState {
  readonly look: 'good' | 'waiting' | 'bad'
  readonly text: string
}

/**
 * @param problem why the gateway does not answer; null: it does
 * @param known what it said last of its own connection to the servers
 * @param live how the stream of changes does
 */
export function connectionState(
  problem: string | null,
  known: Pick<Status, 'state' | 'servers'> | null,
  live: 'connecting' | 'live' | 'lost',
): ConnectionState {
  if (problem !== null) return { look: 'bad', text: problem }
  if (known === null) return { look: 'waiting', text: 'Connecting' }
  const servers = [known.servers].flat().join(', ')
  if (known.state !== 'connected' && known.state !== 'read-only') {
    return { look: 'bad', text: `No server of ${servers} answers: what is shown may be old` }
  }
  return live === 'lost' ? { look: 'waiting', text: 'Reconnecting' } : { look: 'good', text: servers }
}
