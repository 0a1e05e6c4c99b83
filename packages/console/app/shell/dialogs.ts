import { signal } from '@preact/signals'
import type { Znode } from '../api/types.ts'

/** What is asked of the person, over everything else. */
export type Dialog =
  | { readonly kind: 'sign-in' }
  | { readonly kind: 'shortcuts' }
  | { readonly kind: 'create'; readonly parent: string }
  | { readonly kind: 'delete'; readonly znode: Pick<Znode, 'path' | 'stat'> }

export const dialog = signal<Dialog | null>(null)

export const closeDialog = (): void => {
  dialog.value = null
}
