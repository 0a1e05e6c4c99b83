import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { count } from '../shell/format.ts'
import { formatRoute, znodeAddress } from '../shell/route.ts'
import { ServerOnly } from '../shell/server-only.tsx'
import { Stale } from '../shell/stale.tsx'
import { useAnswer } from '../shell/use-answer.ts'

const AGAIN_MS = 3000

interface Entry {
  readonly time: string
  readonly session?: string
  readonly user?: string
  readonly ip?: string
  readonly operation: string
  readonly znode?: string
  readonly znode_type?: string
  readonly acl?: string
  readonly result: string
}

interface AuditAnswer {
  readonly enabled: boolean
  /** Whether it goes to a file of its own, of which the end can be shown. */
  readonly file: boolean
  /** The newest first. */
  readonly entries: readonly Entry[]
}

/** Who changed what: the end of the audit log. */
export function AuditPage(): JSX.Element {
  const [text, setText] = useState('')
  const answer = useAnswer<AuditAnswer>('api/v1/server/audit', { everyMs: AGAIN_MS })
  const { value, problem } = answer
  if (problem !== null && value === null) return <ServerOnly problem={problem} what="The audit trail" />
  if (value === null) return <p class="muted">Reading …</p>
  if (!value.enabled || !value.file) {
    return (
      <div class="empty">
        <p>{value.enabled ? 'The audit trail goes to the log of the server.' : 'This server keeps no audit trail.'}</p>
        <p>
          For it to be shown here, set <code>audit.enable=true</code> and <code>audit.file</code>.
        </p>
      </div>
    )
  }
  const needle = text.toLowerCase()
  const entries = value.entries.filter((entry) => needle === '' || JSON.stringify(entry).toLowerCase().includes(needle))
  return (
    <div class="sheet wide">
      <Stale answer={answer} />
      <form class="bar" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="field">
          Only those with
          <input
            type="search"
            name="filter"
            maxLength={1000}
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
      </form>
      <p class="note" role="status">
        {count(entries.length)} of the newest {count(value.entries.length)}
      </p>
      <div class="scrolls" tabIndex={0} role="region" aria-label="Audit trail">
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Operation</th>
              <th scope="col">Znode</th>
              <th scope="col">User</th>
              <th scope="col">From</th>
              <th scope="col">Session</th>
              <th scope="col">Result</th>
            </tr>
          </thead>
          <tbody>
            {entries.map((entry, at) => (
              <tr key={`${entry.time} ${at}`}>
                <td class="keeps">{entry.time}</td>
                <td>
                  {entry.operation}
                  {entry.znode_type !== undefined && <span class="muted"> {entry.znode_type}</span>}
                  {entry.acl !== undefined && <span class="muted breaks"> {entry.acl}</span>}
                </td>
                <td class="breaks">
                  {entry.znode !== undefined && (
                    <a href={znodeAddress(entry.znode)}>
                      <bdi>{entry.znode}</bdi>
                    </a>
                  )}
                </td>
                <td class="breaks">{entry.user ?? ''}</td>
                <td>{entry.ip ?? ''}</td>
                <td>
                  {entry.session !== undefined && (
                    <a href={formatRoute('sessions', { session: entry.session })}>{entry.session}</a>
                  )}
                </td>
                <td>
                  <span class={entry.result === 'failure' ? 'badge bad' : 'badge'}>{entry.result}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}
