import type { JSX } from 'preact'
import { status } from '../api/status.ts'

/** Marks the session by which this console itself is connected. */
export function OwnBadge({ session }: { readonly session: string }): JSX.Element | null {
  return status.value?.session === session ? <span class="badge">this console</span> : null
}
