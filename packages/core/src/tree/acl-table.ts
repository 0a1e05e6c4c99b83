import { type ACL, aclEquals, OPEN_ACL_UNSAFE } from '@vivarium/protocol'

/** The id that stands for a null list: everyone may do everything (Java's OPEN_ACL_UNSAFE). */
export const OPEN_ACL_ID = -1

/** The id of a znode whose list is not known: see {@link AclTable.load}. */
export const UNKNOWN_ACL_ID = 0

const LAST_ID = 2 ** 31 - 1

interface Entry {
  readonly acl: readonly ACL[]
  readonly key: string
  uses: number
}

/**
 * The access control lists of a tree, each held once and known by an integer (Java's ReferenceCountedACLCache). A
 * list that no znode uses any more is dropped; its id is not used again soon.
 */
export class AclTable {
  readonly #entries: Map<number, Entry>
  readonly #ids: Map<string, number>
  #lastId: number
  /** The list asked for last: most are the same, and comparing takes less time than making a key. */
  #recent: readonly ACL[]
  #recentId: number

  constructor() {
    this.#entries = new Map()
    this.#ids = new Map()
    this.#lastId = 0
    this.#recent = []
    this.#recentId = UNKNOWN_ACL_ID
  }

  /** How many lists there are. */
  get size(): number {
    return this.#entries.size
  }

  /**
   * The id of a list, which is entered if it is new. Counts one use: pass the id on to the tree, which takes the use
   * over, or {@link release} it. The list must not be changed afterwards.
   */
  intern(acl: readonly ACL[] | null): number {
    if (acl === null) return OPEN_ACL_ID
    const id = this.load(acl)
    this.use(id)
    return id
  }

  /** The list with this id; undefined if it is not in the table. */
  get(id: number): readonly ACL[] | undefined {
    return id === OPEN_ACL_ID ? OPEN_ACL_UNSAFE : this.#entries.get(id)?.acl
  }

  /** Takes back one use. Ids that are not in the table are ignored, as in Java. */
  release(id: number): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    entry.uses -= 1
    if (entry.uses <= 0) this.#drop(id, entry)
  }

  /** Counts one more use. Ids that are not in the table are ignored. */
  use(id: number): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) entry.uses += 1
  }

  /** Drops the lists without a use, of which there may be some after loading. */
  purgeUnused(): void {
    for (const [id, entry] of this.#entries) if (entry.uses <= 0) this.#drop(id, entry)
  }

  /**
   * Enters a list that a snapshot has, without a use, and returns the id it has from now on: a new one, counted from 1,
   * because the snapshot's may not fit 32 bits. Its znodes may also refer to ids that it lacks, because it was written
   * while lists came and went; those become {@link UNKNOWN_ACL_ID} until the log's replay puts them right.
   */
  load(acl: readonly ACL[]): number {
    if (this.#recentId !== UNKNOWN_ACL_ID && sameAcl(acl, this.#recent)) return this.#recentId
    const key = keyOf(acl)
    let id = this.#ids.get(key)
    if (id === undefined) {
      id = this.#nextId()
      this.#ids.set(key, id)
      this.#entries.set(id, { acl, key, uses: 0 })
    }
    this.#recent = acl
    this.#recentId = id
    return id
  }

  /** All lists with their ids, in no particular order. */
  entries(): [id: number, acl: readonly ACL[]][] {
    return Array.from(this.#entries, ([id, entry]) => [id, entry.acl])
  }

  #nextId(): number {
    do this.#lastId = this.#lastId === LAST_ID ? 1 : this.#lastId + 1
    while (this.#entries.has(this.#lastId))
    return this.#lastId
  }

  #drop(id: number, entry: Entry): void {
    this.#entries.delete(id)
    this.#ids.delete(entry.key)
    if (id === this.#recentId) this.#recentId = UNKNOWN_ACL_ID
  }
}

function sameAcl(a: readonly ACL[], b: readonly ACL[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i += 1) if (!aclEquals(a[i]!, b[i]!)) return false
  return true
}

/** A string that two lists share exactly when they are equal. */
function keyOf(acl: readonly ACL[]): string {
  let key = ''
  for (const { perms, id } of acl) key += `${perms} ${field(id.scheme)}${field(id.id)}`
  return key
}

function field(text: string | null): string {
  return text === null ? '-' : `${text.length}:${text}`
}
