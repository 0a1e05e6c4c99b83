import type { JSX } from 'preact'
import { count } from '../shell/format.ts'
import { kindOf } from '../znode/node-kind.ts'
import type { Row } from './branch.ts'
import type { Flash } from './live-tree.ts'

interface Properties {
  readonly row: Row
  readonly index: number
  readonly active: boolean
  readonly selected: boolean
  readonly flash: Flash | undefined
}

/** One line of the tree. Where it is in it is said by attributes, as its neighbours need not exist. */
export function TreeRow({ row, index, active, selected, flash }: Properties): JSX.Element {
  const { path, name, depth, index: place, siblings, stat, open, unreadable, note } = row
  const children = stat?.numChildren ?? -1
  const classes = ['tree-row', active && 'active', selected && 'selected', flash, note].filter(Boolean)
  const canOpen = path !== null && !unreadable && (open || children !== 0)
  return (
    <div
      id={`row-${index}`}
      data-row={index}
      data-path={path ?? undefined}
      class={classes.join(' ')}
      role="treeitem"
      tabIndex={-1}
      aria-level={depth + 1}
      aria-posinset={place + 1}
      aria-setsize={siblings}
      aria-selected={selected}
      aria-expanded={canOpen ? open : undefined}
      aria-busy={note === 'loading' ? true : undefined}
      style={{ paddingLeft: `${0.25 + Math.min(depth, 24) * 0.9}rem` }}
    >
      <span class={canOpen ? 'chevron' : 'chevron none'} aria-hidden="true">
        {open ? '▾' : '▸'}
      </span>
      {note === null ? (
        <bdi class="name" title={path ?? ''}>
          {name}
        </bdi>
      ) : (
        <span class="name">{note === 'error' ? `${name} Click to try again.` : 'Loading'}</span>
      )}
      {stat !== null && kindOf(stat) !== 'persistent' && <span class="badge">{kindOf(stat)}</span>}
      {unreadable && (
        <span class="badge" title="Its ACL does not let you read it">
          no access
        </span>
      )}
      {children > 0 && <span class="children">{count(children)}</span>}
    </div>
  )
}
