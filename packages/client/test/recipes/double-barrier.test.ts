import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '@vivarium/testing'
import { DoubleBarrier } from '../../dist/recipes/index.js'
import { untilChildren, World } from './support/world.ts'

const PATH = '/barriers/d'

test('all begin together and end together, round after round', async (t) => {
  const peers = await (await World.start(t)).peers(4)
  for (let round = 0; round < 3; round++) {
    let inside = 0
    let left = 0
    const members = peers.map(async ({ zk }) => {
      const barrier = new DoubleBarrier(zk, PATH, { members: 4 })
      inside++
      await barrier.enter()
      assert.equal(inside, 4)
      await zk.sync('/')
      left++
      await barrier.leave()
      assert.equal(left, 4)
    })
    await Promise.all(members)
  }
  await untilChildren(peers[0].zk, PATH, 0)
})

test('nobody enters before all have come, and who gives up does not count', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const options = { members: 2, data: 'me' }
  const first = new DoubleBarrier(a.zk, PATH, options)
  const leaving = new AbortController()
  const given = assert.rejects(first.enter({ signal: leaving.signal }), { name: 'AbortError' })
  await untilChildren(a.zk, PATH, 1)
  leaving.abort()
  await given
  await untilChildren(a.zk, PATH, 0)
  const second = new DoubleBarrier(b.zk, PATH, options)
  const entering = second.enter()
  const [name] = await untilChildren(a.zk, PATH, 1)
  assert.match(name ?? '', /^_c_[0-9a-f-]{36}-member$/)
  await Promise.all([first.enter(), entering])
  await Promise.all([first.leave(), second.leave()])
  await assert.rejects(first.enter({ timeoutMs: 1 }), { code: 'WAIT_TIMEOUT' })
  assert.throws(() => new DoubleBarrier(a.zk, PATH, { members: 0 }), { code: 'BAD_ARGUMENT' })
})

test('a member whose session ends while it enters comes again', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const first = new DoubleBarrier(a.zk, PATH, { members: 2 })
  const entering = first.enter()
  await untilChildren(b.zk, PATH, 1)
  await a.expire()
  await untilChildren(b.zk, PATH, 1)
  const second = new DoubleBarrier(b.zk, PATH, { members: 2 })
  await Promise.all([entering, second.enter()])
  await Promise.all([first.leave(), second.leave()])
})

test('a member that has lost its session holds nobody up, and waits for the others itself', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const [first, second] = [a, b].map(({ zk }) => new DoubleBarrier(zk, PATH, { members: 2 })) as [
    DoubleBarrier,
    DoubleBarrier,
  ]
  await Promise.all([first.enter(), second.enter()])
  await a.expire()
  await assert.rejects(first.leave({ timeoutMs: 1 }), { code: 'WAIT_TIMEOUT' })
  await second.leave()
  await first.leave()
})

test('a member does not count twice while servers do not know that its last session is over', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const first = new DoubleBarrier(a.zk, PATH, { members: 2 })
  const end = new AbortController()
  const given = first.enter({ signal: end.signal })
  const [name] = await untilChildren(b.zk, PATH, 1)
  end.abort(new Error('later'))
  await assert.rejects(given, /later/)
  await untilChildren(b.zk, PATH, 0)
  // What another session has there stands for what a session before has left.
  await b.zk.create(`${PATH}/${name}`, { mode: 'EPHEMERAL' })
  let isIn = false
  const entering = first.enter().then(() => {
    isIn = true
  })
  await eventually('the znode is of the session of this try', async () => {
    const stat = await b.zk.exists(`${PATH}/${name}`)
    return stat?.ephemeralOwner === a.zk.session?.id ? stat : null
  })
  for (const { zk } of [a, b]) await zk.sync('/')
  assert.equal(isIn, false)
  assert.equal((await b.zk.getChildren(PATH)).length, 1)
  const second = new DoubleBarrier(b.zk, PATH, { members: 2 })
  await Promise.all([entering, second.enter()])
  await Promise.all([first.leave(), second.leave()])
})
