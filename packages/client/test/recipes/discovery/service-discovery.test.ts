import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ServiceCache, ServiceDiscovery, type ServiceInstance } from '../../../dist/recipes/index.js'
import { ManualTimers } from '../support/manual-timers.ts'
import { World } from '../support/world.ts'

const BASE = '/services'

const ids = (instances: readonly ServiceInstance<unknown>[]): string[] => instances.map(({ id }) => id)

function until(cache: ServiceCache, isWanted: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (isWanted()) return resolve()
    const unlisten = cache.onChange(() => {
      if (!isWanted()) return
      unlisten()
      resolve()
    })
  })
}

test('what is registered is found, changes, and is gone', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await using here = new ServiceDiscovery(a.zk, BASE)
  await using there = new ServiceDiscovery(b.zk, BASE)
  assert.deepEqual(await there.names(), [])
  assert.deepEqual(await there.instances('worker'), [])
  const worker = await here.register({
    name: 'worker',
    id: 'w1',
    address: '10.0.0.7',
    port: 8080,
    payload: { zone: 'a' },
  })
  assert.deepEqual(await there.names(), ['worker'])
  assert.deepEqual(await there.instance('worker', 'w1'), worker.instance)
  assert.equal(await there.instance('worker', 'w2'), null)
  assert.deepEqual(await there.instances('worker'), [worker.instance])
  await worker.update({ port: 9090 })
  await b.zk.sync(BASE)
  assert.equal((await there.instance('worker', 'w1'))?.port, 9090)
  await worker.unregister()
  await b.zk.sync(BASE)
  assert.deepEqual(await there.instances('worker'), [])
})

test('the layout is that of Curator', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const discovery = new ServiceDiscovery(zk, BASE)
  await discovery.register({ name: 'worker', id: 'dynamic' })
  await discovery.register({ name: 'worker', id: 'static', serviceType: 'STATIC' })
  await discovery.register({ name: 'sequential', id: 's', serviceType: 'DYNAMIC_SEQUENTIAL' })
  assert.equal((await zk.exists('/services/worker/dynamic'))?.ephemeralOwner, zk.session?.id)
  assert.equal((await zk.exists('/services/worker/static'))?.ephemeralOwner, 0n)
  assert.match((await zk.getChildren('/services/sequential'))[0] ?? '', /-s0000000000$/)
  await discovery.close()
  assert.deepEqual(await discovery.instances('worker'), [])
})

test('what an earlier process has left under the same id is replaced', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await new ServiceDiscovery(a.zk, BASE).register({ name: 'worker', id: 'w1', port: 1 })
  await using discovery = new ServiceDiscovery(b.zk, BASE)
  await discovery.register({ name: 'worker', id: 'w1', port: 2 })
  assert.equal((await discovery.instance('worker', 'w1'))?.port, 2)
  assert.equal((await b.zk.exists('/services/worker/w1'))?.ephemeralOwner, b.zk.session?.id)
})

test('names that are no names are refused', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const discovery = new ServiceDiscovery(zk, BASE)
  await assert.rejects(discovery.register({ name: 'a/b' }), { code: 'BAD_ARGUMENT' })
  await assert.rejects(discovery.register({ name: 'a', id: '' }), { code: 'BAD_ARGUMENT' })
})

test('a cache follows the instances through the end of a session', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await using here = new ServiceDiscovery(a.zk, BASE)
  await using cache = await new ServiceDiscovery(b.zk, BASE).cache('worker')
  const told: string[] = []
  cache.onChange((change) => told.push(change.type))
  const worker = await here.register({ name: 'worker', id: 'w1' })
  await until(cache, () => cache.instances().length === 1)
  await a.expire()
  await until(cache, () => told.includes('removed') && cache.instances().length === 1)
  assert.deepEqual(told, ['added', 'removed', 'added'])
  await worker.unregister()
  await until(cache, () => cache.instances().length === 0)
})

test('a znode that is no instance is told, and passed by', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await using here = new ServiceDiscovery(a.zk, BASE)
  const payload = (value: unknown): string => {
    if (typeof value === 'string') return value
    throw new Error('no text')
  }
  const there = new ServiceDiscovery(b.zk, BASE, { payload })
  await using cache = await there.cache('worker')
  const wrong: string[] = []
  cache.onChange((change) => change.type === 'invalid' && wrong.push(change.path))
  await here.register({ name: 'worker', id: 'good', payload: 'text' })
  const bad = await here.register({ name: 'worker', id: 'bad', payload: 1 })
  await a.zk.create('/services/worker/worse', { data: 'x' })
  await cache.sync()
  assert.deepEqual(ids(cache.instances()), ['good'])
  assert.deepEqual(wrong, ['/services/worker/bad', '/services/worker/worse'])
  await bad.update({ payload: 'better' })
  await cache.sync()
  assert.deepEqual(ids(cache.instances()), ['bad', 'good'])
  await bad.update({ payload: 2 })
  await cache.sync()
  assert.deepEqual(ids(cache.instances()), ['good'])
  await assert.rejects(there.instances('worker'), { message: 'no text' })
})

test('a provider gives those that are enabled, wanted, and not down', async (t) => {
  const world = await World.start(t)
  const clock = new ManualTimers()
  const { zk } = await world.peer({ env: { clock } })
  await using discovery = new ServiceDiscovery(zk, BASE)
  for (const id of ['a', 'b', 'c', 'd']) await discovery.register({ name: 'worker', id, enabled: id !== 'd' })
  await using provider = await discovery.provider('worker', {
    filter: ({ id }) => id !== 'c',
    down: { timeoutMs: 60_000 },
  })
  assert.deepEqual(ids(provider.instances()), ['a', 'b'])
  const chosen = [1, 2, 3].map(() => provider.instance()?.id)
  assert.deepEqual(chosen, ['a', 'b', 'a'])
  const [a] = provider.instances()
  assert.ok(a)
  provider.noteError(a)
  assert.deepEqual(ids(provider.instances()), ['a', 'b'])
  provider.noteError(a)
  assert.deepEqual(ids(provider.instances()), ['b'])
  clock.aheadMs = 60_000
  assert.deepEqual(ids(provider.instances()), ['a', 'b'])
})

test('an instance that registers anew is not down any more', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await using here = new ServiceDiscovery(a.zk, BASE)
  const worker = await here.register({ name: 'worker', id: 'w1' })
  await using provider = await new ServiceDiscovery(b.zk, BASE).provider('worker', { down: { errors: 1 } })
  const instance = provider.instance()
  assert.ok(instance)
  provider.noteError(instance)
  assert.equal(provider.instance(), null)
  await worker.update({ registrationTimeUTC: 1 })
  await provider.cache.sync()
  assert.equal(provider.instance()?.id, 'w1')
})
