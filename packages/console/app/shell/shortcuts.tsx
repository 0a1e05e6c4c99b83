import type { JSX } from 'preact'
import { useLayoutEffect } from 'preact/hooks'
import { dialog } from './dialogs.ts'
import { Modal } from './modal.tsx'
import { go, route, VIEWS, type View } from './route.ts'
import { nextTheme } from './theme.ts'

/** What a page does for a key, while it is shown. */
const actions = new Map<string, () => void>()

/**
 * Keys that the part of the console which calls this takes: `useShortcuts({ e: edit })`. They do what is shown from the moment
 * that it is: after the next paint, a key would still mean a znode that had not been read.
 */
export function useShortcuts(own: Readonly<Record<string, () => void>>): void {
  useLayoutEffect(() => {
    for (const [key, action] of Object.entries(own)) actions.set(key, action)
    return () => {
      for (const [key, action] of Object.entries(own)) if (actions.get(key) === action) actions.delete(key)
    }
  })
}

const GO: Readonly<Record<string, View>> = {
  t: 'tree',
  f: 'search',
  r: 'recipes',
  s: 'sessions',
  e: 'ensemble',
  m: 'metrics',
  a: 'audit',
}

const SECOND_KEY_MS = 1500
let goingUntilMs = 0

/** Listens for the keys that work everywhere. */
export function followKeys(): void {
  addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
    if (document.querySelector('dialog[open]') !== null) return
    const target = event.target as HTMLElement
    // A field of a dialog that has just been closed has the keys until the next frame, though nobody writes there any more.
    const field = target.closest('input, textarea, select, [contenteditable]')
    if (field !== null && field.closest('dialog:not([open])') === null) return
    if (act(event.key, event.timeStamp)) event.preventDefault()
  })
}

function act(key: string, nowMs: number): boolean {
  const view = nowMs < goingUntilMs ? GO[key] : undefined
  goingUntilMs = 0
  if (view !== undefined) go(view, view === 'tree' ? pathOf() : {})
  else if (key === 'g') goingUntilMs = nowMs + SECOND_KEY_MS
  else if (key === '?') dialog.value = { kind: 'shortcuts' }
  else if (key === '/') go('search', pathOf('root'))
  else if (key === 't') nextTheme()
  else if (key === 'i') dialog.value = { kind: 'sign-in' }
  else if (actions.has(key)) actions.get(key)?.()
  else return false
  return true
}

/** The znode that is looked at, where there is one. */
function pathOf(name = 'path'): Record<string, string> {
  const { path } = route.value.parameters
  return path === undefined ? {} : { [name]: path }
}

const SHOWN: readonly (readonly [heading: string, keys: readonly (readonly [keys: string, text: string])[]])[] = [
  [
    'Everywhere',
    [
      ['?', 'This list'],
      ['/', 'Search below the znode that is shown'],
      ['t', 'Dark, light, or as the system'],
      ['i', 'Sign in'],
      ['Esc', 'Close a dialog; leave an editor'],
      ...VIEWS.map((view): [string, string] => [
        `g ${Object.entries(GO).find(([, to]) => to === view)?.[0]}`,
        `Go to ${view}`,
      ]),
    ],
  ],
  [
    'In the tree',
    [
      ['↑ ↓', 'Znode before, after'],
      ['→', 'Open; first child'],
      ['←', 'Close; parent'],
      ['Home End', 'First, last'],
      ['PgUp PgDn', 'A screen up, down'],
      ['Enter', 'Show the znode'],
      ['a – z', 'While the tree has the focus: Shift and a letter goes to the next name with it'],
    ],
  ],
  [
    'On a znode',
    [
      ['1 – 6', 'Data, stat, ACL …'],
      ['e', 'Edit'],
      ['c', 'Create a child'],
      ['d', 'Delete'],
      ['y', 'Copy the path'],
      ['u', 'Parent'],
    ],
  ],
]

export function Shortcuts(): JSX.Element {
  return (
    <Modal title="Keyboard" wide>
      <div class="shortcuts">
        {SHOWN.map(([heading, keys]) => (
          <section key={heading}>
            <h3>{heading}</h3>
            <dl>
              {keys.map(([key, text]) => (
                <div key={key}>
                  <dt>
                    {key.split(' ').map((part) => (
                      <kbd key={part}>{part}</kbd>
                    ))}
                  </dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  )
}
