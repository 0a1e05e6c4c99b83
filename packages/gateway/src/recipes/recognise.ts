/** What the znodes of a folder stand for. */
export type RecipeKind = 'lock' | 'rwlock' | 'semaphore' | 'election' | 'group' | 'service' | 'queue' | 'barrier'

/** Whose recipe it is: Curator's, kazoo's, or one of ZooKeeper's own. */
export type RecipeLayout = 'curator' | 'kazoo' | 'zookeeper'

/** A recipe that was recognised by the names of a folder's znodes. */
export interface Recognised {
  readonly kind: RecipeKind
  readonly layout: RecipeLayout
  /** The names that belong to it, first come first. */
  readonly names: readonly string[]
  /** How many of them hold something: those at the front. */
  readonly holding: number
}

interface Pattern {
  readonly kind: RecipeKind
  readonly layout: RecipeLayout
  /** With the number of the znode; `mark` tells readers from writers. */
  readonly name: RegExp
}

const NUMBER = '(?<number>\\d{10}|-\\d{9,10})$'

/** Names as InterProcessMutex, LeaderLatch and so on make them; a protected create puts `_c_<uuid>-` in front. */
const PATTERNS: readonly Pattern[] = [
  { kind: 'lock', layout: 'curator', name: new RegExp(`^(?:_c_[0-9a-f-]{36}-)?lock-${NUMBER}`) },
  { kind: 'election', layout: 'curator', name: new RegExp(`^(?:_c_[0-9a-f-]{36}-)?latch-${NUMBER}`) },
  { kind: 'rwlock', layout: 'curator', name: new RegExp(`^(?:_c_[0-9a-f-]{36}-)?(?<mark>__READ__|__WRIT__)${NUMBER}`) },
  { kind: 'semaphore', layout: 'curator', name: new RegExp(`^(?:_c_[0-9a-f-]{36}-)?lease-${NUMBER}`) },
  {
    kind: 'rwlock',
    layout: 'kazoo',
    name: new RegExp(`^(?:_c_[0-9a-f-]{36}-)?[^/]*(?<mark>__rlock__|__lock__)${NUMBER}`),
  },
  { kind: 'lock', layout: 'zookeeper', name: new RegExp(`^x-\\d+-${NUMBER}`) },
  { kind: 'queue', layout: 'curator', name: new RegExp(`^(?:queue-|qn-)(?:[01][0-9A-F]{8})?${NUMBER}`) },
  { kind: 'queue', layout: 'kazoo', name: new RegExp(`^entry-(?:-?\\d+-)?${NUMBER}`) },
]

const PARTY = /^(?:_c_[0-9a-f-]{36}-)?[0-9a-f]{32}(?:__party__|-)/

/** Recognises recipes by names alone, as one sees them without reading anything. */
export function recogniseNames(names: readonly string[]): Recognised[] {
  const found: Recognised[] = []
  for (const { kind, layout, name } of PATTERNS) {
    const matches = names
      .map((each) => name.exec(each)?.groups ?? null)
      .flatMap((groups, i) =>
        groups === null ? [] : [{ name: names[i] as string, number: Number(groups.number), mark: groups.mark }],
      )
      // Servers before 3.9 went on below zero after 2^31 − 1.
      .sort((a, b) => (a.number - b.number) | 0)
    if (matches.length === 0) continue
    const marks = matches.map(({ mark }) => mark)
    const isPlainLock = layout === 'kazoo' && kind === 'rwlock' && !marks.includes('__rlock__')
    found.push({
      kind: isPlainLock ? 'lock' : kind,
      layout,
      names: matches.map((match) => match.name),
      holding: holders(kind, marks),
    })
  }
  const party = names.filter((name) => PARTY.test(name) && !found.some((each) => each.names.includes(name)))
  if (party.length > 0) found.push({ kind: 'group', layout: 'kazoo', names: party.sort(), holding: party.length })
  return found
}

/** Readers hold together, until the first writer. */
function holders(kind: RecipeKind, marks: readonly (string | undefined)[]): number {
  if (kind === 'queue') return 0
  if (kind === 'semaphore') return marks.length
  const firstWriter = marks.findIndex((mark) => mark !== '__READ__' && mark !== '__rlock__')
  return firstWriter === 0 ? 1 : firstWriter === -1 ? marks.length : firstWriter
}
