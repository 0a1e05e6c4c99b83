import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Barrier } from '../../dist/recipes/index.js'
import { World } from './support/world.ts'

const PATH = '/barriers/b'

test('all wait while it is closed, through cuts and sessions that end', async (t) => {
  const peers = await (await World.start(t)).peers(4)
  const mine = new Barrier(peers[0].zk, PATH)
  await mine.close()
  await mine.close()
  let through = 0
  const waiting = peers.map(({ zk }) =>
    new Barrier(zk, PATH).wait().then(() => {
      through++
    }),
  )
  await peers[1].cut()
  await (peers[2] as (typeof peers)[0]).expire()
  await Promise.all(peers.map(({ zk }) => zk.sync('/', { acrossSessions: true })))
  assert.equal(through, 0)
  assert.equal(await mine.open(), true)
  await Promise.all(waiting)
  assert.equal(await mine.open(), false)
  await mine.wait()
})

test('who waits can give up', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const barrier = new Barrier(zk, PATH)
  await barrier.close()
  await assert.rejects(barrier.wait({ timeoutMs: 1 }), { code: 'WAIT_TIMEOUT', path: PATH })
  const controller = new AbortController()
  const waiting = barrier.wait({ signal: controller.signal })
  controller.abort()
  await assert.rejects(waiting, { name: 'AbortError' })
})
