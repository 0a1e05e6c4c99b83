import type { JSX } from 'preact'
import type { ApiError } from '../api/http.ts'
import { dialog } from './dialogs.ts'
import { sentence } from './format.ts'
import { Problem } from './problem.tsx'

/** What to say where something is told by a Vivarium server only, or only to those who may do everything. */
export function ServerOnly({ problem, what }: { readonly problem: ApiError; readonly what: string }): JSX.Element {
  if (problem.status === 404) {
    return (
      <p class="empty">
        {what} is told by Vivarium's own servers. This console stands before another server, or before several.
      </p>
    )
  }
  if (problem.status === 401) {
    return (
      <div class="empty">
        <p>{what} is for those who are granted everything on the znode /.</p>
        <button type="button" onClick={() => (dialog.value = { kind: 'sign-in' })}>
          Sign in
        </button>
      </div>
    )
  }
  if (problem.status === 403) {
    return (
      <p class="empty">
        {what}: {sentence(problem.message)}
      </p>
    )
  }
  return <Problem text={problem.message} />
}
