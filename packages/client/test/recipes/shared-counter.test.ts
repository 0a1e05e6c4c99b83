import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedCounter } from '../../dist/recipes/index.js'
import { World } from './support/world.ts'

const PATH = '/counters/c'

for (const layout of ['curator', 'kazoo'] as const) {
  test(`what many add is the sum, in the layout of ${layout}`, async (t) => {
    const peers = await (await World.start(t)).peers(3)
    const sums: number[] = []
    const adding = peers.map(async ({ zk }) => {
      const counter = new SharedCounter(zk, PATH, { layout, initial: 100 })
      for (let i = 0; i < 10; i++) sums.push(await counter.add(2))
    })
    await Promise.all(adding)
    assert.equal(await new SharedCounter(peers[0].zk, PATH, { layout }).get(), 160)
    assert.deepEqual(
      sums.toSorted((a, b) => a - b),
      Array.from({ length: 30 }, (_, i) => 102 + 2 * i),
    )
  })
}

test('it is stored as Curator stores it, or kazoo', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  await new SharedCounter(zk, PATH).add(-2)
  assert.deepEqual((await zk.getData(PATH)).data, Buffer.from([0xff, 0xff, 0xff, 0xfe]))
  await new SharedCounter(zk, '/k', { layout: 'kazoo' }).add(-2)
  assert.equal((await zk.getData('/k')).data.toString(), '-2')
})

test('what is no count is said to be none, and what has no place is refused', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  await zk.create('/text', { data: 'hello' })
  await assert.rejects(new SharedCounter(zk, '/text').get(), TypeError)
  await assert.rejects(new SharedCounter(zk, '/text', { layout: 'kazoo' }).add(1), TypeError)
  const counter = new SharedCounter(zk, PATH, { initial: 2 ** 31 - 1 })
  await assert.rejects(counter.add(1), { code: 'BAD_ARGUMENT' })
  await assert.rejects(counter.add(0.5), { code: 'BAD_ARGUMENT' })
  assert.equal(await zk.exists(PATH), null)
})

test('it is set when it is what it is thought to be', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const counter = new SharedCounter(zk, PATH)
  assert.equal(await counter.compareAndSet(0, 5), true)
  assert.equal(await counter.compareAndSet(0, 6), false)
  await counter.set(7)
  assert.equal(await counter.get(), 7)
})

test('its changes are told, through a session that ends', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const counter = new SharedCounter(b.zk, PATH)
  const seen: number[] = []
  for await (const value of new SharedCounter(a.zk, PATH).values()) {
    seen.push(value)
    if (value === 3) break
    if (value === 1) await a.expire()
    await counter.add(1)
  }
  assert.deepEqual(seen, [0, 1, 2, 3])
})

test('an addition whose answer is lost is added once, or said to be in doubt', async (t) => {
  const peer = await (await World.start(t)).peer()
  const counter = new SharedCounter(peer.zk, PATH)
  await counter.add(1)
  // The read's answer is lost: nothing was written yet.
  assert.equal(await peer.loseReplyOf(() => counter.add(1)), 2)
  // The write's answer is lost.
  const { zk } = peer
  const read = zk.getData.bind(zk)
  let losing: Promise<unknown> | null = null
  zk.getData = async (...args) => {
    const data = await read(...args)
    zk.getData = read
    losing = peer.loseReplyOf(() => Promise.resolve())
    return data
  }
  await assert.rejects(counter.add(1), { code: 'CONNECTIONLOSS', maybeApplied: true })
  await losing
  assert.equal(await counter.get(), 3)
})
