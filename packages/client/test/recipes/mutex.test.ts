import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Op, type ZooKeeper } from '../../dist/index.js'
import { Mutex } from '../../dist/recipes/index.js'
import { underCuts } from '../support/linked-client.ts'
import { aborted, type Peer, untilChildren, World } from './support/world.ts'

const PATH = '/locks/a'

test('one holder at a time, in the order in which they came, with greater tokens', async (t) => {
  const world = await World.start(t)
  const [watcher, ...peers] = await world.peers(5)
  let inside = 0
  const turns: { who: number; token: number }[] = []
  const working = []
  for (const [who, { zk }] of peers.entries()) {
    const work = async (): Promise<void> => {
      for (let round = 0; round < 5; round++) {
        await new Mutex(zk, PATH).run(async (lock) => {
          assert.equal(++inside, 1)
          turns.push({ who, token: lock.token })
          await zk.sync('/')
          inside--
        })
      }
    }
    working.push(work())
  }
  await Promise.all(working)
  assert.equal(turns.length, 20)
  const tokens = turns.map(({ token }) => token)
  assert.deepEqual(
    tokens,
    tokens.toSorted((a, b) => a - b),
  )
  assert.equal(new Set(tokens).size, 20)
  assert.deepEqual(await watcher.zk.getChildren(PATH), [])
})

test('its znodes are named as Curator names them, or kazoo', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  await using lock = await new Mutex(zk, PATH, { data: 'me' }).acquire()
  assert.match(lock.path, /^\/locks\/a\/_c_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-lock-0000000000$/)
  assert.equal(lock.token, (await zk.exists(lock.path))?.czxid)
  assert.equal((await zk.getData(lock.path)).data.toString(), 'me')
  await using other = await new Mutex(zk, '/locks/b', { layout: 'kazoo' }).acquire()
  assert.match(other.path, /__lock__0000000000$/)
})

test('znodes of others in the directory do not matter', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  await zk.ensurePath(PATH)
  for (const name of ['0', 'lock-', 'lock-00000000001', 'x-__lock__0000000000', 'lock-abc'])
    await zk.create(`${PATH}/${name}`)
  await using lock = await new Mutex(zk, PATH).acquire()
  assert.equal(lock.isHeld, true)
})

test('an owner has it as often as it asks, and gives it back with the last', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const mutex = new Mutex(a.zk, PATH)
  const owner = {}
  const first = await mutex.acquire({ owner })
  const second = await mutex.acquire({ owner })
  assert.equal(second.path, first.path)
  assert.equal(await mutex.tryAcquire({ owner: {} }), null)
  assert.equal(await mutex.tryAcquire(), null)
  await first.release()
  await first.release()
  assert.equal(first.signal.aborted, true)
  assert.equal(second.isHeld, true)
  assert.equal(await new Mutex(b.zk, PATH).tryAcquire(), null)
  await second.release()
  await using free = await new Mutex(b.zk, PATH).tryAcquire()
  assert.notEqual(free, null)
})

test('an owner whose lock is in doubt is told so instead of given it again', async (t) => {
  const peer = await (await World.start(t)).peer()
  const mutex = new Mutex(peer.zk, PATH)
  const owner = 'me'
  await using lock = await mutex.acquire({ owner })
  await peer.cut()
  assert.equal(lock.isHeld, false)
  await assert.rejects(mutex.acquire({ owner }), { code: 'OWNERSHIP_LOST', reason: 'suspended' })
})

test('who gives up leaves nothing behind, and the one after is not held up', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const holder = await new Mutex(a.zk, PATH).acquire()
  await assert.rejects(new Mutex(b.zk, PATH).acquire({ timeoutMs: 1 }), { code: 'WAIT_TIMEOUT', timeoutMs: 1 })
  const controller = new AbortController()
  const waiting = new Mutex(b.zk, PATH).acquire({ signal: controller.signal })
  await untilChildren(a.zk, PATH, 2)
  const after = new Mutex(a.zk, PATH).acquire()
  await untilChildren(a.zk, PATH, 3)
  controller.abort(new Error('changed my mind'))
  await assert.rejects(waiting, /changed my mind/)
  await holder.release()
  await (await after).release()
  await untilChildren(a.zk, PATH, 0)
})

test('who gives up while cut off leaves nothing behind', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const holder = await new Mutex(a.zk, PATH).acquire()
  const controller = new AbortController()
  const waiting = new Mutex(b.zk, PATH).acquire({ signal: controller.signal })
  await untilChildren(a.zk, PATH, 2)
  await b.isolate()
  controller.abort()
  await assert.rejects(waiting, { name: 'AbortError' })
  b.reunite()
  await untilChildren(a.zk, PATH, 1)
  assert.equal(holder.isHeld, true)
})

test('who gives up does not wait for the reply about its own znode', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  b.zk.getData = () => new Promise(() => {})
  const controller = new AbortController()
  const waiting = new Mutex(b.zk, PATH).acquire({ signal: controller.signal })
  await untilChildren(a.zk, PATH, 1)
  controller.abort()
  await assert.rejects(waiting, { name: 'AbortError' })
  await untilChildren(a.zk, PATH, 0)
})

test('a create whose reply is lost is found again, and not made twice', async (t) => {
  const peer = await (await World.start(t)).peer()
  await peer.zk.ensurePath(PATH)
  const lock = await peer.loseReplyOf(() => new Mutex(peer.zk, PATH).acquire())
  assert.equal(lock.isHeld, true)
  assert.equal((await peer.zk.getChildren(PATH)).length, 1)
  await peer.loseReplyOf(() => lock.release())
  await untilChildren(peer.zk, PATH, 0)
})

