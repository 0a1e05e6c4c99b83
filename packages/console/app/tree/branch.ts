import { join, nameOf, parentOf } from '../api/paths.ts'
import type { ChildrenPage, Stat } from '../api/types.ts'

/** One line of the tree as it is shown. */
export interface Row {
  /** Null where the name is not known yet. */
  readonly path: string | null
  readonly name: string
  readonly depth: number
  /** From 0, among `siblings`. */
  readonly index: number
  readonly siblings: number
  readonly stat: Stat | null
  readonly open: boolean
  /** Its ACL keeps it from who asks. */
  readonly unreadable: boolean
  /** What to say instead of a name. */
  readonly note: 'loading' | 'error' | null
  readonly parent: Branch | null
}

/** What a page of children told that was not known. */
export interface News {
  readonly created: readonly string[]
  readonly changed: readonly string[]
}

/**
 * A znode that is open in the tree: how many children it has, and the names of those that were looked at. There may be a
 * million of them, of which a screen shows forty: nothing here looks at them all for a row, or for a change. Where children
 * came or went, what is known of the others may be a few lines off, until they are looked at again.
 */
export class Branch {
  readonly path: string
  /** Where it stands among its parent's children. */
  index: number
  /** How many children there are; -1: nothing is known yet. */
  total = -1
  error: string | null = null
  /** The transaction that last changed which children there are. */
  pzxid = ''
  readonly stats = new Map<string, Stat>()
  /** Those of the children that are open, too. */
  readonly open = new Map<string, Branch>()
  readonly #unreadable = new Set<string>()
  readonly #names = new Map<number, string>()
  readonly #indexes = new Map<string, number>()

  constructor(path: string, index: number) {
    this.path = path
    this.index = index
  }

  /** How many rows are below this one's own. */
  get rowCount(): number {
    if (this.error !== null || this.total < 0) return 1
    let rows = this.total
    for (const branch of this.open.values()) rows += branch.rowCount
    return rows
  }

  /** Takes in a page of children. */
  merge({ total, from, children, stat: own }: ChildrenPage): News {
    if (this.total >= 0 && (total !== this.total || own.pzxid !== this.pzxid)) this.#moved(total - this.total, from)
    const created: string[] = []
    const changed: string[] = []
    for (const [at, { name, stat, unreadable = false }] of children.entries()) {
      this.#place(from + at, name)
      if (unreadable) this.#unreadable.add(name)
      else this.#unreadable.delete(name)
      if (stat === undefined) continue
      const before = this.stats.get(name)
      if (before !== undefined && before.czxid === stat.czxid) {
        if (before.mzxid !== stat.mzxid) changed.push(name)
      } else if (this.pzxid !== '' && BigInt(stat.czxid) > BigInt(this.pzxid)) created.push(name)
      this.stats.set(name, stat)
    }
    for (const [name, { index }] of this.open) {
      const inside = index >= from && index < from + children.length
      if (index >= total || (inside && this.#names.get(index) !== name)) this.open.delete(name)
    }
    this.total = total
    this.pzxid = own.pzxid
    this.error = null
    return { created, changed }
  }

  /** A child is gone. */
  remove(name: string): void {
    const index = this.indexOf(name)
    if (index < 0) return
    this.open.delete(name)
    this.stats.delete(name)
    this.#unreadable.delete(name)
    this.#moved(-1, index)
    this.total--
  }

  /** A child has other data, since a transaction. */
  changed(name: string, zxid: string): void {
    const stat = this.stats.get(name)
    if (stat !== undefined) this.stats.set(name, { ...stat, mzxid: zxid })
  }

  /** Begins to show a child's children. */
  openChild(name: string): Branch | null {
    const index = this.indexOf(name)
    if (index < 0) return null
    const branch = new Branch(join(this.path, name), index)
    this.open.set(name, branch)
    return branch
  }

  /** Where a child stands; -1 if that is not known. */
  indexOf(name: string): number {
    return this.open.get(name)?.index ?? this.#indexes.get(name) ?? -1
  }

  forget(): void {
    this.#names.clear()
    this.#indexes.clear()
    this.stats.clear()
    this.#unreadable.clear()
    this.open.clear()
    this.total = -1
    this.pzxid = ''
    this.error = null
  }

  /** The branch of a path that is open below this one, or is this one. */
  find(path: string): Branch | null {
    if (path === this.path) return this
    const prefix = this.path === '/' ? '/' : `${this.path}/`
    if (!path.startsWith(prefix)) return null
    const [name = ''] = path.slice(prefix.length).split('/')
    return this.open.get(name)?.find(path) ?? null
  }

  /** The row, below this one's own, of a path; -1 where it is not to be seen. */
  rowOf(path: string): number {
    const parent = this.find(parentOf(path))
    if (parent === null || path === '/') return -1
    const index = parent.indexOf(nameOf(path))
    if (index < 0) return -1
    let row = index
    for (const branch of parent.open.values()) if (branch.index < index) row += branch.rowCount
    return parent === this ? row : row + 1 + this.rowOf(parent.path)
  }

  /** Rows `from` to `to` (which is not among them) of those below this one's own. */
  rows(from: number, to: number, depth = 1, into: Row[] = []): Row[] {
    if (this.error !== null || this.total < 0) {
      if (from <= 0 && to > 0) into.push(this.#note(depth))
      return into
    }
    let row = 0
    let index = 0
    const children = (end: number): void => {
      const first = Math.max(index, index + from - row)
      const last = Math.min(end, index + to - row)
      for (let at = first; at < last; at++) into.push(this.#row(at, depth))
      row += end - index
      index = end
    }
    for (const branch of [...this.open.values()].sort((a, b) => a.index - b.index)) {
      children(branch.index + 1)
      const rows = branch.rowCount
      if (row < to && row + rows > from) branch.rows(from - row, to - row, depth + 1, into)
      row += rows
    }
    children(this.total)
    return into
  }

  /** Others stand elsewhere now: by how many is known, but not from where on. Those before `from` may well stay. */
  #moved(by: number, from: number): void {
    this.#names.clear()
    this.#indexes.clear()
    for (const branch of this.open.values()) if (branch.index > from) branch.index += by
  }

  #place(index: number, name: string): void {
    this.#names.set(index, name)
    this.#indexes.set(name, index)
    const branch = this.open.get(name)
    if (branch !== undefined) branch.index = index
  }

  #row(index: number, depth: number): Row {
    const name = this.#names.get(index)
    const unreadable = name !== undefined && this.#unreadable.has(name)
    const place = { depth, index, siblings: this.total, parent: this, unreadable }
    if (name === undefined) return { ...place, path: null, name: '', stat: null, open: false, note: 'loading' }
    const stat = this.stats.get(name) ?? null
    return { ...place, path: join(this.path, name), name, stat, open: this.open.has(name), note: null }
  }

  #note(depth: number): Row {
    const note = this.error === null ? 'loading' : 'error'
    const nothing = { path: null, stat: null, open: false, unreadable: false }
    return { ...nothing, name: this.error ?? '', depth, index: 0, siblings: 1, note, parent: this }
  }
}
