import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Queue } from '../../dist/recipes/index.js'
import { World } from './support/world.ts'

const PATH = '/queues/q'

test('first in, first out, under the names of Curator', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const queue = new Queue(zk, PATH)
  assert.equal(await queue.poll(), null)
  assert.equal(await queue.peek(), null)
  for (const item of ['a', 'b', 'c']) await queue.put(item)
  assert.deepEqual((await zk.getChildren(PATH)).toSorted(), ['qn-0000000000', 'qn-0000000001', 'qn-0000000002'])
  await zk.create(`${PATH}/foreign`)
  assert.equal((await queue.peek())?.toString(), 'a')
  assert.equal(await queue.size(), 3)
  assert.equal((await queue.take()).toString(), 'a')
  assert.equal((await queue.poll())?.toString(), 'b')
  assert.equal((await queue.take()).toString(), 'c')
  assert.equal(await queue.poll(), null)
})

test('many put and many take, and each item goes to one', async (t) => {
  const peers = await (await World.start(t)).peers(4)
  const taken: number[] = []
  const work = peers.map(async ({ zk }, at) => {
    const queue = new Queue(zk, PATH)
    for (let i = 0; i < 15; i++) {
      if (at < 2) await queue.put(`${at * 15 + i}`)
      else taken.push(Number((await queue.take()).toString()))
    }
  })
  await Promise.all(work)
  assert.deepEqual(
    taken.toSorted((a, b) => a - b),
    Array.from({ length: 30 }, (_, i) => i),
  )
})

test('one who waits goes on through a cut and a session that ends, and can give up', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const queue = new Queue(a.zk, PATH)
  await assert.rejects(queue.take({ timeoutMs: 1 }), { code: 'WAIT_TIMEOUT' })
  const controller = new AbortController()
  const givingUp = queue.take({ signal: controller.signal })
  const waiting = queue.take()
  await a.cut()
  await a.until('connected')
  controller.abort()
  await assert.rejects(givingUp, { name: 'AbortError' })
  await a.expire()
  await new Queue(b.zk, PATH).put('late')
  assert.equal((await waiting).toString(), 'late')
})

test('an item that is lost with the answer is said to be lost', async (t) => {
  const peer = await (await World.start(t)).peer()
  const queue = new Queue(peer.zk, PATH)
  await queue.put('a')
  const remove = peer.zk.delete.bind(peer.zk)
  let losing: Promise<unknown> = Promise.resolve()
  peer.zk.delete = (...args) => {
    peer.zk.delete = remove
    const removing = remove(...args)
    losing = peer.loseReplyOf(() => Promise.resolve())
    return removing
  }
  await assert.rejects(queue.take(), { code: 'CONNECTIONLOSS', maybeApplied: true })
  await losing
  assert.equal(await queue.size(), 0)
})

test('an item may be lost if its client is closed before the answer is there', async (t) => {
  const peer = await (await World.start(t)).peer({ closeTimeoutMs: 20 })
  const { zk } = peer
  const queue = new Queue(zk, PATH)
  await queue.put('a')
  const remove = zk.delete.bind(zk)
  zk.delete = (...args) => {
    peer.hold()
    const removing = remove(...args)
    void zk.close()
    return removing
  }
  await assert.rejects(queue.take(), { code: 'CLOSED', maybeApplied: true })
})
