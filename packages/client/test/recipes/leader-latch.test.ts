import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Op } from '../../dist/index.js'
import { type Holding, LeaderLatch } from '../../dist/recipes/index.js'
import { aborted, untilChildren, World } from './support/world.ts'

const PATH = '/leaders/l'

test('one leads, and when it closes, the next', async (t) => {
  const world = await World.start(t)
  const latches: LeaderLatch[] = []
  for (const id of ['a', 'b', 'c']) {
    const { zk } = await world.peer()
    latches.push(new LeaderLatch(zk, PATH, { id }))
    await untilChildren(zk, PATH, latches.length)
  }
  const tokens: number[] = []
  for (const [at, latch] of latches.entries()) {
    const leadership = await latch.leadership()
    tokens.push(leadership.token)
    assert.deepEqual(
      latches.map((other) => other.isLeader),
      latches.map((other) => other === latch),
    )
    const ids = (await latch.participants()).map(({ data }) => data.toString())
    assert.deepEqual(ids, ['a', 'b', 'c'].slice(at))
    await latch.close()
    assert.equal(leadership.isHeld, false)
  }
  assert.deepEqual(
    tokens,
    tokens.toSorted((a, b) => a - b),
  )
  await assert.rejects((latches[0] as LeaderLatch).leadership(), { code: 'CLOSED' })
})

test('its znodes are named as Curator names them', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  await using latch = new LeaderLatch(zk, PATH, { id: 'me' })
  const { path } = await latch.leadership()
  assert.match(path, /^\/leaders\/l\/_c_[0-9a-f-]{36}-latch-0000000000$/)
  assert.equal((await zk.getData(path)).data.toString(), 'me')
})

test('a cut suspends leadership, and the same znode leads again', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await using latch = new LeaderLatch(a.zk, PATH)
  const before = await latch.leadership()
  await using other = new LeaderLatch(b.zk, PATH)
  await untilChildren(b.zk, PATH, 2)
  const told: (number | null)[] = []
  latch.onChange((leadership) => told.push(leadership?.token ?? null))
  await a.isolate()
  assert.equal(latch.isLeader, false)
  a.reunite()
  const after = await latch.leadership()
  assert.equal(after.path, before.path)
  assert.equal(before.isHeld, false)
  assert.equal(other.isLeader, false)
  assert.deepEqual(told, [null, after.token])
})

test('with its session leadership goes to the next, and the old leader queues anew', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await using latch = new LeaderLatch(a.zk, PATH, { certainty: 'lost' })
  const before = await latch.leadership()
  await using other = new LeaderLatch(b.zk, PATH)
  await untilChildren(b.zk, PATH, 2)
  await a.expire()
  const after = await other.leadership()
  assert.ok(after.token > before.token)
  await assert.rejects(before.guard([Op.create('/by-the-old-one')]), { code: 'OWNERSHIP_LOST' })
  await untilChildren(b.zk, PATH, 2)
  await other.close()
  assert.ok((await latch.leadership()).token > after.token)
})

test('releasing leadership gives it to the next, and queues anew', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await using latch = new LeaderLatch(a.zk, PATH)
  const leadership = await latch.leadership()
  await using other = new LeaderLatch(b.zk, PATH)
  await untilChildren(b.zk, PATH, 2)
  await leadership.release()
  await (await other.leadership()).release()
  assert.ok((await latch.leadership()).token > leadership.token)
})

test('a leadership that was lost and is released late ends the one that has come back meanwhile', async (t) => {
  const [a] = await (await World.start(t)).peers(1)
  await using latch = new LeaderLatch(a.zk, PATH)
  const lost = await latch.leadership()
  await a.cut()
  const back = await latch.leadership()
  assert.equal(back.path, lost.path)
  const released = lost.release()
  assert.deepEqual([back.isHeld, latch.isLeader], [false, false])
  await released
  assert.ok((await latch.leadership()).token > back.token)
})

test('a znode that someone deletes ends leadership, not taking part', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  await using latch = new LeaderLatch(zk, PATH)
  const leadership = await latch.leadership()
  await zk.delete(leadership.path)
  await aborted(leadership.signal)
  assert.ok((await latch.leadership()).token > leadership.token)
})

test('however often sessions end and connections are cut, tokens grow and one leads', async (t) => {
  const peers = await (await World.start(t)).peers(3)
  const leaders: Holding[] = []
  const latches = peers.map(({ zk }) => {
    const latch = new LeaderLatch(zk, PATH)
    latch.onChange((leadership) => {
      if (leadership === null) return
      assert.deepEqual(
        leaders.filter((leader) => leader.isHeld),
        [],
      )
      leaders.push(leadership)
    })
    return latch
  })
  for (let round = 0; round < 9; round++) {
    const now = await Promise.race(latches.map(async (latch, at) => [await latch.leadership(), at] as const))
    const peer = peers[now[1]]
    assert.ok(peer)
    if (round % 3 === 0) await peer.expire()
    else if (round % 3 === 1) await peer.cut()
    else await now[0].release()
  }
  const tokens = leaders.map(({ token }) => token)
  assert.deepEqual(
    tokens,
    tokens.toSorted((a, b) => a - b),
  )
  await Promise.all(latches.map((latch) => latch.close()))
  await untilChildren(peers[0].zk, PATH, 0)
})

test('who waits for leadership can give up, and a closed client ends it', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  await using leader = new LeaderLatch(a.zk, PATH)
  await leader.leadership()
  const latch = new LeaderLatch(b.zk, PATH)
  await assert.rejects(latch.leadership({ timeoutMs: 1 }), { code: 'WAIT_TIMEOUT' })
  await assert.rejects(latch.leadership({ signal: AbortSignal.abort(new Error('no')) }), /no/)
  await Promise.all([assert.rejects(latch.leadership(), { code: 'CLOSED' }), b.zk.close()])
  await latch.close()
})
