import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dataWatch } from '../../../dist/recipes/index.js'
import { World } from '../support/world.ts'

test('the data are told as they are, and as they become', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  const watch = dataWatch(zk, '/motd')
  const next = async (): Promise<string | null | undefined> => {
    const { value } = await watch.next()
    return value === null ? null : value?.data.toString()
  }
  assert.equal(await next(), null)
  await other.zk.create('/motd', { data: 'one' })
  assert.equal(await next(), 'one')
  await other.zk.create('/motd/child')
  await other.zk.setData('/motd', 'two')
  assert.equal(await next(), 'two')
  await other.zk.deleteRecursive('/motd')
  assert.equal(await next(), null)
  await watch.return()
  assert.equal(await zk.checkWatches('/motd'), false)
})

test('a loop that is slow gets the last, and no more than there was', async (t) => {
  const [{ zk }, other] = await (await World.start(t)).peers(2)
  await other.zk.create('/motd', { data: '0' })
  const watch = dataWatch(zk, '/motd')
  await watch.next()
  for (let i = 1; i <= 20; i++) await other.zk.setData('/motd', String(i))
  await zk.sync('/motd')
  assert.equal((await watch.next()).value?.data.toString(), '20')
  const next = watch.next()
  await other.zk.setData('/motd', 'end')
  assert.equal((await next).value?.data.toString(), 'end')
  await watch.return()
})

test('it goes on after a cut and in the next session, and tells nothing twice', async (t) => {
  const [peer, other] = await (await World.start(t)).peers(2)
  await other.zk.create('/motd', { data: 'one' })
  const told: string[] = []
  const looping = (async () => {
    for await (const found of dataWatch(peer.zk, '/motd')) {
      told.push(found?.data.toString() ?? 'none')
      if (told.at(-1) === 'three') return
    }
  })()
  await peer.isolate()
  await other.zk.setData('/motd', 'two')
  peer.reunite()
  await peer.until('connected')
  await peer.expire()
  await peer.until('connected')
  await other.zk.setData('/motd', 'three')
  await looping
  assert.deepEqual(
    told.filter((text, i) => text === told[i - 1]),
    [],
  )
  assert.equal(told.at(-1), 'three')
})

test('a signal ends it', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  const end = new AbortController()
  const watch = dataWatch(zk, '/motd', { signal: end.signal })
  await watch.next()
  const next = watch.next()
  end.abort(new Error('enough'))
  await assert.rejects(next, { message: 'enough' })
})
