import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { closeDialog, dialog } from './dialogs.ts'

interface Properties {
  readonly title: string
  readonly wide?: boolean
  readonly children: ComponentChildren
}

/** A dialog of the browser's own: it keeps the focus, ends with Escape, and gives the focus back. */
export function Modal({ title, wide = false, children }: Properties): JSX.Element {
  const element = useRef<HTMLDialogElement>(null)
  const heading = useId()
  const own = useRef(dialog.peek())
  // The browser tells late that it is closed: another one may be open by then.
  const closed = (): void => {
    if (dialog.peek() === own.current) closeDialog()
  }
  useEffect(() => {
    const opened = element.current
    opened?.showModal()
    return () => opened?.close()
  }, [])
  return (
    <dialog ref={element} class={wide ? 'modal wide' : 'modal'} aria-labelledby={heading} onClose={closed}>
      <h2 id={heading}>{title}</h2>
      {children}
      {/* The last, so that a dialog begins at what it asks for. */}
      <button type="button" class="quiet close" aria-label="Close" onClick={closeDialog}>
        ✕
      </button>
    </dialog>
  )
}
