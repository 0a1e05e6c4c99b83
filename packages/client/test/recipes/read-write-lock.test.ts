import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Holding, ReadWriteLock } from '../../dist/recipes/index.js'
import { untilChildren, World } from './support/world.ts'

const PATH = '/locks/catalogue'

/** Whether it is ours by the time that whoever could get in has. */
async function isWaiting(acquiring: Promise<Holding>, lock: ReadWriteLock, contenders: number): Promise<boolean> {
  const pending = Symbol('pending')
  while ((await lock.contenders()).length < contenders);
  return (await Promise.race([acquiring, Promise.resolve(pending)])) === pending
}

for (const layout of ['curator', 'kazoo'] as const) {
  test(`readers together, writers alone, in the order of ${layout}`, async (t) => {
    const [a, b] = await (await World.start(t)).peers(2)
    const [mine, theirs] = [a, b].map(({ zk }) => new ReadWriteLock(zk, PATH, { layout })) as [
      ReadWriteLock,
      ReadWriteLock,
    ]
    const first = await mine.acquireRead()
    const second = await theirs.acquireRead()
    const writing = theirs.acquireWrite()
    await untilChildren(a.zk, PATH, 3)
    const reading = mine.acquireRead() // After the writer, though readers have it now.
    await untilChildren(a.zk, PATH, 4)
    await first.release()
    assert.equal(await isWaiting(writing, mine, 3), true)
    await second.release()
    const write = await writing
    assert.equal(await isWaiting(reading, mine, 2), true)
    assert.ok(write.token > second.token)
    await write.release()
    await (await reading).release()
  })

  test(`a writer that becomes a reader lets readers in and no writer between, in the layout of ${layout}`, async (t) => {
    const [a, b] = await (await World.start(t)).peers(2)
    const mine = new ReadWriteLock(a.zk, PATH, { layout, data: 'a' })
    const theirs = new ReadWriteLock(b.zk, PATH, { layout, data: 'b' })
    const write = await mine.acquireWrite()
    const reading = theirs.acquireRead()
    await untilChildren(a.zk, PATH, 2)
    const writing = theirs.acquireWrite()
    await untilChildren(a.zk, PATH, 3)
    const read = await mine.downgrade(write)
    assert.equal(write.isHeld, false)
    assert.equal(read.isHeld, true)
    assert.equal(read.path.slice(-10), write.path.slice(-10))
    await (await reading).release()
    assert.equal(await isWaiting(writing, mine, 2), true)
    await read.release()
    await (await writing).release()
  })
}

test('its znodes are named as Curator names them', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const lock = new ReadWriteLock(zk, PATH)
  await (await lock.acquireRead()).release()
  const write = await lock.acquireWrite()
  assert.match(write.path, /_c_[0-9a-f-]{36}-__WRIT__0000000001$/)
  const read = await lock.downgrade(write)
  assert.match(read.path, /_c_[0-9a-f-]{36}-__READ__0000000001$/)
  const stat = await zk.exists(read.path)
  assert.equal(stat?.ephemeralOwner, zk.session?.id)
})

test('a write lock that is lost is not turned into a read lock', async (t) => {
  const peer = await (await World.start(t)).peer()
  const lock = new ReadWriteLock(peer.zk, PATH)
  const write = await lock.acquireWrite()
  await peer.expire()
  await assert.rejects(lock.downgrade(write), { code: 'OWNERSHIP_LOST' })
  await untilChildren(peer.zk, PATH, 0)
})

test('a writer gets in when a reader loses its session, and readers behind one who gives up go on', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const read = await new ReadWriteLock(a.zk, PATH).acquireRead()
  const lock = new ReadWriteLock(b.zk, PATH)
  const writing = lock.acquireWrite()
  await untilChildren(b.zk, PATH, 2)
  await a.expire()
  const write = await writing
  assert.equal(read.isHeld, false)
  const controller = new AbortController()
  const second = lock.acquireWrite({ signal: controller.signal })
  await untilChildren(b.zk, PATH, 2)
  const reading = lock.acquireRead()
  await untilChildren(b.zk, PATH, 3)
  controller.abort()
  await assert.rejects(second, { name: 'AbortError' })
  await write.release()
  await (await reading).release()
  await untilChildren(b.zk, PATH, 0)
})
