import { KeeperError } from '@vivarium/client'
import { PersistentTtlNode } from '@vivarium/client/recipes'
import { attempt, type Context, type Turns, type Workload } from './workload.ts'

const KEPT = '/kept'
const NAME = 'persistent TTL node'
/** Longer than servers wait from one look for what has expired to the next. */
const TTL_MS = 4000
const SHORT_TTL_MS = 1000

/** Every machine keeps a znode, through all starts of its program; each program keeps others for a while. */
export const ttlNodes: Workload = {
  name: NAME,
  emptied: [],
  async begin(context): Promise<Turns> {
    const { zk, who, random, pause } = context
    const node = await PersistentTtlNode.start(zk, `${KEPT}/${machineOf(who)}`, { ttlMs: TTL_MS, data: who })
    let others = 0
    return {
      turn: (isLast) =>
        attempt(isLast, context, async () => {
          if (random.chance(0.5)) {
            const path = `${KEPT}/${who}-${++others}`
            await using _ = await PersistentTtlNode.start(zk, path, { ttlMs: SHORT_TTL_MS })
            await pause(random.between(0, 1000))
          }
          await look(context, node, false)
        }),
      async copy() {
        // No fault has been there for long: from one look to the next it is the same znode.
        await attempt(true, context, () => look(context, node, true))
        await pause(2 * TTL_MS)
        await attempt(true, context, () => look(context, node, true))
        await zk.sync(KEPT)
        return await zk.getChildren(KEPT)
      },
      end: () => node.close(),
    }
  },
  async audit({ recorder }, participants) {
    recorder.there.set(NAME, participants.map(machineOf))
  },
}

function machineOf(who: string): string {
  return who.slice(0, who.indexOf('.'))
}

/** Notes which znode it is, and when it was touched: first that, so that it is not the touch of a later one. */
async function look({ zk, recorder, who }: Context, { path }: PersistentTtlNode, isCalm: boolean): Promise<void> {
  try {
    const touched = (await zk.getData(`${path}/touch`)).stat
    const { stat } = await zk.getData(path)
    const { czxid, ctime } = stat
    recorder.keeps.push({ path, who, czxid, createdMs: ctime, touchedMs: touched.mtime, ttlMs: TTL_MS, isCalm })
  } catch (error) {
    if (!KeeperError.is(error, 'NONODE')) throw error
    recorder.keeps.push({ path, who, czxid: null, createdMs: 0, touchedMs: 0, ttlMs: TTL_MS, isCalm })
  }
}
