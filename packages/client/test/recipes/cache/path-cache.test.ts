import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PathCache } from '../../../dist/recipes/index.js'
import { record } from '../support/caches.ts'
import { World } from '../support/world.ts'

const contents = (cache: PathCache): string[][] => cache.entries().map(([name, { data }]) => [name, data.toString()])

test('the children are there with their data, and nothing else is', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await using cache = await PathCache.start(zk, '/workers')
  const told = record(cache)
  await other.zk.ensurePath('/workers')
  await other.zk.create('/workers/b', { data: '2' })
  await other.zk.create('/workers/a', { data: '1' })
  await other.zk.create('/workers/a/deep')
  await other.zk.setData('/workers', 'ignored')
  await cache.sync()
  assert.deepEqual(contents(cache), [
    ['a', '1'],
    ['b', '2'],
  ])
  assert.equal(cache.child('b')?.data.toString(), '2')
  assert.equal(cache.child('c'), null)
  await other.zk.setData('/workers/b', '3')
  await cache.sync()
  await other.zk.deleteRecursive('/workers/a')
  await cache.sync()
  assert.deepEqual(contents(cache), [['b', '3']])
  const events = ['created /workers/b', 'created /workers/a', 'changed /workers/b', 'deleted /workers/a']
  assert.deepEqual(told, events)
})

test('names that are not wanted are not read', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath('/workers/_lock')
  await using cache = await PathCache.start(zk, '/workers', { accept: (name) => !name.startsWith('_') })
  await other.zk.create('/workers/_other')
  await other.zk.create('/workers/a')
  await cache.sync()
  assert.deepEqual(contents(cache), [['a', '']])
})

test('ephemeral children of a session that ended are gone after it', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  await other.zk.create('/workers')
  await peer.zk.create('/workers/mine', { mode: 'EPHEMERAL' })
  await other.zk.create('/workers/theirs', { mode: 'EPHEMERAL' })
  await using cache = await PathCache.start(peer.zk, '/workers')
  assert.equal(cache.entries().length, 2)
  await peer.expire()
  await cache.synced()
  await cache.sync()
  assert.deepEqual(contents(cache), [['theirs', '']])
})
