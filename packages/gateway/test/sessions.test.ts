import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basic } from './ask.ts'
import { ManualClock } from './manual-clock.ts'
import { started } from './started.ts'

test('an ephemeral znode lives as long as the lease of its session is renewed', async () => {
  const clock = new ManualClock()
  await using gateway = await started({ clock })
  const { get, put, post } = gateway
  const zk = await gateway.server.connect()
  const { status, json: lease } = await post('/sessions', { timeoutMs: 4000 })
  assert.equal(status, 201)
  const token = { 'vivarium-token': lease.token }
  const created = await post('/znode?path=/mine', { mode: 'ephemeral', session: lease.session }, token)
  assert.equal(created.json.stat.ephemeralOwner, lease.session)
  clock.pass(3000)
  assert.equal((await put(`/sessions/${lease.session}`, {}, token)).status, 200)
  clock.pass(3000)
  assert.equal((await get('/stat?path=/mine')).status, 200)
  clock.pass(1000)
  await zk.waitForDeletion('/mine')
  assert.equal((await put(`/sessions/${lease.session}`, {}, token)).json.code, 'NoSession')
})

test('a session ends when it is ended', async () => {
  await using gateway = await started()
  const { post, delete: remove, server } = gateway
  const zk = await server.connect()
  const { json: first } = await post('/sessions', {})
  await post(
    '/multi',
    { ops: [{ type: 'create', path: '/mine', mode: 'ephemeral' }], session: first.session },
    {
      'vivarium-token': first.token,
    },
  )
  assert.equal((await remove(`/sessions/${first.session}`, { 'vivarium-token': first.token })).status, 200)
  await zk.waitForDeletion('/mine')
})

test('a session is only for who opened it, and has its token', async () => {
  await using gateway = await started()
  const { post, put } = gateway
  const { json: lease } = await post('/sessions', {}, basic('bob'))
  const token = { 'vivarium-token': lease.token }
  for (const headers of [
    token,
    basic('bob'),
    { ...basic('eve'), ...token },
    { ...basic('bob'), 'vivarium-token': 'x' },
  ]) {
    assert.equal((await put(`/sessions/${lease.session}`, {}, headers)).json.code, 'NoSession')
    const inIt = await post('/znode?path=/e', { mode: 'ephemeral', session: lease.session }, headers)
    assert.equal(inIt.json.code, 'NoSession')
  }
  assert.equal((await put(`/sessions/${lease.session}`, {}, { ...basic('bob'), ...token })).status, 200)
})

test('there are only so many sessions', async () => {
  await using gateway = await started({ limits: { sessions: 2 } })
  const opened = await Promise.all([1, 2, 3].map(() => gateway.post('/sessions', {})))
  assert.deepEqual(opened.map(({ status }) => status).toSorted(), [201, 201, 503])
})
