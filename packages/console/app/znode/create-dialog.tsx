import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { messageOf } from '../api/http.ts'
import { join, pathProblem } from '../api/paths.ts'
import { createZnode } from '../api/znodes.ts'
import { closeDialog } from '../shell/dialogs.ts'
import { FormEnd } from '../shell/form-end.tsx'
import { Modal } from '../shell/modal.tsx'
import { go } from '../shell/route.ts'
import { toast } from '../shell/toasts.tsx'

/** Without those that end with a session: the console has none that would last. */
const MODES = {
  persistent: 'Persistent',
  'persistent-sequential': 'Persistent, with a number',
  container: 'Container: goes with its last child',
  'persistent-ttl': 'With a time to live',
  'persistent-sequential-ttl': 'With a number and a time to live',
} as const
type Mode = keyof typeof MODES

const LONGEST_NAME = 4096
const LONGEST_DATA = 1_048_000
const MS_PER_S = 1000

export function CreateDialog({ parent }: { readonly parent: string }): JSX.Element {
  const [name, setName] = useState('')
  const [data, setData] = useState('')
  const [mode, setMode] = useState<Mode>('persistent')
  const [ttlS, setTtlS] = useState(3600)
  const [problem, setProblem] = useState<string | null>(null)
  const path = join(parent, name)
  const wrong = name === '' ? null : pathProblem(path)
  const numbered = mode.includes('sequential')

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const ttl = mode.endsWith('ttl') ? { ttlMs: ttlS * MS_PER_S } : {}
    try {
      const created = await createZnode({ path, data, encoding: 'utf8', mode, parents: name.includes('/'), ...ttl })
      toast(`Created ${created.path}.`)
      closeDialog()
      go('tree', { path: created.path })
    } catch (error) {
      setProblem(messageOf(error))
    }
  }

  return (
    <Modal title="Create a child">
      <form onSubmit={submit}>
        <p class="muted breaks">
          Below <code>{parent}</code>
        </p>
        <label class="field">
          Name{numbered && ' (a number is added; it may be left out)'}
          <input
            name="name"
            autocomplete="off"
            spellcheck={false}
            required={!numbered}
            maxLength={LONGEST_NAME}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          Kind
          <select name="mode" value={mode} onChange={(event) => setMode(event.currentTarget.value as Mode)}>
            {Object.entries(MODES).map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </label>
        {mode.endsWith('ttl') && (
          <label class="field">
            Time to live, in seconds
            <input
              name="ttl"
              type="number"
              min={1}
              max={1_000_000_000}
              value={ttlS}
              onInput={(event) => setTtlS(event.currentTarget.valueAsNumber)}
            />
          </label>
        )}
        <label class="field">
          Data
          <textarea
            class="code"
            name="data"
            rows={6}
            spellcheck={false}
            maxLength={LONGEST_DATA}
            value={data}
            onInput={(event) => setData(event.currentTarget.value)}
          />
        </label>
        <FormEnd problem={problem ?? wrong} onCancel={closeDialog}>
          <button type="submit" class="primary" disabled={wrong !== null || (name === '' && !numbered)}>
            Create
          </button>
        </FormEnd>
      </form>
    </Modal>
  )
}
