import { KeeperError, ZooKeeper } from '@vivarium/client'
import {
  AtomicLong,
  DoubleBarrier,
  type Holding,
  LeaderElection,
  LeaderLatch,
  Mutex,
  ReadWriteLock,
  Semaphore,
  SharedCounter,
} from '@vivarium/client/recipes'
import { type Checks, runProgram } from '../clients/run-checks.ts'
import { type ServerKind, ServerProcess } from '../server-process.ts'
import type { RecipePeer } from './recipe-peers.ts'

const ROUNDS = 8
/** Of each program. */
const WORKERS = 2
const RECIPES = ['mutex', 'readwrite', 'semaphore', 'leader', 'counter'] as const
type Recipe = (typeof RECIPES)[number]
type Kind = 'one' | 'read' | 'write' | 'lease'

/** What one of the workers wrote into the log. Its place in it is its place in time. */
interface Entry {
  readonly what: 'enter' | 'leave'
  readonly who: string
  readonly kind: Kind
  /** The czxid of the znode by which it is in, where its recipe lets one know. */
  readonly token: number
}

/** How many of a kind may be in together, and with whom. */
const TOGETHER: { readonly [kind in Kind]: (inside: readonly Entry[]) => boolean } = {
  one: (inside) => inside.length === 0,
  write: (inside) => inside.length === 0,
  read: (inside) => inside.every(({ kind }) => kind === 'read'),
  lease: (inside) => inside.length < 2,
}

/** Lets our recipes and the peer's contend for the same things at one server, and looks at the log that they leave. */
export async function contend(peer: RecipePeer, kind: ServerKind): Promise<Checks> {
  const command = peer.prepare()
  const server = await ServerProcess.start(kind, { config: { tickTime: '500', forceSync: 'no' } })
  const checks: Checks = { passed: [], failed: [] }
  try {
    const address = `127.0.0.1:${server.port}`
    await using zk = await ZooKeeper.connect(address)
    const theirs = runProgram(command, [address, String(ROUNDS), String(2 * WORKERS)], '')
    const ended = theirs.then(({ output }) => {
      if (!/^done$/m.test(output) || /^FAIL/m.test(output)) throw new Error(`the program said: ${output.slice(-1500)}`)
    })
    const ours = Array.from({ length: WORKERS }, (_, at) => work(address, peer, `ours-${at}`))
    // Without the peer, ours would wait at the barrier for ever.
    await Promise.all([ended, ...ours])
    for (const recipe of RECIPES) await judge(zk, recipe, peer, checks)
  } catch (error) {
    checks.failed.push(String(error))
  } finally {
    await server.dispose()
  }
  return checks
}

async function work(address: string, peer: RecipePeer, name: string): Promise<void> {
  await using zk = await ZooKeeper.connect(address)
  for (const recipe of RECIPES) {
    const barrier = new DoubleBarrier(zk, `/barriers/${recipe}`, { members: 2 * WORKERS, data: name })
    const timeoutMs = 60_000
    await barrier.enter({ timeoutMs })
    for (let round = 0; round < ROUNDS; round++) await turn(zk, recipe, peer, name, round)
    await barrier.leave({ timeoutMs })
  }
}

