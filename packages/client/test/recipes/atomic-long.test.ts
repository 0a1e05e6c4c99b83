import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AtomicLong } from '../../dist/recipes/index.js'
import { World } from './support/world.ts'

const PATH = '/totals/bytes'

test('what many add is the sum', async (t) => {
  const peers = await (await World.start(t)).peers(3)
  const adding = peers.map(async ({ zk }) => {
    const total = new AtomicLong(zk, PATH)
    for (let i = 0; i < 10; i++) {
      const { before, after } = await total.add(3n)
      assert.equal(after - before, 3n)
    }
  })
  await Promise.all(adding)
  assert.equal(await new AtomicLong(peers[0].zk, PATH).get(), 90n)
})

test('it is stored in eight bytes and wraps around, as with Curator', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const total = new AtomicLong(zk, PATH)
  assert.equal(await total.get(), 0n)
  assert.deepEqual(await total.set(2n ** 63n - 1n), { before: 0n, after: 2n ** 63n - 1n })
  assert.equal((await zk.getData(PATH)).data.toString('hex'), '7fffffffffffffff')
  assert.equal((await total.add(1n)).after, -(2n ** 63n))
  await zk.setData(PATH, 'short')
  await assert.rejects(total.get(), TypeError)
})

test('it is changed if it is what it is thought to be', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const total = new AtomicLong(zk, PATH)
  assert.equal(await total.compareAndSet(1n, 2n), false)
  assert.equal(await total.compareAndSet(0n, 2n), true)
  assert.deepEqual(await total.update((value) => value * 21n), { before: 2n, after: 42n })
})
