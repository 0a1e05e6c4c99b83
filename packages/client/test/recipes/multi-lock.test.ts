import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Op } from '../../dist/index.js'
import { MultiLock, Mutex } from '../../dist/recipes/index.js'
import { untilChildren, World } from './support/world.ts'

test('those who want the same locks in other orders do not wait for each other', async (t) => {
  const peers = await (await World.start(t)).peers(3)
  let inside = 0
  const work = peers.map(async ({ zk }, at) => {
    const locks = ['/locks/a', '/locks/b', '/locks/c'].map((path) => new Mutex(zk, path))
    const rotated = [...locks.slice(at), ...locks.slice(0, at)]
    for (let round = 0; round < 3; round++) {
      await using together = await new MultiLock(zk, rotated).acquire()
      assert.equal(++inside, 1)
      assert.deepEqual(
        together.holdings.map(({ path }) => path.slice(0, 8)),
        rotated.map(({ path }) => path),
      )
      await zk.sync('/')
      inside--
    }
  })
  await Promise.all(work)
})

test('all or nothing', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await using held = await new Mutex(a.zk, '/locks/b').acquire()
  const both = new MultiLock(b.zk, [new Mutex(b.zk, '/locks/b'), new Mutex(b.zk, '/locks/a')])
  await assert.rejects(both.acquire({ timeoutMs: 1 }), { code: 'WAIT_TIMEOUT' })
  await untilChildren(a.zk, '/locks/b', 1)
  await using free = await new Mutex(a.zk, '/locks/a').acquire()
  assert.equal(held.isHeld && free.isHeld, true)
})

test('who loses one while it waits for the next waits for both anew', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const other = await new Mutex(a.zk, '/locks/b').acquire()
  const waiting = new MultiLock(b.zk, [new Mutex(b.zk, '/locks/a'), new Mutex(b.zk, '/locks/b')]).acquire()
  await untilChildren(a.zk, '/locks/b', 2)
  await b.cut()
  await other.release()
  await using both = await waiting
  assert.equal(both.isHeld, true)
})

test('what is lost of one is lost of all, and a guarded multi is refused', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const locks = await new MultiLock(a.zk, [new Mutex(a.zk, '/locks/a'), new Mutex(a.zk, '/locks/b')]).acquire()
  const [created] = await locks.guard([Op.create('/x')])
  assert.equal(created.path, '/x')
  await assert.rejects(locks.guard([Op.create('/y'), Op.create('/x')]), { code: 'NODEEXISTS', index: 1 })
  await b.zk.delete(locks.holdings[1]?.path ?? '')
  await assert.rejects(locks.guard([Op.create('/y')]), { code: 'OWNERSHIP_LOST' })
  assert.equal(locks.isHeld, false)
  assert.equal(locks.signal.aborted, true)
  await locks.release()
  await untilChildren(b.zk, '/locks/a', 0)
})
