import type { ComponentChildren } from 'preact'
import { Problem } from './problem.tsx'

/** What every form ends with: what is wrong, a way out, and what it is for. */
export function FormEnd({
  problem,
  onCancel,
  children,
}: {
  readonly problem: string | null
  readonly onCancel: () => void
  readonly children: ComponentChildren
}) {
  return (
    <>
      <Problem text={problem} />
      <footer>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
        {children}
      </footer>
    </>
  )
}
