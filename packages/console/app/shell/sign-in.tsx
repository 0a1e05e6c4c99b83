import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { account, basicAuthorization } from '../api/account.ts'
import { call, messageOf } from '../api/http.ts'
import { refreshStatus } from '../api/status.ts'
import type { Identity } from '../api/types.ts'
import { tree } from '../tree/live-tree.ts'
import { closeDialog } from './dialogs.ts'
import { FormEnd } from './form-end.tsx'
import { Modal } from './modal.tsx'
import { toast } from './toasts.tsx'

/** Longer ones are refused by servers, and would be no help. */
const LONGEST = 512

export function SignIn(): JSX.Element {
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (user.includes(':')) return setProblem('The name of a user has no colon.')
    setBusy(true)
    const authorization = basicAuthorization(user, password)
    try {
      const { identities } = await call<{ identities: Identity[] }>('GET', 'api/v1/whoami', { authorization })
      changeAccount({ user, authorization, identities })
      toast(`Signed in as ${user}.`)
      closeDialog()
    } catch (error) {
      setProblem(messageOf(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Modal title="Sign in">
      <form onSubmit={submit}>
        <p class="muted">
          A user and password make a <code>digest</code> identity of ZooKeeper: what you may do is what the ACL of each
          znode grants it. They stay in this page's memory, and are forgotten when it is closed.
        </p>
        <label class="field">
          User
          <input
            name="user"
            autocomplete="username"
            required
            maxLength={LONGEST}
            value={user}
            onInput={(event) => setUser(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          Password
          <input
            name="password"
            type="password"
            autocomplete="current-password"
            maxLength={LONGEST}
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
        <FormEnd problem={problem} onCancel={closeDialog}>
          <button type="submit" class="primary" disabled={busy || user === ''}>
            Sign in
          </button>
        </FormEnd>
      </form>
    </Modal>
  )
}

export function signOut(): void {
  changeAccount(null)
  toast('Signed out: the console only reads now.')
}

/** What one may see depends on who one is: everything is asked for anew. */
function changeAccount(next: typeof account.value): void {
  account.value = next
  void tree.restart()
  void refreshStatus()
}
