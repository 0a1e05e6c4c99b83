import { type Data, joinPath, KeeperError, type ZooKeeper } from '@vivarium/client'
import { boundedChildren } from '../children/bounded-children.ts'
import { Problem } from '../http/problem.ts'
import { sessionText, zxidText } from '../schemas/texts.ts'
import { type DataValue, dataValue } from '../schemas/values.ts'
import { type RecipeKind, type RecipeLayout, type Recognised, recogniseNames } from './recognise.ts'

/** One znode of a recipe, in its turn. */
export interface Contender extends DataValue {
  node: string
  /** The session it lives and dies with; `0x0`: none. */
  owner: string
  czxid: string
  /** Its access control list keeps all but its name from the caller. */
  unreadable?: true
}

export interface Recipe {
  kind: RecipeKind
  layout: RecipeLayout
  path: string
  /** Whoever holds it now: the first of them, if several do. */
  holder?: Contender
  /** How many hold it. */
  holding: number
  fencingToken?: string
  /** All, the holders first; the first hundred of them. */
  queue: Contender[]
  total: number
}

/** Where there are more, nobody queues: it takes too long to look at all of them. */
const MOST_NAMES = 10_000
/** Of a queue, so many are read. */
const MOST_READ = 100
/** A znode's data is shown in part. */
const MOST_BYTES = 4096
/** Among names without a recipe, so many znodes are looked at. */
const SAMPLE = 20

/** What the znodes below this one stand for, in the layouts of Curator, kazoo and ZooKeeper's own recipes. */
export async function readRecipes(zk: ZooKeeper, path: string): Promise<Recipe[]> {
  const there = await boundedChildren(zk, path, MOST_NAMES)
  if (there === null) throw new Problem(404, 'NoNode', `there is no znode ${path}`, { path })
  const names = there.names ?? []
  const byNames = recogniseNames(names)
  const found = byNames.length > 0 ? byNames : await recogniseZnodes(zk, path, names)
  return await Promise.all(found.map((recognised) => readRecipe(zk, path, recognised)))
}

async function readRecipe(zk: ZooKeeper, path: string, { kind, layout, names, holding }: Recognised): Promise<Recipe> {
  const read = await Promise.all(names.slice(0, MOST_READ).map((name) => readContender(zk, joinPath(path, name))))
  const queue = read.filter((contender) => contender !== null)
  const [holder] = holding > 0 ? queue : []
  const isExclusive = kind === 'lock' || kind === 'election' || kind === 'rwlock'
  return {
    kind,
    layout,
    path,
    holding,
    queue,
    total: names.length,
    ...(holder !== undefined && { holder }),
    ...(holder !== undefined && !holder.unreadable && isExclusive && { fencingToken: holder.czxid }),
  }
}

/** Null if it has left meanwhile. */
async function readContender(zk: ZooKeeper, node: string): Promise<Contender | null> {
  const read = await readSome(zk, node)
  if (read === null) return null
  if (read === UNREADABLE) return { node, owner: '0x0', czxid: '0x0', data: null, encoding: 'utf8', unreadable: true }
  const { stat, data, isNull } = read
  const shown = dataValue({ data: data.subarray(0, MOST_BYTES), isNull })
  return { node, owner: sessionText(stat.ephemeralOwner), czxid: zxidText(stat.czxid), ...shown }
}

const UNREADABLE = 'unreadable'

/** Null if it is gone. Whose data may not be read has no stat either. */
async function readSome(zk: ZooKeeper, path: string): Promise<Data | typeof UNREADABLE | null> {
  try {
    return await zk.getData(path)
  } catch (error) {
    if (KeeperError.is(error, 'NONODE')) return null
    if (KeeperError.is(error, 'NOAUTH')) return UNREADABLE
    throw error
  }
}

/** Recipes whose znodes have names of their own: they are told by what they are. */
async function recogniseZnodes(zk: ZooKeeper, path: string, names: readonly string[]): Promise<Recognised[]> {
  if (names.length === 0) return []
  const sorted = [...names].sort()
  const sample = await Promise.all(sorted.slice(0, SAMPLE).map((name) => readSome(zk, joinPath(path, name))))
  const there = sample.filter((each) => each !== null && each !== UNREADABLE)
  const all = { layout: 'curator', names: sorted, holding: sorted.length } as const
  if (there.length > 0 && there.every(({ data }) => isInstance(data))) return [{ kind: 'service', ...all }]
  const areEphemeral = there.filter(({ stat }) => stat.ephemeralOwner !== 0n).length
  if (sorted.includes('ready') && areEphemeral >= there.length - 1) {
    const members = sorted.filter((name) => name !== 'ready')
    return [{ kind: 'barrier', layout: 'curator', names: members, holding: members.length }]
  }
  return there.length > 0 && areEphemeral === there.length ? [{ kind: 'group', ...all }] : []
}

/** Curator's ServiceInstance has these fields in any case. */
function isInstance(data: Buffer): boolean {
  if (data[0] !== 0x7b) return false
  try {
    const value = JSON.parse(data.toString()) as Record<string, unknown>
    return typeof value.name === 'string' && typeof value.id === 'string' && 'serviceType' in value
  } catch {
    return false
  }
}
