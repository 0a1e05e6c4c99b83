import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeClock } from '@vivarium/env/node'
import { TimedLease } from '../../dist/recipes/index.js'
import { World } from './support/world.ts'

const PATH = '/leases/nightly'
const START = Date.UTC(2026, 0, 31, 12)

test('one has it until its time is over, and may renew it', async (t) => {
  const world = await World.start(t)
  let nowMs = START + 123
  const env = { clock: { ...nodeClock, wallMs: () => nowMs } }
  const [a, b] = [await world.peer({ env }), await world.peer({ env })]
  const [mine, theirs] = [new TimedLease(a.zk, PATH, { holder: 'a' }), new TimedLease(b.zk, PATH, { holder: 'b' })]
  assert.equal((await mine.obtain(60_000))?.getTime(), START + 60_000)
  const { data } = await a.zk.getData(`${PATH}/lease_holder`)
  assert.deepEqual(JSON.parse(data.toString()), { version: 1, holder: 'a', end: '2026-01-31T12:01:00' })
  assert.equal(await theirs.obtain(60_000), null)
  await a.expire()
  nowMs += 30_000
  assert.equal(await theirs.obtain(60_000), null) // It outlives its holder's session.
  assert.notEqual(await mine.obtain(60_000), null)
  nowMs += 59_000
  assert.equal(await theirs.obtain(60_000), null)
  nowMs += 1000
  assert.notEqual(await theirs.obtain(60_000), null)
  assert.equal(await mine.obtain(60_000), null)
})

test('who gives it up lets the next one have it', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const [a, b] = [new TimedLease(zk, PATH, { holder: 'a' }), new TimedLease(zk, PATH, { holder: 'b' })]
  await a.obtain(60_000)
  assert.equal(await b.release(), false)
  assert.equal(await a.release(), true)
  assert.equal(await a.release(), false)
  assert.notEqual(await b.obtain(60_000), null)
})

test('what is no lease is not taken', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const lease = new TimedLease(zk, PATH, { holder: 'a' })
  await zk.ensurePath(PATH)
  await zk.create(`${PATH}/lease_holder`)
  const records = ['', 'null', '7', '{"version":2,"holder":"a","end":"2000-01-01T00:00:00"}', '{"version":1}']
  for (const data of [...records, '{"version":1,"holder":"b","end":"soon"}']) {
    await zk.setData(`${PATH}/lease_holder`, data)
    assert.equal(await lease.obtain(1000), null, data)
  }
})

test('answers that are lost change nothing', async (t) => {
  const peer = await (await World.start(t)).peer()
  const lease = new TimedLease(peer.zk, PATH, { holder: 'a' })
  peer.loseReplyOfNext('multi')
  assert.notEqual(await lease.obtain(60_000), null)
  peer.loseReplyOfNext('multi')
  assert.equal(await lease.release(), true)
  assert.equal(await lease.release(), false)
})

test('if the session ends before the answer is there, it is in doubt whose the lease is', async (t) => {
  const peer = await (await World.start(t)).peer()
  const lease = new TimedLease(peer.zk, PATH, { holder: 'a' })
  const inDoubt = { code: 'CONNECTIONLOSS', maybeApplied: true }
  peer.loseReplyOfNext('multi', () => peer.forget())
  await assert.rejects(lease.obtain(60_000), inDoubt)
  assert.notEqual(await peer.zk.exists(`${PATH}/lease_holder`), null)
  peer.loseReplyOfNext('multi', () => peer.forget())
  await assert.rejects(lease.release(), inDoubt)
  assert.equal(await peer.zk.exists(`${PATH}/lease_holder`), null)
})
