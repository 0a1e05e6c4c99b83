import { signal } from '@preact/signals'
import { EventStream } from '../api/event-stream.ts'
import { ApiError, messageOf } from '../api/http.ts'
import { ancestors, join, nameOf, parentOf } from '../api/paths.ts'
import type { ZnodeEvent } from '../api/types.ts'
import { type PageOptions, readChildren } from '../api/znodes.ts'
import { Branch, type Row } from './branch.ts'

/** What is read at once: a screen, and some of what one may scroll to next. */
const PAGE = 150
const MARGIN = 40
/** Most rows that the server is asked to tell of. */
const MOST_FOLLOWED = 80
const SETTLE_MS = 60
/** Where changes do not end, what is shown is read again no more often than this. */
const REST_MS = 500
const MOST_REOPENED = 40
const FLASH_MS = 1800

export type Flash = 'created' | 'changed'

/** Who wants to know of changes to a znode, besides the tree. `null`: some may have been missed. */
export type Tell = (event: ZnodeEvent | null) => void

/** The tree as far as it is open and was scrolled to, kept as the server has it where somebody looks. */
export class LiveTree {
  readonly root = new Branch('/', 0)
  /** Grows with every change: what is shown depends on it. */
  readonly revision = signal(0)
  readonly flashes = new Map<string, Flash>()
  readonly #stream = new EventStream({ changed: (event) => this.#changed(event), gap: () => this.#missed() })
  readonly #reading = new Map<Branch, Promise<void>>()
  readonly #watching = new Set<{ readonly path: string; readonly tell: Tell }>()
  /** May be other than they are known. */
  readonly #stale = new Set<Branch>()
  /** Have just been read again. */
  readonly #resting = new Set<Branch>()
  readonly #asked = new WeakMap<Branch, string>()
  #window: readonly Row[] = []
  #settling: ReturnType<typeof setTimeout> | undefined

  /** Tells of changes to one znode until the function that is handed back is called. */
  watch(path: string, tell: Tell): () => void {
    const entry = { path, tell }
    this.#watching.add(entry)
    this.#follow()
    return () => {
      this.#watching.delete(entry)
      this.#follow()
    }
  }

  /** Opens a znode that can be seen: false if it is open already. */
  open(path: string): boolean {
    const parent = this.root.find(parentOf(path))
    if (path === '/' || parent === null || parent.open.has(nameOf(path))) return false
    if (parent.openChild(nameOf(path)) === null) return false
    this.#bump()
    return true
  }

  close(path: string): void {
    this.root.find(parentOf(path))?.open.delete(nameOf(path))
    this.#bump()
  }

  /** Asks again for what could not be had. */
  retry(branch: Branch): void {
    branch.error = null
    this.#bump()
  }

  /** Reads everything anew, as somebody else asks, and opens again what was open. */
  async restart(): Promise<void> {
    const open: string[] = []
    const collect = (branch: Branch): void => {
      for (const below of branch.open.values()) {
        open.push(below.path)
        collect(below)
      }
    }
    collect(this.root)
    this.root.forget()
    this.#stale.add(this.root)
    this.#stream.restart()
    this.#bump()
    for (const path of open.slice(0, MOST_REOPENED)) {
      await this.reveal(path)
      this.open(path)
    }
  }

  /** Opens all above a znode, and reads where it stands. */
  async reveal(path: string): Promise<void> {
    for (const step of ancestors(path).slice(1)) {
      const branch = this.root.find(parentOf(step))
      if (branch === null) return
      const name = nameOf(step)
      if (branch.indexOf(name) < 0) await this.#lookFor(branch, name)
      if (step !== path) this.open(step)
    }
  }

