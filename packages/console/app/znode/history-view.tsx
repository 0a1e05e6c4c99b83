import type { JSX } from 'preact'
import type { Data } from '../api/types.ts'
import { time } from '../shell/format.ts'
import { formatRoute } from '../shell/route.ts'
import { ServerOnly } from '../shell/server-only.tsx'
import { useAnswer } from '../shell/use-answer.ts'
import { DiffView } from './diff-view.tsx'

/** A transaction that changed a znode. */
interface Entry {
  readonly zxid: string
  readonly time: number
  readonly session: string
  readonly operation: string
  readonly version: number | null
  /** Null where the operation has none, and where it is withheld. */
  readonly value: Data | null
  /** The ACL of that moment keeps the data from who asks. */
  readonly withheld: boolean
}

interface HistoryAnswer {
  /** The newest first. */
  readonly entries: readonly Entry[]
  /** Whether the logs that are kept were read as far back as they go. */
  readonly complete: boolean
  /** The first transaction that was looked at. */
  readonly from: string | null
}

/** What became of a znode, from the transaction log. */
export function HistoryView({ path, revision }: { readonly path: string; readonly revision: string }): JSX.Element {
  const { value, problem } = useAnswer<HistoryAnswer>('api/v1/server/history', { query: { path }, revision })
  if (problem !== null) return <ServerOnly problem={problem} what="The history of a znode" />
  if (value === null) return <p class="muted">Reading the log …</p>
  const { entries, complete, from } = value
  return (
    <>
      <ol class="timeline">
        {entries.map((entry, at) => (
          <HistoryEntry
            key={`${entry.zxid} ${at}`}
            entry={entry}
            before={entries.slice(at + 1).find(hasValue) ?? null}
          />
        ))}
      </ol>
      {entries.length === 0 && <p class="empty">The logs that were looked at have nothing about it.</p>}
      <p class="note">
        {complete ? 'Everything that the kept logs have' : 'The newest part of the logs'}
        {from !== null && `, from ${from} on`}. What is older is only in snapshots and backups.
      </p>
    </>
  )
}

const hasValue = ({ value }: Entry): boolean => value !== null

function HistoryEntry({ entry, before }: { readonly entry: Entry; readonly before: Entry | null }): JSX.Element {
  const { zxid, time: ms, session, operation, version, value, withheld } = entry
  const text = textOf(value)
  return (
    <li>
      <p>
        <b>{operation}</b>
        {version !== null && version >= 0 && <span class="fact">version {version}</span>}
        <span class="muted">{time(ms)}</span>
        <code class="muted">{zxid}</code>
        <a class="muted" href={formatRoute('sessions', { session })}>
          session {session}
        </a>
      </p>
      {withheld && <p class="note">The ACL of that moment keeps its data from you.</p>}
      {text !== null && operation !== 'delete' && (
        <details open={text.length < 400}>
          <summary>Data</summary>
          {before === null || operation === 'create' ? (
            <pre class="code">{text === '' ? '(empty)' : text}</pre>
          ) : (
            <DiffView before={textOf(before.value) ?? ''} after={text} />
          )}
        </details>
      )}
    </li>
  )
}

function textOf(value: Data | null): string | null {
  if (value === null) return null
  return value.encoding === 'utf8' ? (value.data ?? '') : `base64: ${value.data}`
}
