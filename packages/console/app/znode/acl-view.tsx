import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { account } from '../api/account.ts'
import { messageOf } from '../api/http.ts'
import { mayWrite } from '../api/status.ts'
import type { AclEntry } from '../api/types.ts'
import { writeAcl } from '../api/znodes.ts'
import { FormEnd } from '../shell/form-end.tsx'
import { toast } from '../shell/toasts.tsx'
import { formatAcl, parseAcl } from './acl-text.ts'
import { mayDo, PERMISSION_NAMES, type Permission } from './permissions.ts'

interface Properties {
  readonly path: string
  readonly acl: readonly AclEntry[] | null
  readonly version: number
  readonly refresh: () => void
}

const PERMISSIONS = Object.keys(PERMISSION_NAMES) as Permission[]

/** Who may do what. */
export function AclView({ path, acl, version, refresh }: Properties): JSX.Element {
  const [editing, setEditing] = useState(false)
  if (acl === null) return <p class="empty">The ACL of this znode does not let you read it.</p>
  const allowed = mayWrite() && mayDo('a', acl, account.value?.identities ?? [])
  if (editing) {
    const done = (): void => {
      setEditing(false)
      refresh()
    }
    return <AclEditor path={path} acl={acl} version={version} done={done} />
  }
  return (
    <>
      <table class="facts-table">
        <thead>
          <tr>
            <th scope="col">Scheme</th>
            <th scope="col">Id</th>
            <th scope="col">May</th>
          </tr>
        </thead>
        <tbody>
          {acl.map(({ scheme, id, perms }) => (
            <tr key={`${scheme}:${id}`}>
              <td>
                <code>{scheme}</code>
              </td>
              <td class="breaks">
                <code>{id}</code>
              </td>
              <td>
                {PERMISSIONS.filter((perm) => perms.includes(perm))
                  .map((perm) => PERMISSION_NAMES[perm])
                  .join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" disabled={!allowed} onClick={() => setEditing(true)}>
        Change the ACL
      </button>
      {!mayWrite() && <p class="note">Sign in to change something.</p>}
    </>
  )
}

function AclEditor({
  path,
  acl,
  version,
  done,
}: Omit<Properties, 'refresh' | 'acl'> & { acl: readonly AclEntry[]; done: () => void }): JSX.Element {
  const [text, setText] = useState(() => formatAcl(acl))
  const [problem, setProblem] = useState<string | null>(null)
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const parsed = parseAcl(text)
    if (typeof parsed === 'string') return setProblem(parsed)
    try {
      await writeAcl(path, parsed, version)
      toast('The ACL is changed.')
      done()
    } catch (error) {
      setProblem(messageOf(error))
    }
  }
  return (
    <form class="editor" onSubmit={submit}>
      <label class="field">
        One entry a line: scheme:id:permissions, which are of c d r w a
        <textarea
          class="code"
          rows={6}
          spellcheck={false}
          maxLength={100_000}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <FormEnd problem={problem} onCancel={done}>
        <button type="submit" class="primary">
          Set the ACL (version {version})
        </button>
      </FormEnd>
    </form>
  )
}