  /** The page that begins after a name tells where the name stands. */
  async #lookFor(branch: Branch, name: string): Promise<void> {
    const page = await readChildren(branch.path, { after: name, limit: 1, stat: false }).catch(() => null)
    await this.#reading.get(branch)
    if (page !== null) await this.#read(branch, { at: Math.max(0, page.from - MARGIN), limit: PAGE, stat: true })
  }

  /** What is on the screen: it is completed, and followed. */
  show(rows: readonly Row[]): void {
    this.#window = rows
    this.#follow()
    this.#settle()
  }

  #follow(): void {
    const watched = Array.from(this.#watching, ({ path }) => path)
    const branches = new Set(this.#window.map(({ parent }) => parent?.path ?? '/'))
    const rows = this.#window.flatMap(({ path }) => path ?? [])
    this.#stream.follow([...watched, ...branches, ...rows.slice(0, MOST_FOLLOWED)])
  }

  #settle(): void {
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined
      this.#complete()
    }, SETTLE_MS)
  }

  /** Asks for what of the window is not known, or may have changed. */
  #complete(): void {
    const spans = new Map<Branch, { first: number; last: number; unknown: boolean }>()
    for (const { parent, index, note, stat, unreadable } of this.#window) {
      if (parent === null || note === 'error') continue
      const unknown = note === 'loading' || (stat === null && !unreadable)
      const span = spans.get(parent)
      if (span === undefined) spans.set(parent, { first: index, last: index, unknown })
      else {
        span.last = index
        span.unknown ||= unknown
      }
    }
    // Where there were no children, there is no row to look at.
    for (const branch of this.#stale) if (branch.total === 0) spans.set(branch, { first: 0, last: 0, unknown: false })
    for (const [branch, { first, last, unknown }] of spans) {
      const isDue = this.#stale.has(branch) && !this.#resting.has(branch)
      if ((unknown || isDue) && !this.#reading.has(branch)) this.#readSpan(branch, first, last, unknown)
    }
  }

  /** Reads what is seen of a branch; and, the first time, what is around it and may be scrolled to. */
  #readSpan(branch: Branch, first: number, last: number, unknown: boolean): void {
    const widely = unknown && !this.#resting.has(branch)
    const at = widely ? Math.max(0, Math.min(first - MARGIN, last + MARGIN - PAGE)) : first
    const limit = Math.max(widely ? PAGE : 0, last + 1 - at)
    // What did not help is not asked for again, unless something has changed.
    const asked = `${at} ${limit} ${branch.total} ${branch.pzxid}`
    if (this.#stale.delete(branch)) this.#rest(branch)
    else if (this.#asked.get(branch) === asked) return
    this.#asked.set(branch, asked)
    void this.#read(branch, { at, limit, stat: true })
  }

  #rest(branch: Branch): void {
    if (this.#resting.has(branch)) return
    this.#resting.add(branch)
    setTimeout(() => {
      this.#resting.delete(branch)
      this.#settle()
    }, REST_MS)
  }

  /** One read of a branch at a time: what is wanted meanwhile is asked for when it is there. */
  #read(branch: Branch, options: PageOptions): Promise<void> {
    const reading = this.#readPage(branch, options).finally(() => {
      this.#reading.delete(branch)
      this.#settle()
    })
    this.#reading.set(branch, reading)
    return reading
  }

  async #readPage(branch: Branch, options: PageOptions): Promise<void> {
    try {
      const page = await readChildren(branch.path, options)
      const { created, changed } = branch.merge(page)
      if (page.outdated) this.#stale.add(branch)
      for (const name of created) this.#flash(join(branch.path, name), 'created')
      for (const name of changed) this.#flash(join(branch.path, name), 'changed')
    } catch (error) {
      // A znode that is gone is about to go from its parent's rows, too.
      const gone = error instanceof ApiError && error.code === 'NoNode' && branch !== this.root
      if (gone) this.root.find(parentOf(branch.path))?.open.delete(nameOf(branch.path))
      // Where the server cannot be asked, what it said last stays to be seen.
      else if (branch.total < 0 || (error instanceof ApiError && error.code === 'NoAuth'))
        branch.error = messageOf(error)
    }
    this.#bump()
  }

  #changed(event: ZnodeEvent): void {
    for (const { path, tell } of this.#watching) if (path === event.path) tell(event)
    const parent = this.root.find(parentOf(event.path))
    if (event.type === 'deleted') {
      parent?.remove(nameOf(event.path))
      this.#bump()
    }
    // Of data, a row shows nothing: it need not be read.
    if (event.type === 'changed') {
      parent?.changed(nameOf(event.path), event.zxid)
      this.#flash(event.path, 'changed')
      return
    }
    const own = this.root.find(event.path)
    if (event.type === 'children' && own !== null) this.#stale.add(own)
    if (parent !== null) this.#stale.add(parent)
    this.#settle()
  }

  #missed(): void {
    for (const { tell } of this.#watching) tell(null)
    const all = (branch: Branch): void => {
      this.#stale.add(branch)
      for (const below of branch.open.values()) all(below)
    }
    all(this.root)
    this.#settle()
  }

  #flash(path: string, kind: Flash): void {
    this.flashes.set(path, kind)
    setTimeout(() => {
      if (this.flashes.delete(path)) this.#bump()
    }, FLASH_MS)
    this.#bump()
  }

  #bump(): void {
    this.revision.value++
  }
}

/** The one that the console shows. */
export const tree = new LiveTree()
