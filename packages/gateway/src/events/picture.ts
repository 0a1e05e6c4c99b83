import type { Stat, Zxid } from '@vivarium/client'
import { joinPath, nameOf, parentOf } from '@vivarium/protocol'
import type { Change } from './change.ts'

/** Since when a znode is there, and is as it is. */
interface Known {
  readonly czxid: Zxid
  mzxid: Zxid
  pzxid: Zxid
}

/**
 * What is known of the znodes under a watch: so that, after a time without the watch, what is read again tells what has changed
 * meanwhile. Znodes that were written several times have changed once then; for nobody can know what was overwritten.
 *
 * While it is being read, events come. What is read is judged by its zxids, and tells only what is news.
 */
export class Picture {
  readonly #recursive: boolean
  readonly #znodes = new Map<string, Known>()
  /** Names of known znodes, by the paths above them. */
  readonly #names = new Map<string, Set<string>>()
  /** The last that was told of znodes since reading began. */
  readonly #told = {
    changed: new Map<string, Zxid>(),
    children: new Map<string, Zxid>(),
    deleted: new Map<string, Zxid>(),
  }
  #isReading = false

  /** @param recursive whether it is of all below the watched znode, too: changes of children are told by themselves then */
  constructor(recursive: boolean) {
    this.#recursive = recursive
  }

  /** How many znodes are known. */
  get size(): number {
    return this.#znodes.size
  }

  /** From now on all is read; once more, if it was not read to the end. */
  begin(): void {
    this.#isReading = true
  }

  /** All has been read. */
  end(): void {
    for (const told of Object.values(this.#told)) told.clear()
    this.#isReading = false
  }

  /**
   * A watch has told a change. Whatever is read reflects it from then on: servers answer in order.
   *
   * @returns it, after what has become clear by it
   */
  told(change: Change): Change[] {
    const { type, path } = change
    const zxid = change.zxid ?? 0
    const known = this.#znodes.get(path)
    let gone: Change[] = []
    if (type === 'created') {
      if (known !== undefined && known.czxid < zxid) gone = this.#gone(path)
      this.#add(path, { czxid: zxid, mzxid: zxid, pzxid: zxid })
    } else if (type === 'deleted') gone = this.#gone(path).filter((each) => each.path !== path)
    else if (known !== undefined) known[type === 'changed' ? 'mzxid' : 'pzxid'] = zxid
    if (this.#isReading && type !== 'created') this.#told[type].set(path, zxid)
    return [...gone, change]
  }

  /** A znode has been read; null: it is not there. Returns what is news. */
  read(path: string, stat: Pick<Stat, keyof Known> | null): Change[] {
    if (stat === null) return this.#gone(path)
    const { czxid, mzxid, pzxid } = stat
    const { changed, children, deleted } = this.#told
    if ((deleted.get(path) ?? 0) > czxid) return []
    const news: Change[] = []
    if ((this.#znodes.get(path)?.czxid ?? -1) < czxid) {
      news.push(...this.#gone(path, czxid), found('created', path, czxid))
      this.#add(path, { czxid, mzxid: czxid, pzxid: czxid })
    }
    const known = this.#znodes.get(path) as Known
    const isNews = (now: Zxid, before: Zxid, told: ReadonlyMap<string, Zxid>): boolean =>
      now > Math.max(before, told.get(path) ?? 0)
    if (isNews(mzxid, known.mzxid, changed)) news.push(found('changed', path, mzxid))
    if (!this.#recursive && isNews(pzxid, known.pzxid, children)) news.push(found('children', path, pzxid))
    known.mzxid = Math.max(known.mzxid, mzxid)
    known.pzxid = Math.max(known.pzxid, pzxid)
    return news
  }

  /** The names below a znode have been read, with its stat of that moment. Returns which of those that were known are gone. */
  readNames(path: string, names: readonly string[], { pzxid }: Pick<Stat, 'pzxid'>): Change[] {
    const present = new Set(names)
    return [...(this.#names.get(path) ?? [])].flatMap((name) => {
      const child = joinPath(path, name)
      // One that was created after the names were read is not missing.
      const isNewer = (this.#znodes.get(child)?.czxid ?? 0) > pzxid
      return present.has(name) || isNewer ? [] : this.#gone(child)
    })
  }

  /** Whoever watches may not know of it any more. */
  forget(path: string): void {
    this.#remove(path)
  }

  #gone(path: string, before?: Zxid): Change[] {
    return this.#remove(path, before).map((each) => found('deleted', each, null))
  }

  #add(path: string, { czxid, mzxid, pzxid }: Known): void {
    this.#znodes.set(path, { czxid, mzxid, pzxid })
    if (path === '/') return
    const above = parentOf(path)
    const names = this.#names.get(above)
    if (names === undefined) this.#names.set(above, new Set([nameOf(path)]))
    else names.add(nameOf(path))
  }

  /**
   * With all below it.
   *
   * @param before only what was created before this; what is below may be known sooner than what it is below of
   * @returns their paths, the lowest first
   */
  #remove(path: string, before: Zxid = Number.POSITIVE_INFINITY): string[] {
    const below = [...(this.#names.get(path) ?? [])].flatMap((name) => this.#remove(joinPath(path, name), before))
    if ((this.#znodes.get(path)?.czxid ?? before) >= before) return below
    this.#znodes.delete(path)
    const above = parentOf(path)
    const names = this.#names.get(above)
    names?.delete(nameOf(path))
    if (names?.size === 0) this.#names.delete(above)
    return [...below, path]
  }
}

const found = (type: Change['type'], path: string, zxid: Zxid | null): Change => ({ type, path, zxid, caughtUp: true })
