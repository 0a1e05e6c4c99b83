import type { JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { go, route } from '../shell/route.ts'
import type { Row } from './branch.ts'
import { tree } from './live-tree.ts'
import { TreeRow } from './tree-row.tsx'
import { type Scrolled, scrollTopFor, windowOf } from './virtual-rows.ts'

const ROW_HEIGHT = 30
const ROOT: Omit<Row, 'open'> = {
  path: '/',
  name: '/',
  depth: 0,
  index: 0,
  siblings: 1,
  stat: null,
  unreadable: false,
  note: null,
  parent: null,
}
/** Where both halves are shown, the znode follows the keys when they rest. */
const FOLLOW_MS = 140
const WIDE = '(min-width: 60rem)'

/** The tree as a list that is as long as the tree is open, of which the rows on the screen exist. */
export function TreeList({ selected }: { readonly selected: string }): JSX.Element {
  const element = useRef<HTMLDivElement>(null)
  const following = useRef<ReturnType<typeof setTimeout>>(undefined)
  /** What was chosen here: by the time that it is shown, the keys may be further. */
  const chosen = useRef<string | null>(null)
  const [view, setView] = useState({ scrollTop: 0, viewport: 600 })
  const [active, setActive] = useState(0)
  void tree.revision.value

  const count = 1 + tree.root.rowCount
  const scrolled: Scrolled = { count, rowHeight: ROW_HEIGHT, ...view }
  const { height, first, end, top } = windowOf(scrolled)
  const rows = rowsOf(first, end)

  useLayoutEffect(() => {
    const list = element.current!
    const measure = (): void => setView({ scrollTop: list.scrollTop, viewport: list.clientHeight })
    const observer = new ResizeObserver(measure)
    observer.observe(list)
    measure()
    return () => observer.disconnect()
  }, [])
  useEffect(() => tree.show(rows), [first, end, tree.revision.value])
  useEffect(() => {
    const here = chosen.current === selected
    chosen.current = null
    if (here) return
    // What was chosen elsewhere (a link, a search) is brought here.
    if (rowOf(selected) >= 0) return moveTo(rowOf(selected))
    void tree.reveal(selected).then(() => {
      const row = rowOf(selected)
      if (row >= 0 && route.value.parameters.path === selected) moveTo(row)
    })
  }, [selected])

  const moveTo = (row: number): void => {
    const to = Math.max(0, Math.min(row, 1 + tree.root.rowCount - 1))
    setActive(to)
    const list = element.current!
    const { scrollTop, clientHeight: viewport } = list
    list.scrollTop = scrollTopFor(to, { count: 1 + tree.root.rowCount, rowHeight: ROW_HEIGHT, viewport, scrollTop })
    clearTimeout(following.current)
    const { path } = rowsOf(to, to + 1)[0] ?? { path: null }
    if (path === null || path === selected || !matchMedia(WIDE).matches) return
    following.current = setTimeout(() => choose(path, true), FOLLOW_MS)
  }

  const choose = (path: string | null | undefined, replace = false): void => {
    if (path == null) return
    chosen.current = path
    go('tree', { path, tab: route.value.parameters.tab }, replace)
  }

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const [row] = rowsOf(active, active + 1)
    const page = Math.max(1, Math.floor(view.viewport / ROW_HEIGHT) - 1)
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => moveTo(active + 1),
      ArrowUp: () => moveTo(active - 1),
      PageDown: () => moveTo(active + page),
      PageUp: () => moveTo(active - page),
      Home: () => moveTo(0),
      End: () => moveTo(count - 1),
      ArrowRight: () => {
        if (row?.path == null || row.open || !opens(row)) moveTo(active + 1)
        else tree.open(row.path)
      },
      ArrowLeft: () => {
        if (row?.path != null && row.open && row.path !== '/') tree.close(row.path)
        else if (row?.parent != null) moveTo(rowOf(row.parent.path))
      },
      Enter: () => choose(row?.path),
      ' ': () => choose(row?.path),
    }
    const jump = event.shiftKey && event.key.length === 1 && event.key !== '?' ? event.key : null
    const move = moves[event.key] ?? (jump === null ? undefined : () => jumpTo(jump))
    if (move === undefined) return
    event.preventDefault()
    move()
  }

  const jumpTo = (letter: string): void => {
    const wanted = letter.toLowerCase()
    for (let step = 1; step <= Math.min(count, 2000); step++) {
      const at = (active + step) % count
      if (
        rowsOf(at, at + 1)[0]
          ?.name.toLowerCase()
          .startsWith(wanted)
      )
        return moveTo(at)
    }
  }

  const onClick = (event: MouseEvent): void => {
    const target = event.target as HTMLElement
    const index = target.closest<HTMLElement>('[data-row]')?.dataset.row
    if (index === undefined) return
    const [row] = rowsOf(Number(index), Number(index) + 1)
    if (row === undefined) return
    setActive(Number(index))
    if (row.note === 'error' && row.parent !== null) tree.retry(row.parent)
    else if (row.path !== null && target.closest('.chevron') !== null && row.path !== '/') {
      if (row.open) tree.close(row.path)
      else tree.open(row.path)
    } else choose(row.path)
  }

  return (
    <div
      ref={element}
      class="tree-list"
      role="tree"
      aria-label="Znodes"
      tabIndex={0}
      aria-activedescendant={active >= first && active < end ? `row-${active}` : undefined}
      onScroll={(event) => {
        const { scrollTop, clientHeight: viewport } = event.currentTarget
        setView({ scrollTop, viewport })
      }}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onDblClick={(event) => {
        const index = Number((event.target as HTMLElement).closest<HTMLElement>('[data-row]')?.dataset.row)
        const path = rowsOf(index, index + 1)[0]?.path
        if (path != null && path !== '/' && !tree.open(path)) tree.close(path)
      }}
    >
      <div class="rows" role="presentation" style={{ height: `${height}px` }}>
        <div class="window" role="presentation" style={{ transform: `translateY(${top}px)` }}>
          {rows.map((row, at) => (
            <TreeRow
              key={row.path ?? `${row.parent?.path} ${row.index}`}
              row={row}
              index={first + at}
              active={first + at === active}
              selected={row.path === selected}
              flash={row.path === null ? undefined : tree.flashes.get(row.path)}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

const opens = ({ stat, unreadable }: Row): boolean => !unreadable && (stat === null || stat.numChildren > 0)

function rowsOf(first: number, end: number): Row[] {
  const rows = tree.root.rows(first - 1, end - 1)
  return first <= 0 && end > 0 ? [{ ...ROOT, open: true }, ...rows] : rows
}

/** The line of a path; -1 where it is not open. */
function rowOf(path: string): number {
  if (path === '/') return 0
  const row = tree.root.rowOf(path)
  return row < 0 ? -1 : row + 1
}
