import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Mutex } from '@vivarium/client/recipes'
import { startServer } from '@vivarium/testing'

test('work under a lock ends with the session, and goes on in the next', async () => {
  await using server = await startServer()
  const zk = await server.connect()
  const mutex = new Mutex(zk, '/locks/report')

  const lock = await mutex.acquire()
  await server.expire(zk)
  assert.equal(lock.signal.aborted, true)

  await using again = await mutex.acquire({ timeoutMs: 10_000 })
  assert.ok(again.token > lock.token)
})
