import { joinPath, Op, ZooKeeper } from '@vivarium/client'
import {
  type Holding,
  type Layout,
  LeaderElection,
  LeaderLatch,
  Mutex,
  ReadWriteLock,
  Semaphore,
} from '@vivarium/client/recipes'

/**
 * Contends by our recipes until it is killed, and writes into a log when it is in: in one transaction with a check that what
 * it is in by is there. Arguments: the servers, its name, the layout.
 */
const [servers, who, layout] = process.argv.slice(2) as [string, string, Layout]
const WAIT_MS = 10_000

async function enter(recipe: string, kind: string, held: Holding): Promise<void> {
  await using holding = held
  const data = `${who} ${kind} ${holding.token}`
  await holding.guard([Op.create(joinPath(`/log/${recipe}`, 'e-'), { data, mode: 'PERSISTENT_SEQUENTIAL' })])
}

async function turn(zk: ZooKeeper, recipe: string, round: number): Promise<void> {
  const path = `/contention/${recipe}`
  const wait = { timeoutMs: WAIT_MS }
  if (recipe === 'mutex') return enter(recipe, 'write', await new Mutex(zk, path, { layout }).acquire(wait))
  if (recipe === 'semaphore') {
    return enter(recipe, 'lease', await new Semaphore(zk, path, { layout, leases: 2 }).acquire(wait))
  }
  if (recipe === 'readwrite') {
    const lock = new ReadWriteLock(zk, path, { layout })
    if (round % 2 === 0) return enter(recipe, 'write', await lock.acquireWrite(wait))
    return enter(recipe, 'read', await lock.acquireRead(wait))
  }
  if (layout === 'kazoo') {
    return new LeaderElection(zk, path, { layout }).run((term) => enter(recipe, 'write', term), wait)
  }
  await using latch = new LeaderLatch(zk, path)
  await enter(recipe, 'write', await latch.leadership(wait))
}

const zk = await ZooKeeper.connect(servers, { sessionTimeoutMs: 3000, connectTimeoutMs: 60_000 })
for (let round = 0; ; round++) {
  for (const recipe of ['mutex', 'readwrite', 'semaphore', 'leader']) {
    try {
      await turn(zk, recipe, round)
    } catch (error) {
      console.log(recipe, String(error)) // Connections are cut all the time, and processes stand still.
    }
  }
}
