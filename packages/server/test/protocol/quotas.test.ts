import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { readResults } from './multi-results.ts'
import { at, create, look, multi, set } from './requests.ts'
import type { TestClient } from './test-client.ts'
import { startTestServer, type TestServer } from './test-server.ts'

const lenient = await startTestServer()
const strict = await startTestServer({ enforceQuota: 'true' })
after(() => Promise.all([lenient.close(), strict.close()]))

/** Makes the znodes of a quota, as zkCli does: the limits first, then the usage, which the server fills in. */
async function limit(client: TestClient, path: string, limits: string): Promise<void> {
  let quota = '/zookeeper/quota'
  for (const name of path.slice(1).split('/')) {
    quota += `/${name}`
    await client.ask('create', create(quota))
  }
  await client.do('create', create(`${quota}/zookeeper_limits`, { data: limits }))
  await client.do('create', create(`${quota}/zookeeper_stats`, { data: 'count=0,bytes=0' }))
}

const usage = (client: TestClient, path: string) => client.data(`/zookeeper/quota${path}/zookeeper_stats`)

async function withTree(server: TestServer, root: string): Promise<TestClient> {
  const client = await server.client()
  await client.do('create', create(root, { data: 'abc' }))
  await client.do('create', create(`${root}/a`, { data: 'de' }))
  return client
}

test('usage is of all znodes below, with the one that has the quota, and follows each change', async () => {
  const client = await withTree(lenient, '/usage')
  await limit(client, '/usage', 'count=100,bytes=100')
  const seen = [await usage(client, '/usage')]
  for (const [name, request] of [
    ['create', create('/usage/b', { data: 'xyz' })],
    ['create', create('/usage/b/c', { data: null })],
    ['setData', set('/usage/b/c', '12345')],
    ['setData', set('/usage', null)],
    ['delete', at('/usage/b/c')],
  ] as const) {
    await client.do(name, request)
    seen.push(await usage(client, '/usage'))
  }
  assert.deepEqual(seen, [
    'count=2,bytes=5',
    'count=3,bytes=8',
    'count=4,bytes=8',
    'count=4,bytes=13',
    'count=4,bytes=10',
    'count=3,bytes=5',
  ])
})

test('usage changes without a zxid, a version or a watch', async () => {
  const client = await withTree(lenient, '/quiet')
  await limit(client, '/quiet', 'count=100,bytes=100')
  const path = '/zookeeper/quota/quiet/zookeeper_stats'
  const before = await client.stat(path)
  await client.do('getData', look(path, true))
  await client.do('create', create('/quiet/b', { data: 'xyz' }))
  assert.deepEqual(await client.events(), [])
  assert.deepEqual(await client.stat(path), { ...before, dataLength: (await usage(client, '/quiet'))?.length })
  assert.equal(await usage(client, '/quiet'), 'count=3,bytes=8')
})

test('only the deepest quota counts', async () => {
  const client = await withTree(strict, '/deep')
  await limit(client, '/deep', 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=3')
  await limit(client, '/deep/a', 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=10')
  for (let i = 0; i < 5; i++) await client.do('create', create(`/deep/a/${i}`))
  assert.equal(await usage(client, '/deep/a'), 'count=6,bytes=2')
  assert.equal(await usage(client, '/deep'), 'count=2,bytes=5')
  await client.do('create', create('/deep/b'))
  assert.equal(await client.code('create', create('/deep/c')), 'QUOTAEXCEEDED')
})

test('a hard limit is passed when there would be more than it says', async () => {
  const client = await withTree(strict, '/hard')
  await limit(client, '/hard', 'count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=4')
  assert.equal(await client.code('create', create('/hard/b', { data: '123456' })), 'QUOTAEXCEEDED')
  await client.do('create', create('/hard/b', { data: '12345' }))
  assert.equal(await client.code('setData', set('/hard/b', '123456')), 'QUOTAEXCEEDED')
  await client.do('setData', set('/hard/b', '1234'))
  await client.do('create', create('/hard/c'))
  assert.equal(await client.code('create', create('/hard/d')), 'QUOTAEXCEEDED')
  assert.equal(await client.code('create2', create('/hard/d', { flags: 3 })), 'QUOTAEXCEEDED')
  assert.equal(await client.code('createContainer', create('/hard/d', { flags: 4 })), 'QUOTAEXCEEDED')
  await client.do('setData', set('/hard/c', ''))
  await client.do('delete', at('/hard/c'))
  await client.do('create', create('/hard/d'))
})

test('a multi is held to quotas as well', async () => {
  const client = await withTree(strict, '/multi')
  await limit(client, '/multi', 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=2')
  const { code, body } = await client.ask('multi', multi(['check', at('/multi')], ['create', create('/multi/b')]))
  assert.equal(code, 'OK')
  assert.deepEqual(
    readResults(body).map((result) => result.code),
    ['OK', 'QUOTAEXCEEDED'],
  )
})

test('soft limits refuse nothing, and hard ones nothing unless they are enforced', async () => {
  const client = await withTree(strict, '/soft')
  await limit(client, '/soft', 'count=2,bytes=1')
  await client.do('create', create('/soft/b', { data: '123456' }))
  const other = await withTree(lenient, '/off')
  await limit(other, '/off', 'count=-1,bytes=-1=;byteHardLimit=1;countHardLimit=1')
  await other.do('create', create('/off/b', { data: '123456' }))
})

test('a quota without its limits is none', async () => {
  const client = await withTree(strict, '/lifted')
  await limit(client, '/lifted', 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=2')
  assert.equal(await client.code('create', create('/lifted/b')), 'QUOTAEXCEEDED')
  await client.do('delete', at('/zookeeper/quota/lifted/zookeeper_limits'))
  await client.do('create', create('/lifted/b'))
  assert.equal(await usage(client, '/lifted'), 'count=2,bytes=5', 'which nobody keeps any more')
})

test('quotas hold after a restart, with usage counted anew', async () => {
  const client = await withTree(strict, '/restart')
  await limit(client, '/restart', 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=3')
  await client.do('create', create('/restart/b', { data: '1' }))
  await strict.restart()
  const again = await strict.client()
  assert.equal(await usage(again, '/restart'), 'count=3,bytes=6')
  assert.equal(await again.code('create', create('/restart/c')), 'QUOTAEXCEEDED')
})