test('a cut puts an end to certainty, but not to the lock', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const lock = await new Mutex(a.zk, PATH).acquire()
  const patient = await new Mutex(a.zk, '/locks/b', { certainty: 'lost' }).acquire()
  await a.cut()
  assert.equal(lock.isHeld, false)
  assert.equal((lock.signal.reason as { reason: string }).reason, 'suspended')
  assert.equal(patient.isHeld, true)
  assert.equal(await new Mutex(b.zk, PATH).tryAcquire(), null)
  await lock.release()
  await using next = await new Mutex(b.zk, PATH).tryAcquire()
  assert.notEqual(next, null)
})

test('with its session the lock is lost, and goes to the next', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const lock = await new Mutex(a.zk, PATH, { certainty: 'lost' }).acquire()
  const next = new Mutex(b.zk, PATH).acquire()
  await untilChildren(b.zk, PATH, 2)
  await a.expire()
  assert.equal(lock.isHeld, false)
  // A server of an ensemble may tell of the end of the znode before that of the session.
  assert.match((lock.signal.reason as { reason: string }).reason, /^(session|deleted)$/)
  await using held = await next
  assert.ok(held.token > lock.token)
  await assert.rejects(lock.guard([Op.create('/by-the-old-one')]), { code: 'OWNERSHIP_LOST' })
  await lock.release() // Takes nothing from the one who has it now.
  assert.equal(held.isHeld, true)
  assert.equal((await b.zk.getChildren(PATH)).length, 1)
})

test('one who waits loses its place with its session, and queues anew', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const holder = await new Mutex(a.zk, PATH).acquire()
  const waiting = new Mutex(b.zk, PATH).acquire()
  await untilChildren(a.zk, PATH, 2)
  const session = b.zk.session?.id
  await b.expire()
  await holder.release()
  await using lock = await waiting
  assert.notEqual(lock.session.id, session)
  assert.equal((await a.zk.exists(lock.path))?.ephemeralOwner, lock.session.id)
})

test('one who waits goes on through a cut', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const holder = await new Mutex(a.zk, PATH).acquire()
  const waiting = new Mutex(b.zk, PATH).acquire()
  await untilChildren(a.zk, PATH, 2)
  await b.isolate()
  await holder.release()
  b.reunite()
  await using lock = await waiting
  assert.equal(lock.isHeld, true)
})

test('a turn that comes as the connection goes is looked at again', async (t) => {
  const peer = await (await World.start(t)).peer()
  const { zk } = peer
  const list = zk.getChildren.bind(zk)
  let cuts = 0
  zk.getChildren = async (...args) => {
    const names = await list(...args)
    if (cuts++ === 0) await peer.cut()
    return names
  }
  await using lock = await new Mutex(zk, PATH).acquire()
  assert.equal(zk.state, 'connected')
  assert.equal(lock.isHeld, true)
})

test('a guarded multi is applied while the lock is held, and not after', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  await zk.create('/data', { data: '0' })
  const lock = await new Mutex(zk, PATH).acquire()
  const [stat, created] = await lock.guard([Op.setData('/data', '1'), Op.create('/more')])
  assert.equal(stat.version, 1)
  assert.equal(created.path, '/more')
  await assert.rejects(lock.guard([Op.setData('/data', '2'), Op.create('/more')]), { code: 'NODEEXISTS', index: 1 })
  await lock.release()
  await assert.rejects(lock.guard([Op.setData('/data', '3')]), { code: 'OWNERSHIP_LOST', reason: 'released' })
  assert.equal((await zk.getData('/data')).data.toString(), '1')
})

test('a lock whose znode someone deletes is lost', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const lock = await new Mutex(a.zk, PATH).acquire()
  await b.zk.delete(lock.path)
  assert.deepEqual(((await aborted(lock.signal)) as { reason: string }).reason, 'deleted')
  await lock.release()
})

test('only the next in line is woken', { skip: underCuts('who comes back hears what it has asked for') }, async (t) => {
  const world = await World.start(t)
  const lock = await new Mutex((await world.peer()).zk, PATH).acquire()
  const waiting: Peer[] = []
  const turns = []
  for (let count = 0; count < 4; count++) {
    const peer = await world.peer({ sessionTimeoutMs: 60_000 }) // It pings after a third of that.
    const watches = onceItWatches(peer.zk)
    turns.push(new Mutex(peer.zk, PATH).acquire())
    await watches
    waiting.push(peer)
  }
  const heard = waiting.map((peer) => peer.heard)
  await lock.release()
  await turns[0]
  assert.deepEqual(
    waiting.map((peer, at) => peer.heard > (heard[at] as number)),
    [true, false, false, false],
  )
  for (const turn of turns) await (await turn).release()
})

/** Resolves when the client watches its own znode and the one before it, and has been told so. */
function onceItWatches(zk: ZooKeeper): Promise<void> {
  const getData = zk.getData.bind(zk)
  let watched = 0
  return new Promise((resolve) => {
    zk.getData = async (...args) => {
      const found = await getData(...args)
      if (++watched === 2) resolve()
      return found
    }
  })
}

test('a client that was closed neither waits nor holds', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const lock = await new Mutex(a.zk, PATH).acquire()
  const waiting = new Mutex(b.zk, PATH).acquire()
  await untilChildren(a.zk, PATH, 2)
  await Promise.all([assert.rejects(waiting, { code: 'CLOSED' }), b.zk.close()])
  await a.zk.close()
  assert.equal(lock.isHeld, false)
  await lock.release()
})
