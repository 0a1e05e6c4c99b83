import { signal } from '@preact/signals'
import type { JSX } from 'preact'

const STAYS_MS = 5000

interface Toast {
  readonly key: number
  readonly text: string
}

const toasts = signal<readonly Toast[]>([])
let last = 0

/** Says that something has been done. What went wrong is said where it was tried. */
export function toast(text: string): void {
  const key = ++last
  toasts.value = [...toasts.value, { key, text }]
  setTimeout(() => {
    toasts.value = toasts.value.filter((other) => other.key !== key)
  }, STAYS_MS)
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ key, text }) => (
        <p class="toast" key={key}>
          {text}
        </p>
      ))}
    </div>
  )
}
