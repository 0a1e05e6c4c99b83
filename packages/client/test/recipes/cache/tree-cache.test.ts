import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TreeCache } from '../../../dist/recipes/index.js'
import { World } from '../support/world.ts'

test('a tree is walked in order', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  for (const path of ['/app/b/y', '/app/a', '/app/b/x']) await other.zk.ensurePath(path)
  await using tree = await TreeCache.start(zk, '/app')
  const paths = (): string[] => [...tree.walk()].map(({ path }) => path)
  assert.deepEqual(paths(), ['/app', '/app/a', '/app/b', '/app/b/x', '/app/b/y'])
  assert.deepEqual([...tree.childNodes().keys()], ['a', 'b'])
  assert.deepEqual([...tree.childNodes('/app/b').keys()], ['x', 'y'])
  assert.deepEqual([...tree.childNodes('/app/none')], [])
  await other.zk.deleteRecursive('/app/b')
  await tree.sync()
  assert.deepEqual(paths(), ['/app', '/app/a'])
})

test('what was cut off while the client was away grows again', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath('/app/a/old')
  await using tree = await TreeCache.start(peer.zk, '/app', { maxDepth: 2 })
  await peer.isolate()
  await other.zk.deleteRecursive('/app')
  await other.zk.ensurePath('/app/a/new/deep')
  peer.reunite()
  await tree.synced()
  assert.deepEqual(
    [...tree.walk()].map(({ path }) => path),
    ['/app', '/app/a', '/app/a/new'],
  )
})
