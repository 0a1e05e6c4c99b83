import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Mutex, requestRevocation } from '../../dist/recipes/index.js'
import { aborted, World } from './support/world.ts'

const PATH = '/locks/a'

test('a holder is asked for the lock, and keeps it until it gives it back', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const lock = await new Mutex(a.zk, PATH, { data: 'me' }).acquire()
  const mutex = new Mutex(b.zk, PATH)
  await b.zk.setData(lock.path, 'something else')
  const [holder] = await mutex.contenders()
  assert.equal(await requestRevocation(b.zk, holder?.path ?? ''), true)
  await aborted(lock.revocation)
  assert.equal(lock.isHeld, true)
  const next = mutex.acquire()
  await lock.release()
  assert.equal((await next).revocation.aborted, false)
})

test('one who is asked while it is cut off learns of it when it is back', async (t) => {
  const [a, b] = await (await World.start(t)).peers(2)
  const lock = await new Mutex(a.zk, PATH, { certainty: 'lost' }).acquire()
  await a.isolate()
  await requestRevocation(b.zk, lock.path)
  assert.equal(lock.revocation.aborted, false)
  a.reunite()
  await aborted(lock.revocation)
})

test('there is nobody to ask', async (t) => {
  const { zk } = await (await World.start(t)).peer()
  assert.equal(await requestRevocation(zk, '/locks/a/_c_-lock-0000000000'), false)
})
