import type { JSX } from 'preact'

/** Says what went wrong, to those who hear it, too. */
export function Problem({ text }: { readonly text: string | null }): JSX.Element | null {
  if (text === null) return null
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  )
}
