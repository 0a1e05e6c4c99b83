import assert from 'node:assert/strict'
import { test } from 'node:test'
import { childrenWatch } from '../../../dist/recipes/index.js'
import { World } from '../support/world.ts'

test('the names are told as they are, and as they become', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  const watch = childrenWatch(zk, '/workers')
  const next = async (): Promise<string[] | null | undefined> => {
    const { value } = await watch.next()
    return value === null ? null : value?.children.sort()
  }
  assert.equal(await next(), null)
  await other.zk.create('/workers')
  assert.deepEqual(await next(), [])
  await other.zk.create('/workers/b')
  assert.deepEqual(await next(), ['b'])
  await other.zk.setData('/workers', 'x')
  await other.zk.create('/workers/a')
  assert.deepEqual(await next(), ['a', 'b'])
  await other.zk.deleteRecursive('/workers')
  // The deletions of the children may have been told before.
  for (;;) if ((await next()) === null) break
  await watch.return()
})

test('a session that ends takes its children with it, and the loop goes on', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  await other.zk.create('/workers')
  await peer.zk.create('/workers/mine', { mode: 'EPHEMERAL' })
  const watch = childrenWatch(peer.zk, '/workers')
  assert.deepEqual((await watch.next()).value?.children, ['mine'])
  await peer.expire()
  assert.deepEqual((await watch.next()).value?.children, [])
  await other.zk.create('/workers/theirs')
  assert.deepEqual((await watch.next()).value?.children, ['theirs'])
  await watch.return()
})

test('a znode that was created anew meanwhile is told, though its children have the same names', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  await other.zk.ensurePath('/workers/a')
  const watch = childrenWatch(peer.zk, '/workers')
  const first = (await watch.next()).value
  await peer.isolate()
  await other.zk.deleteRecursive('/workers')
  await other.zk.ensurePath('/workers/a')
  peer.reunite()
  const second = (await watch.next()).value
  assert.deepEqual(second?.children, first?.children)
  assert.notEqual(second?.stat.czxid, first?.stat.czxid)
  await watch.return()
})
