import type { JSX } from 'preact'
import type { Stat } from '../api/types.ts'
import { ago, bytes, count, span, time } from '../shell/format.ts'
import { formatRoute } from '../shell/route.ts'
import { kindOf, ttlMs } from './node-kind.ts'

/** The stat, each field with what it says. */
export function StatView({ stat }: { readonly stat: Stat }): JSX.Element {
  const nowMs = Date.now()
  const kind = kindOf(stat)
  const when = (ms: number): string => `${time(ms)} (${ago(ms, nowMs)})`
  const rows: readonly (readonly [name: string, value: string | JSX.Element, meaning: string])[] = [
    ['czxid', stat.czxid, 'transaction that created it'],
    ['mzxid', stat.mzxid, 'transaction that last changed its data'],
    ['pzxid', stat.pzxid, 'transaction that last changed its children'],
    ['ctime', when(stat.ctime), 'created'],
    ['mtime', when(stat.mtime), 'data last changed'],
    ['version', count(stat.version), 'changes of its data'],
    ['cversion', count(stat.cversion), 'changes of its children'],
    ['aversion', count(stat.aversion), 'changes of its ACL'],
    [
      'ephemeralOwner',
      kind === 'ephemeral' ? (
        <a href={formatRoute('sessions', { session: stat.ephemeralOwner })}>{stat.ephemeralOwner}</a>
      ) : (
        stat.ephemeralOwner
      ),
      OWNER[kind](stat),
    ],
    ['dataLength', bytes(stat.dataLength), 'size of its data'],
    ['numChildren', count(stat.numChildren), 'children'],
  ]
  return (
    <table class="facts-table">
      <thead class="unseen">
        <tr>
          <th scope="col">Field</th>
          <th scope="col">Value</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, value, meaning]) => (
          <tr key={name}>
            <th scope="row">
              <code>{name}</code>
            </th>
            <td>{value}</td>
            <td class="muted">{meaning}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const OWNER = {
  persistent: () => 'no session: it stays until it is deleted',
  ephemeral: () => 'session that it ends with',
  container: () => 'a container: deleted when its last child is',
  TTL: (stat: Stat) => `deleted after ${span(ttlMs(stat))} without change and children`,
} as const
