import { joinPath, type ZooKeeper } from '@vivarium/client'
import { GroupMember, TreeCache } from '@vivarium/client/recipes'
import { attempt, type Context, isExpected, type Turns, type Workload } from './workload.ts'

const GROUP = '/groups/workers'

/** Everyone is a member all the time; at the end, everyone sees all, and nobody else. */
export const group: Workload = {
  name: 'group',
  emptied: [],
  async begin(context): Promise<Turns> {
    const { zk, who, random, pause } = context
    const member = await GroupMember.join(zk, GROUP, who, { data: who })
    return {
      async turn(isLast) {
        await pause(random.between(0, 500))
        if (isLast) await member.node.present()
      },
      async copy() {
        await member.cache.sync()
        return [...member.members().keys()]
      },
      end: () => member.close(),
    }
  },
  async audit({ recorder }, participants) {
    recorder.there.set('group', [...participants].sort())
  },
}

const TREE = '/tree'
const CACHES = 'caches'
const NAMES = ['a', 'b', 'c']

/** Everyone changes a tree, and has a copy of it. */
export const caches: Workload = {
  name: CACHES,
  emptied: [],
  async begin(context): Promise<Turns> {
    const { zk, random } = context
    const cache = new TreeCache(zk, TREE, { watches: random.pick(['persistent', 'one-shot', undefined] as const) })
    return {
      turn: () => change(context),
      async copy() {
        await cache.sync()
        return [...cache.nodes()].map(({ path, data }) => `${path} ${data}`).sort()
      },
      end: () => cache.close(),
    }
  },
  audit: (context) =>
    attempt(true, context, async () => {
      context.recorder.there.set(CACHES, (await readTree(context.zk, TREE)).sort())
    }),
}

async function change({ zk, random, who }: Context): Promise<void> {
  const path = [TREE, ...random.pick([[1], [1, 2]]).map(() => random.pick(NAMES))].join('/')
  try {
    if (random.chance(0.5)) await zk.ensurePath(path)
    if (random.chance(0.3)) await zk.deleteRecursive(path)
    else await zk.setData(path, `${who} ${random.int(0, 999)}`)
  } catch (error) {
    const { code } = error as { code?: string }
    if (!isExpected(error) && code !== 'NONODE') throw error
  }
}

async function readTree(zk: ZooKeeper, path: string): Promise<string[]> {
  if ((await zk.exists(path)) === null) return []
  await zk.sync(path)
  const { data } = await zk.getData(path)
  const names = await zk.getChildren(path)
  const below = await Promise.all(names.map((name) => readTree(zk, joinPath(path, name))))
  return [`${path} ${data}`, ...below.flat()]
}
