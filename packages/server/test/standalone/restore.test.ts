import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { create } from '../protocol/requests.ts'
import { type Standalone, startStandalone } from './standalone.ts'

const ADMIN = { 'admin.serverPort': 0, 'admin.serverAddress': '127.0.0.1', 'admin.rateLimiterIntervalInMS': 0 }
const AUTHORIZED = { authorization: 'digest user:secret' }

const address = ({ server }: Standalone, command: string): string =>
  `http://127.0.0.1:${server.http.admin?.port}/commands/${command}`

async function snapshotOf(server: Standalone): Promise<Uint8Array> {
  const response = await fetch(address(server, 'snapshot'), { headers: AUTHORIZED })
  return new Uint8Array(await response.arrayBuffer())
}

const restore = (
  server: Standalone,
  body: Uint8Array | null,
  headers: Record<string, string> = AUTHORIZED,
): Promise<Response> => fetch(address(server, 'restore'), { method: 'POST', headers, body })

/** A server with `/a`, its snapshot, and `/b`, which came later. */
async function started(t: TestContext, settings = {}): Promise<{ server: Standalone; snapshot: Uint8Array }> {
  const server = await startStandalone(t, { ...ADMIN, ...settings })
  const client = await server.client()
  await client.do('create', create('/a'))
  const snapshot = await snapshotOf(server)
  await client.do('create', create('/b'))
  return { server, snapshot }
}

test('a snapshot replaces everything, now and after a restart; zxids go on', async (t) => {
  const { server, snapshot } = await started(t)
  const before = await server.client()
  const { zxid } = await before.ask('create', create('/c'))
  const response = await restore(server, snapshot)
  assert.deepEqual([response.status, await response.json()], [200, { last_zxid: 2, command: 'restore', error: null }])
  assert.equal(await before.reply(), null, 'clients are sent away')

  const after = await server.client({ lastZxidSeen: zxid })
  assert.deepEqual(await after.children('/'), ['a', 'zookeeper'])
  assert.ok((await after.ask('create', create('/d'))).zxid > zxid)
  await server.close()

  const again = await startStandalone(t, { ...ADMIN, dataDir: server.dataDir })
  assert.deepEqual(await (await again.client()).children('/'), ['a', 'd', 'zookeeper'])
})

test('a session that the snapshot has lives on; another one has expired', async (t) => {
  const server = await startStandalone(t, ADMIN)
  const old = await server.client()
  const snapshot = await snapshotOf(server)
  const young = await server.client()
  await restore(server, snapshot)
  assert.equal((await old.reconnect()).session.sessionId, old.session.sessionId)
  assert.equal((await young.reconnect()).session.sessionId, 0n)
})

test('a damaged snapshot changes nothing', async (t) => {
  const { server, snapshot } = await started(t)
  snapshot[snapshot.length >> 1]! ^= 1
  for (const bytes of [snapshot, snapshot.subarray(0, 100), Buffer.from('no snapshot')]) {
    assert.equal((await restore(server, bytes)).status, 500)
  }
  assert.deepEqual(await (await server.client()).children('/'), ['a', 'b', 'zookeeper'])
  assert.equal(await server.metric('restore_error_count'), '3')
})

test('restoring takes somebody who may do everything, and a snapshot', async (t) => {
  const { server, snapshot } = await started(t)
  assert.equal((await restore(server, snapshot, {})).status, 401)
  assert.equal((await restore(server, null)).status, 400)
  assert.equal((await fetch(address(server, 'restore'), { headers: AUTHORIZED })).status, 405)
  assert.equal((await restore(server, snapshot)).status, 200)
})

test('admin.restore.enabled=false and a restore just before are reasons to refuse', async (t) => {
  const disabled = await started(t, { 'admin.restore.enabled': 'false' })
  assert.equal((await restore(disabled.server, disabled.snapshot)).status, 503)
  const { server, snapshot } = await started(t, { 'admin.rateLimiterIntervalInMS': 300_000 })
  assert.equal((await restore(server, snapshot)).status, 200)
  assert.equal((await restore(server, snapshot)).status, 429)
  assert.equal(await server.metric('restore_rate_limited_count'), '1')
  assert.equal(await server.metric('cnt_restore_time'), '1')
})

test('a body that a command does not want ends with the connection', async (t) => {
  const server = await startStandalone(t, ADMIN)
  const response = await fetch(address(server, 'ruok'), { method: 'POST', body: new Uint8Array(100_000) })
  assert.deepEqual([response.status, response.headers.get('connection')], [405, 'close'])
})
