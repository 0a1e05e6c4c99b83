import type { JSX } from 'preact'
import { useMemo, useState } from 'preact/hooks'
import type { Data } from '../api/types.ts'
import { bytes as size } from '../shell/format.ts'
import { bytesOf, hexLines } from './bytes-of.ts'
import { jsonTokens, layOutJson } from './json-tokens.ts'

/** More is not laid out or coloured: it would be a page that nobody reads, and that takes long to make. */
const MOST_COLOURED = 200_000
const MOST_LINES = 4096
const FORMS = { json: 'JSON', text: 'Text', hex: 'Hex' } as const
type Form = keyof typeof FORMS

/** Data in the form that fits it best, or another one that was chosen. Nothing of it is ever taken for markup. */
export function ZnodeData(data: Data): JSX.Element {
  const [chosen, choose] = useState<Form | null>(null)
  const json = useMemo(() => jsonOf(data), [data.data, data.encoding])
  const forms = (Object.keys(FORMS) as Form[]).filter((form) => form !== 'json' || json !== null)
  const natural: Form = data.encoding === 'base64' ? 'hex' : json === null ? 'text' : 'json'
  const form = chosen !== null && forms.includes(chosen) ? chosen : natural
  if (data.data === null) return <p class="empty">No data: null, which is not the same as empty.</p>
  if (data.data === '') return <p class="empty">Empty data: 0 bytes.</p>
  return (
    <div class="data">
      <div class="segments" role="group" aria-label="Show data as">
        {forms.map((name) => (
          <button key={name} type="button" aria-pressed={name === form} onClick={() => choose(name)}>
            {FORMS[name]}
          </button>
        ))}
      </div>
      {form === 'hex' ? <Hex data={data} /> : form === 'json' ? <Json text={json ?? ''} /> : <Text data={data} />}
    </div>
  )
}

const jsonOf = ({ data, encoding }: Data): string | null =>
  data !== null && encoding === 'utf8' && data.length <= MOST_COLOURED ? layOutJson(data) : null

function Text({ data }: { readonly data: Data }): JSX.Element {
  const text = data.encoding === 'utf8' ? (data.data ?? '') : new TextDecoder().decode(bytesOf(data))
  return (
    <>
      {data.encoding === 'base64' && <p class="note">Not UTF-8: what cannot be shown is �.</p>}
      <pre class="code">{text}</pre>
    </>
  )
}

function Json({ text }: { readonly text: string }): JSX.Element {
  const tokens = useMemo(() => jsonTokens(text), [text])
  return (
    <pre class="code json">
      {tokens.map(({ kind, text }) => (kind === 'mark' ? text : <span class={kind}>{text}</span>))}
    </pre>
  )
}

function Hex({ data }: { readonly data: Data }): JSX.Element {
  const bytes = useMemo(() => bytesOf(data), [data.data, data.encoding])
  const lines = useMemo(() => hexLines(bytes, MOST_LINES), [bytes])
  return (
    <>
      <pre class="code hex" role="region" aria-label="Data in hex" tabIndex={0}>
        {lines.join('\n')}
      </pre>
      {bytes.length > MOST_LINES * 16 && (
        <p class="note">
          The first {size(MOST_LINES * 16)} of {size(bytes.length)}.
        </p>
      )}
    </>
  )
}
