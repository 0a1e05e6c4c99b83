import type { JSX } from 'preact'
import { useRef, useState } from 'preact/hooks'
import { ApiError, messageOf } from '../api/http.ts'
import type { Znode } from '../api/types.ts'
import { writeData } from '../api/znodes.ts'
import { FormEnd } from '../shell/form-end.tsx'
import { bytes as size } from '../shell/format.ts'
import { toast } from '../shell/toasts.tsx'
import { bytesOf } from './bytes-of.ts'
import { DiffView } from './diff-view.tsx'
import { commonForm, dataOf, formOf, textOf } from './edited-text.ts'

/** What servers take by default (jute.maxbuffer), less the rest of a request. */
const MOST_BYTES = 1_048_000

interface Properties {
  /** As it was when the edit began: what is written is written over this, or not at all. */
  readonly znode: Znode
  /** As it is now. */
  readonly current: Znode | null
  readonly done: () => void
}

/** Changes the data of a znode: write, see what would change, apply it if nobody else has been faster. */
export function Editor({ znode, current, done }: Properties): JSX.Element {
  const [base, setBase] = useState(znode)
  const [form, setForm] = useState(() => formOf(znode))
  const [text, setText] = useState(() => textOf(znode, form))
  const [reviewing, setReviewing] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const review = useRef<HTMLButtonElement>(null)
  const outdated = current !== null && current.stat.version !== base.stat.version

  const data = dataOf(text, form)
  const tooLong = data !== null && bytesOf(data).length > MOST_BYTES
  const wrong = data === null ? 'Not hex: two digits a byte.' : tooLong ? `More than ${size(MOST_BYTES)}.` : null

  const apply = async (): Promise<void> => {
    if (data === null) return
    try {
      const { stat } = await writeData(znode.path, data, base.stat.version)
      toast(`Changed: version ${stat.version}.`)
      done()
    } catch (error) {
      const faster = error instanceof ApiError && error.code === 'BadVersion'
      setProblem(faster ? 'Somebody else has changed it since: nothing was written.' : messageOf(error))
    }
  }
  const rebase = (): void => {
    if (current === null || data === null) return
    const next = commonForm(form, formOf(current))
    setBase(current)
    setForm(next)
    setText(textOf(data, next))
    setProblem(null)
    setReviewing(true)
  }
  const takeTheirs = (theirs: Znode): void => {
    setBase(theirs)
    setForm(formOf(theirs))
    setText(textOf(theirs, formOf(theirs)))
    setProblem(null)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && text === textOf(base, form)) done()
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) review.current?.click()
  }

  return (
    <section class="editor" aria-label="Edit" onKeyDown={onKeyDown}>
      {outdated && (
        <div class="warning" role="alert">
          <p>
            It has changed while you edit: version {base.stat.version} is now {current.stat.version}.
          </p>
          <button type="button" onClick={rebase}>
            Compare mine with version {current.stat.version}
          </button>
          <button type="button" onClick={() => takeTheirs(current)}>
            Take theirs
          </button>
        </div>
      )}
      {reviewing ? (
        <DiffView before={textOf(base, form)} after={text} />
      ) : (
        <label class="field grows">
          {form === 'hex' ? 'Data in hex' : 'Data'}
          <textarea
            ref={focus}
            class="code"
            spellcheck={false}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
      )}
      <FormEnd problem={problem ?? wrong} onCancel={done}>
        {reviewing && (
          <button type="button" onClick={() => setReviewing(false)}>
            Edit further
          </button>
        )}
        {reviewing ? (
          <button
            type="button"
            class="primary"
            disabled={wrong !== null || text === textOf(base, form)}
            onClick={apply}
          >
            Apply over version {base.stat.version}
          </button>
        ) : (
          <button
            ref={review}
            type="button"
            class="primary"
            title="Ctrl+Enter"
            disabled={wrong !== null}
            onClick={() => setReviewing(true)}
          >
            Review the change
          </button>
        )}
      </FormEnd>
    </section>
  )
}

/** Who has come by the keyboard writes at once: browsers heed `autofocus` only where nothing has the focus. */
const focus = (field: HTMLTextAreaElement | null): void => field?.focus()
