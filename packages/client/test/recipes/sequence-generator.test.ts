import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AtomicLong, SequenceGenerator } from '../../dist/recipes/index.js'
import { World } from './support/world.ts'

const PATH = '/sequences/orders'

for (const blockSize of [1, 7]) {
  test(`nobody gets a number twice, ${blockSize} at a time, whatever happens to connections`, async (t) => {
    const peers = await (await World.start(t)).peers(3)
    const drawn = peers.map(async (peer, at) => {
      const sequence = new SequenceGenerator(peer.zk, PATH, { blockSize })
      const numbers: bigint[] = []
      for (let i = 0; i < 20; i++) {
        if (at === 0 && i === 5) await peer.cut()
        if (at === 1 && i === 5) await peer.expire()
        numbers.push(...(await Promise.all([sequence.next(), sequence.next()])))
      }
      return numbers
    })
    const all = (await Promise.all(drawn)).flat()
    assert.equal(new Set(all).size, 120)
    for (const numbers of await Promise.all(drawn)) {
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => (a < b ? -1 : 1)),
      )
    }
  })
}

test('it goes on from where Curator left off', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  await new AtomicLong(zk, PATH).set(41n)
  const sequence = new SequenceGenerator(zk, PATH, { blockSize: 10 })
  assert.deepEqual([await sequence.next(), await sequence.next()], [41n, 42n])
  assert.equal(await new AtomicLong(zk, PATH).get(), 51n)
  assert.throws(() => new SequenceGenerator(zk, PATH, { blockSize: 0 }), { code: 'BAD_ARGUMENT' })
})
