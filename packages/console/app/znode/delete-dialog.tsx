import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { messageOf } from '../api/http.ts'
import { nameOf, parentOf } from '../api/paths.ts'
import type { Stat } from '../api/types.ts'
import { deleteZnode } from '../api/znodes.ts'
import { closeDialog } from '../shell/dialogs.ts'
import { FormEnd } from '../shell/form-end.tsx'
import { count } from '../shell/format.ts'
import { Modal } from '../shell/modal.tsx'
import { go } from '../shell/route.ts'
import { toast } from '../shell/toasts.tsx'
import { type Visited, walk } from '../tree/walk.ts'
import { kindOf } from './node-kind.ts'

/** Whatever is below is looked at no further: it is a lot, which is what there is to say. */
const MOST_LOOKED_AT = 1000
const MOST_LISTED = 50

interface Below {
  readonly listed: readonly Visited[]
  readonly found: number
  readonly ephemerals: number
  /** Whether some of it may not be read. */
  readonly hidden: boolean
  readonly state: 'looking' | 'all' | 'more' | 'failed'
  /** Why it cannot be told. */
  readonly problem: string | null
}

const NOTHING: Below = { listed: [], found: 0, ephemerals: 0, hidden: false, state: 'looking', problem: null }

/** Deletes a znode, and says first what would go with it. */
export function DeleteDialog({ path, stat }: { readonly path: string; readonly stat: Stat }): JSX.Element {
  const below = useBelow(path, stat.numChildren > 0)
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const many = below.found > 0
  const isKnown = below.state === 'all' || below.state === 'more'
  const sure = isKnown && !below.hidden && (!many || typed === nameOf(path))

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    setBusy(true)
    try {
      await deleteZnode(path, many ? { recursive: true } : { version: stat.version })
      toast(`Deleted ${path}.`)
      closeDialog()
      go('tree', { path: parentOf(path) })
    } catch (error) {
      setProblem(messageOf(error))
      setBusy(false)
    }
  }

  return (
    <Modal title="Delete">
      <form onSubmit={submit}>
        <p class="breaks">
          <code>{path}</code>, version {stat.version}
        </p>
        <TakenAlong below={below} />
        {many && (
          <label class="field">
            <span>
              Write <code>{nameOf(path)}</code> to delete all of them
            </span>
            <input
              name="confirmation"
              autocomplete="off"
              spellcheck={false}
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </label>
        )}
        <FormEnd problem={problem ?? below.problem} onCancel={closeDialog}>
          <button type="submit" class="danger" disabled={!sure || busy}>
            {many ? 'Delete with all below' : 'Delete'}
          </button>
        </FormEnd>
      </form>
    </Modal>
  )
}

function TakenAlong({ below }: { readonly below: Below }): JSX.Element | null {
  const { listed, found, ephemerals, hidden, state } = below
  if (hidden)
    return <p class="warning">Some of what is below it is kept from you by its ACL: it cannot be deleted with it.</p>
  if (state === 'failed') return null
  if (state === 'looking' && found === 0) return <p class="muted">Looking at what is below …</p>
  if (found === 0) return <p class="muted">Nothing is below it.</p>
  return (
    <div class="warning">
      <p>
        With it {found === 1 ? 'goes' : 'go'}{' '}
        <b>
          {state === 'more' ? 'more than ' : ''}
          {count(found)}
        </b>{' '}
        {found === 1 ? 'znode' : 'znodes'} below it
        {ephemerals > 0 && `, ${count(ephemerals)} of them ephemeral: their sessions live, and may rely on them`}.
      </p>
      <ul class="taken" tabIndex={0} aria-label="What goes with it">
        {listed.map(({ path }) => (
          <li key={path}>
            <bdi>{path}</bdi>
          </li>
        ))}
        {found > listed.length && <li class="muted">and others</li>}
      </ul>
    </div>
  )
}

function useBelow(path: string, any: boolean): Below {
  const [below, setBelow] = useState<Below>(any ? NOTHING : { ...NOTHING, state: 'all' })
  useEffect(() => {
    if (!any) return
    const ended = new AbortController()
    const look = async (): Promise<void> => {
      const listed: Visited[] = []
      let found = 0
      let ephemerals = 0
      let hidden = false
      const show = (state: Below['state']): void =>
        setBelow({ listed, found, ephemerals, hidden, state, problem: null })
      const tellHidden = (): void => {
        hidden = true
      }
      for await (const visited of walk(path, ended.signal, tellHidden)) {
        if (found === MOST_LOOKED_AT) return show('more')
        found++
        if (visited.stat !== undefined && kindOf(visited.stat) === 'ephemeral') ephemerals++
        if (listed.length < MOST_LISTED) listed.push(visited)
        if (found % 100 === 0) show('looking')
      }
      show('all')
    }
    look().catch((error: unknown) => {
      if (!ended.signal.aborted) setBelow({ ...NOTHING, state: 'failed', problem: messageOf(error) })
    })
    return () => ended.abort()
  }, [path, any])
  return below
}
