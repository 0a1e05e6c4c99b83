import { joinPath, type ZooKeeper } from '@vivarium/client'
import { ConfigWatch, GroupMember, Party, ServiceDiscovery, TreeCache } from '@vivarium/client/recipes'
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

const PARTY = '/groups/party'

/** The same, without a copy that is kept. */
export const party: Workload = {
  name: 'party',
  emptied: [PARTY],
  async begin(context): Promise<Turns> {
    const { zk, who, random, pause } = context
    const party = new Party(zk, PARTY, { identifier: who })
    await party.join()
    return {
      turn: () => pause(random.between(0, 500)),
      async copy() {
        await party.join()
        await zk.sync(PARTY)
        return await party.members()
      },
      end: () => party.leave(),
    }
  },
  async audit({ recorder }, participants) {
    recorder.there.set('party', [...participants].sort())
  },
}

const SERVICES = '/services'
const SERVICE = 'worker'

/** Everyone is an instance all the time, and says something else of itself now and then; everyone sees all at the end. */
export const services: Workload = {
  name: 'service discovery',
  emptied: [`${SERVICES}/${SERVICE}`],
  async begin(context): Promise<Turns> {
    const { zk, who, random, pause } = context
    const discovery = new ServiceDiscovery(zk, SERVICES)
    const serviceType = random.pick(['DYNAMIC', 'DYNAMIC_SEQUENTIAL'] as const)
    const registration = await discovery.register({ name: SERVICE, id: who, serviceType, payload: 'new' })
    const cache = await discovery.cache(SERVICE)
    let updates = 0
    return {
      async turn(isLast) {
        await pause(random.between(0, 500))
        await registration.update({ payload: isLast ? 'last' : `${++updates}` })
      },
      async copy() {
        await cache.sync()
        return cache.instances().map(({ id, payload }) => `${id} ${payload}`)
      },
      end: async () => {
        await cache.close()
        await discovery.close()
      },
    }
  },
  async audit({ recorder }, participants) {
    recorder.there.set(
      'service discovery',
      participants.map((who) => `${who} last`),
    )
  },
}

const CONFIG = '/config/limits'
const configuration = 'configuration'

/** Everyone writes a configuration, some of them badly, and has the last good one. */
export const configWatch: Workload = {
  name: configuration,
  emptied: [],
  begin(context): Turns {
    const { zk, who, random } = context
    const schema = (parsed: unknown): string => {
      if (typeof parsed === 'string') return parsed
      throw new TypeError('it is no text')
    }
    const config = new ConfigWatch(zk, CONFIG, { schema, initial: 'none' })
    return {
      async turn(isLast) {
        const value = isLast ? who : random.pick([who, 17, null])
        await attempt(isLast, context, async () => {
          await zk.ensurePath(CONFIG)
          await zk.setData(CONFIG, JSON.stringify(value))
        })
      },
      async copy() {
        await config.sync()
        return [config.value]
      },
      end: () => config.close(),
    }
  },
  audit: (context) =>
    attempt(true, context, async () => {
      const { data } = await context.zk.getData(CONFIG)
      context.recorder.there.set(configuration, [JSON.parse(data.toString()) as string])
    }),
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
