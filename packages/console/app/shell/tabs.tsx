import type { ComponentChildren, JSX } from 'preact'
import { useId, useRef } from 'preact/hooks'

interface Properties {
  readonly tabs: Readonly<Record<string, string>>
  readonly chosen: string
  readonly choose: (name: string) => void
  readonly children: ComponentChildren
}

/** Tabs: the arrows go from one to the next, Tab into what it shows. */
export function Tabs({ tabs, chosen, choose, children }: Properties): JSX.Element {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const names = Object.keys(tabs)
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const at = (names.indexOf(chosen) + step + names.length) % names.length
    choose(names[at]!)
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[at]?.focus()
  }
  return (
    <>
      <div class="tabs" role="tablist" ref={list} onKeyDown={onKeyDown}>
        {names.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${id}-${name}`}
            aria-selected={name === chosen}
            aria-controls={`${id}-panel`}
            tabIndex={name === chosen ? 0 : -1}
            onClick={() => choose(name)}
          >
            {tabs[name]}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${chosen}`} tabIndex={0}>
        {children}
      </div>
    </>
  )
}