async function turn(zk: ZooKeeper, recipe: Recipe, { layout }: RecipePeer, name: string, round: number): Promise<void> {
  const path = `/recipes/${recipe}`
  const wait = { timeoutMs: 60_000 }
  const log = async (what: Entry['what'], kind: Kind, token: number): Promise<void> => {
    await zk.ensurePath(`/log/${recipe}`)
    await zk.create(`/log/${recipe}/e-`, { data: `${what} ${name} ${kind} ${token}`, mode: 'PERSISTENT_SEQUENTIAL' })
  }
  const inside = async (kind: Kind, held: Holding): Promise<void> => {
    await using holding = held
    await log('enter', kind, holding.token)
    await zk.sync('/')
    await log('leave', kind, holding.token)
  }
  if (recipe === 'mutex') await inside('one', await new Mutex(zk, path, { layout, data: name }).acquire(wait))
  else if (recipe === 'semaphore')
    await inside('lease', await new Semaphore(zk, path, { layout, leases: 2 }).acquire(wait))
  else if (recipe === 'readwrite') {
    const lock = new ReadWriteLock(zk, path, { layout, data: name })
    if (round % 2 === 1) return inside('read', await lock.acquireRead(wait))
    const write = await lock.acquireWrite(wait)
    await log('enter', 'write', write.token)
    await log('leave', 'write', write.token)
    if (round % 4 === 0) await inside('read', await lock.downgrade(write, wait))
    else await write.release()
  } else if (recipe === 'leader') {
    if (layout === 'kazoo')
      return new LeaderElection(zk, path, { layout, id: name }).run((term) => inside('one', term), wait)
    await using latch = new LeaderLatch(zk, path, { id: name })
    await inside('one', await latch.leadership(wait))
  } else if (layout === 'kazoo') await new SharedCounter(zk, path, { layout }).add(1)
  else await new AtomicLong(zk, path).add(1n)
}

async function judge(zk: ZooKeeper, recipe: Recipe, { layout }: RecipePeer, checks: Checks): Promise<void> {
  const path = `/recipes/${recipe}`
  if (recipe === 'counter') {
    const cell = layout === 'kazoo' ? new SharedCounter(zk, path, { layout }) : new AtomicLong(zk, path)
    const wrong = Number(await cell.get()) === 2 * WORKERS * ROUNDS ? null : `the sum is ${await cell.get()}`
    return note(checks, recipe, wrong)
  }
  const names = (await zk.getChildren(`/log/${recipe}`)).sort()
  const entries = await Promise.all(names.map(async (name) => parse((await zk.getData(`/log/${recipe}/${name}`)).data)))
  note(checks, `${recipe}: exclusion`, exclusion(entries))
  note(checks, `${recipe}: everyone's turns`, turns(entries))
  note(checks, `${recipe}: nothing left behind`, await leftovers(zk, path))
}

function note(checks: Checks, name: string, wrong: string | null): void {
  if (wrong === null) checks.passed.push(name)
  else checks.failed.push(`${name}: ${wrong}`)
}

function parse(data: Buffer): Entry {
  const [what, who, kind, token] = data.toString().split(' ') as [Entry['what'], string, Kind, string]
  return { what, who, kind, token: Number(token) }
}

/** Who came in while others were in, or with a token that is not above all before it. */
function exclusion(entries: readonly Entry[]): string | null {
  let inside: Entry[] = []
  let fence = 0
  for (const entry of entries) {
    if (entry.what === 'leave') {
      inside = inside.filter(({ who }) => who !== entry.who)
      continue
    }
    if (!TOGETHER[entry.kind](inside))
      return `${entry.who} (${entry.kind}) came in with ${inside.map(({ who }) => who)}`
    inside.push(entry)
    if (entry.kind !== 'one' && entry.kind !== 'write') continue
    if (entry.token <= fence) return `${entry.who} has the token ${entry.token} after ${fence}`
    fence = entry.token
  }
  return null
}

function turns(entries: readonly Entry[]): string | null {
  const count = new Map<string, number>()
  for (const { what, who } of entries) if (what === 'enter') count.set(who, (count.get(who) ?? 0) + 1)
  const everyone = [...count.values()].every((turns) => turns >= ROUNDS)
  return count.size === 2 * WORKERS && everyone ? null : JSON.stringify([...count])
}

/** Znodes of contenders that are there when nobody contends. */
async function leftovers(zk: ZooKeeper, path: string): Promise<string | null> {
  const left: string[] = []
  for (const directory of [path, `${path}/leases`, `${path}/locks`, `${path}-__lock__`]) {
    try {
      left.push(...(await zk.getChildren(directory)).filter((name) => name !== 'leases' && name !== 'locks'))
    } catch (error) {
      if (!KeeperError.is(error, 'NONODE')) throw error
    }
  }
  return left.length === 0 ? null : left.join(' ')
}
