import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NodeCache } from '../../../dist/recipes/index.js'
import { record, until } from '../support/caches.ts'
import { World } from '../support/world.ts'

const text = (cache: NodeCache): string | null => cache.node?.data.toString() ?? null

test('a znode is followed from before it is there until after it is gone', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await using cache = await NodeCache.start(zk, '/motd')
  assert.equal(text(cache), null)
  await other.zk.create('/motd', { data: 'one' })
  await cache.sync()
  assert.equal(text(cache), 'one')
  await other.zk.setData('/motd', 'two')
  await cache.sync()
  assert.equal(text(cache), 'two')
  assert.equal(cache.get('/motd')?.stat.version, 1)
  await other.zk.delete('/motd')
  await cache.sync()
  assert.equal(text(cache), null)
})

test('what is below it is none of its business', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath('/motd/old')
  await using cache = await NodeCache.start(zk, '/motd')
  const told = record(cache)
  await other.zk.create('/motd/new')
  await cache.sync()
  assert.equal(cache.size, 1)
  assert.deepEqual(told, [])
})

test('a change that was missed is told after the reconnection', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  await other.zk.create('/motd', { data: 'one' })
  await using cache = await NodeCache.start(peer.zk, '/motd')
  const told = record(cache)
  await peer.isolate()
  await other.zk.setData('/motd', 'two')
  assert.equal(text(cache), 'one')
  peer.reunite()
  await until(cache, () => cache.isSynced)
  assert.equal(text(cache), 'two')
  assert.deepEqual(told, ['stale', 'changed /motd', 'synced'])
})
