import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WorkQueue } from '../../dist/recipes/index.js'
import { World } from './support/world.ts'

const PATH = '/work/w'

test('an item is done once, by one worker at a time', async (t) => {
  const peers = await (await World.start(t)).peers(3)
  const queue = new WorkQueue(peers[0].zk, PATH)
  await queue.putAll(Array.from({ length: 12 }, (_, i) => `${i}`))
  const done: string[] = []
  const work = peers.map(async ({ zk }) => {
    for (;;) {
      await using item = await new WorkQueue(zk, PATH).poll()
      if (item === null) return
      await zk.sync('/')
      await item.done()
      done.push(item.data.toString())
    }
  })
  await Promise.all(work)
  assert.equal(new Set(done).size, 12)
  assert.equal(done.length, 12)
  assert.equal(await queue.size(), 0)
  assert.deepEqual(await peers[0].zk.getChildren(`${PATH}/taken`), [])
})

test('its znodes are named as kazoo names them, and priorities count', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const queue = new WorkQueue(zk, PATH)
  await queue.put('later')
  await queue.put('now', 1)
  assert.deepEqual((await zk.getChildren(`${PATH}/entries`)).toSorted(), [
    'entry-001-0000000001',
    'entry-100-0000000000',
  ])
  await using item = await queue.take()
  assert.equal(item.data.toString(), 'now')
  assert.deepEqual(await zk.getChildren(`${PATH}/taken`), ['entry-001-0000000001'])
  await assert.rejects(queue.put('x', 1000), { code: 'BAD_ARGUMENT' })
})

test('an item that is given back, or whose worker is lost, goes to another', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const [mine, theirs] = [new WorkQueue(a.zk, PATH, { certainty: 'lost' }), new WorkQueue(b.zk, PATH)]
  await mine.put('x')
  const first = await mine.take()
  const waiting = theirs.take()
  await first.giveBack()
  const second = await waiting
  assert.equal(second.name, first.name)
  await second.giveBack()
  const third = await mine.take()
  const again = theirs.take()
  await a.expire()
  assert.equal(third.signal.aborted, true)
  await assert.rejects(third.done(), { code: 'OWNERSHIP_LOST' })
  const fourth = await again
  assert.ok(fourth.holding.token > third.holding.token)
  await fourth.done()
  assert.equal(await theirs.poll(), null)
})

test('answers that are lost change nothing', async (t) => {
  const peer = await (await World.start(t)).peer()
  const queue = new WorkQueue(peer.zk, PATH, { certainty: 'lost' })
  await queue.put('x')
  // The create in `taken` is what is lost.
  const create = peer.zk.create.bind(peer.zk)
  let losing: Promise<unknown> = Promise.resolve()
  peer.zk.create = (path, options) => {
    const creating = create(path, options)
    if (path.includes('/taken/')) {
      peer.zk.create = create
      losing = peer.loseReplyOf(() => Promise.resolve())
    }
    return creating
  }
  const item = await queue.take()
  await losing
  assert.equal(item.data.toString(), 'x')
  assert.equal(await queue.poll(), null)
  await peer.loseReplyOf(() => item.done())
  assert.equal(await queue.size(), 0)
})

test('an item that is done and gone is done, though another came for it before we were told', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const queue = new WorkQueue(a.zk, PATH, { certainty: 'lost' })
  await queue.put('x')
  const item = await queue.take()
  // The other has listed it before, and will find that there is nothing to be done.
  await a.loseReplyOf(
    () => item.done(),
    () => b.zk.create(item.holding.path, { mode: 'EPHEMERAL' }),
  )
  assert.equal(await queue.size(), 0)
})

test('if the session ends before the answer is there, it is in doubt whether the item is done', async (t) => {
  const peer = await (await World.start(t)).peer()
  const queue = new WorkQueue(peer.zk, PATH)
  await queue.put('x')
  const item = await queue.take()
  const done = peer.loseReplyOf(
    () => item.done(),
    () => peer.forget(),
  )
  await assert.rejects(done, { code: 'CONNECTIONLOSS', maybeApplied: true })
  assert.equal(await queue.size(), 0)
})

test('what is given back is not taken away from the one who has it next', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const [mine, theirs] = [new WorkQueue(a.zk, PATH), new WorkQueue(b.zk, PATH)]
  await mine.put('x')
  const item = await mine.take()
  const waiting = theirs.take()
  await a.loseReplyOf(
    () => item.giveBack(),
    () => waiting,
  )
  const { holding } = await waiting
  await b.zk.sync('/')
  assert.equal(holding.isHeld, true)
  assert.equal((await b.zk.exists(holding.path))?.czxid, holding.token)
})

test('who waits can give up, and finds what comes through a session that ends', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const queue = new WorkQueue(a.zk, PATH)
  await assert.rejects(queue.take({ timeoutMs: 1 }), { code: 'WAIT_TIMEOUT' })
  const waiting = queue.take()
  await a.expire()
  await new WorkQueue(b.zk, PATH).put('x')
  await (await waiting).done()
})

test('the directory of entries may go while someone waits for one, as an empty container does', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const [mine, theirs] = [new WorkQueue(a.zk, PATH), new WorkQueue(b.zk, PATH)]
  await mine.put('first')
  await (await mine.take()).done()
  const waiting = theirs.take()
  await b.zk.sync('/')
  await a.zk.delete(`${PATH}/entries`)
  await b.zk.sync('/')
  await mine.putAll(['x', 'y'])
  await using item = await waiting
  assert.equal(item.data.toString(), 'x')
})
