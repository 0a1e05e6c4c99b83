import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { digestId, OpCode, type OperationName, type Writer } from '@vivarium/protocol'
import { readResults } from './multi-results.ts'
import { acl, at, auth, bytesOf, create, encode, look, multi, multiHeader, set, setAcl } from './requests.ts'
import type { TestClient } from './test-client.ts'
import { startTestServer } from './test-server.ts'

const server = await startTestServer({ extendedTypesEnabled: 'true' })
after(() => server.close())

type Part = readonly [OperationName, unknown]

async function results(client: TestClient, ...parts: readonly Part[]) {
  const { code, body } = await client.ask('multi', multi(...parts))
  assert.equal(code, 'OK')
  return readResults(body)
}

/** A multi as it should not be. */
async function refused(client: TestClient, write: (writer: Writer) => void, name: OperationName = 'multi') {
  const { code, body } = await client.ask(name, bytesOf(write))
  assert.deepEqual([code, name === 'multi' ? body.remaining : 0], ['MARSHALLINGERROR', 0])
}

const part = (writer: Writer, name: OperationName, request: unknown) => {
  multiHeader(writer, OpCode[name])
  writer.raw(encode(name, request))
}

test('each operation has its kind of result', async () => {
  const client = await server.client()
  const all = await results(
    client,
    ['create', create('/kinds')],
    ['create2', create('/kinds/a')],
    ['createContainer', create('/kinds/c', { flags: 4 })],
    ['createTTL', create('/kinds/t', { flags: 5, ttl: 10_000 })],
    ['setData', set('/kinds/a', 'xyz')],
    ['check', at('/kinds/a', 1)],
    ['delete', at('/kinds/a')],
  )
  assert.deepEqual(
    all.map(({ type }) => type),
    [OpCode.create, OpCode.create2, OpCode.create2, OpCode.create2, OpCode.setData, OpCode.check, OpCode.delete],
  )
  assert.equal(all[0]?.path, '/kinds')
  assert.equal(all[1]?.path, '/kinds/a')
  assert.deepEqual([all[1]?.stat?.version, all[1]?.stat?.dataLength], [0, 0], 'as it was then')
  assert.deepEqual([all[4]?.stat?.version, all[4]?.stat?.dataLength], [1, 3])
  assert.deepEqual(await client.children('/kinds'), ['c', 't'])
})

test('all is one transaction, with one zxid', async () => {
  const client = await server.client()
  const before = (await client.ask('create', create('/one'))).zxid
  const { zxid } = await client.ask('multi', multi(['create', create('/one/a')], ['create', create('/one/b')]))
  assert.equal(zxid, before + 1)
  assert.equal((await client.stat('/one/a')).czxid, zxid)
  assert.equal((await client.stat('/one/b')).czxid, zxid)
  assert.equal((await client.stat('/one')).pzxid, zxid)
})

test('when one fails none is done: each has a result, and the whole has no error', async () => {
  const client = await server.client()
  const before = (await client.ask('ping')).zxid
  const all = await results(
    client,
    ['create', create('/none-1')],
    ['create', create('/none-1/child')],
    ['check', at('/none-2')],
    ['setData', set('/')],
    ['delete', at('/none-3')],
  )
  const error = OpCode.error
  assert.deepEqual(all, [
    { type: error, code: 'OK' },
    { type: error, code: 'OK' },
    { type: error, code: 'NONODE' },
    { type: error, code: 'RUNTIMEINCONSISTENCY' },
    { type: error, code: 'RUNTIMEINCONSISTENCY' },
  ])
  assert.equal(await client.code('exists', look('/none-1')), 'NONODE')
  assert.equal((await client.ask('ping')).zxid, before + 1, 'it uses up a zxid all the same')
})

test('no operations are a multi too', async () => {
  const client = await server.client()
  assert.deepEqual(await results(client), [])
})

test('later operations see earlier ones, sequence numbers included', async () => {
  const client = await server.client()
  const all = await results(
    client,
    ['create', create('/seen')],
    ['create', create('/seen/n-', { flags: 2 })],
    ['create', create('/seen/n-', { flags: 3 })],
    ['delete', at('/seen/n-0000000000')],
    ['create', create('/seen/n-', { flags: 2 })],
  )
  assert.deepEqual(
    all.map(({ path }) => path),
    ['/seen', '/seen/n-0000000000', '/seen/n-0000000001', undefined, '/seen/n-0000000002'],
  )
})

test('errors and access are those of the operations on their own', async () => {
  const owner = await server.client()
  await owner.do('auth', auth('digest', 'owner:secret'))
  await owner.do('create', create('/mine', { acl: [acl(31, 'digest', digestId('owner:secret'))] }))
  const client = await server.client()
  const first = async (...parts: readonly Part[]) => (await results(client, ...parts))[0]?.code
  assert.equal(await first(['check', at('/mine')]), 'NOAUTH')
  assert.equal(await first(['setData', set('/mine')]), 'NOAUTH')
  assert.equal(await first(['create', create('/mine/child')]), 'NOAUTH')
  assert.equal(await first(['check', at('/', 9)]), 'BADVERSION')
  assert.equal(await first(['check', at('/a/')]), 'BADARGUMENTS')
  assert.equal(await first(['check', at('/none')]), 'NONODE')
  assert.equal(await first(['create', create('/x', { acl: [] })]), 'INVALIDACL')
  assert.equal(await first(['delete', at('/')]), 'BADARGUMENTS')
  assert.equal(await first(['createTTL', create('/x', { flags: 5, ttl: 0 })]), 'BADARGUMENTS')
  assert.equal(await first(['createTTL', create('/x', { flags: 8, ttl: 5 })]), 'BADARGUMENTS')
})

test('flags say what a create in a multi is', async () => {
  const client = await server.client()
  await client.do('create', create('/flags'))
  // Flag 4 makes a container here; outside of a multi it does not. A createTTL without a TTL flag is a plain create.
  const all = await results(
    client,
    ['create', create('/flags/container', { flags: 4 })],
    ['createTTL', create('/flags/plain', { flags: 0, ttl: 5000 })],
    ['createTTL', create('/flags/negative', { flags: 0, ttl: -1 })],
    ['createTTL', create('/flags/container-2', { flags: 4, ttl: 5000 })],
  )
  assert.deepEqual(
    all.map(({ type }) => type),
    [OpCode.create2, OpCode.create, OpCode.create, OpCode.create2],
  )
})

test('what cannot be part of a multi, or cannot be read, is refused as a whole', async () => {
  const client = await server.client()
  await refused(client, (w) => part(w, 'create', create('/no')))
  await refused(client, (w) => w.raw(multi(['setACL', setAcl('/', [])])))
  await refused(client, (w) => w.raw(multi(['exists', look('/')])))
  await refused(client, (w) => w.raw(multi(['getData', look('/')], ['create', create('/no')])))
  await refused(client, (w) => w.raw(multi(['create', create('/no')], ['getData', look('/')])))
  await refused(client, (w) => w.raw(multi(['create', create('/no', { flags: 7 })])))
  await refused(client, (w) => w.raw(multi(['create', create(null)])))
  assert.equal(await client.code('exists', look('/no')), 'NONODE')
})

test('watches of all operations are told, once it is sure that all are done', async () => {
  const client = await server.client()
  await client.do('create', create('/told'))
  await client.do('getData', look('/told', true))
  await client.do('getChildren', look('/told', true))
  await results(client, ['setData', set('/told')], ['create', create('/told/a')], ['check', at('/none')])
  assert.deepEqual(await client.events(), [])
  const { zxid, events } = await client.ask('multi', multi(['setData', set('/told')], ['create', create('/told/a')]))
  assert.deepEqual(events, ['NodeDataChanged /told', 'NodeChildrenChanged /told'])
  assert.deepEqual(client.eventZxids, [zxid, zxid])
})

test('multiRead: each read has its own result, and sets no watch', async () => {
  const client = await server.client()
  await client.do('create', create('/reads', { data: 'abc' }))
  await client.do('create', create('/reads/a', { data: null }))
  const request = multi(
    ['getData', look('/reads', true)],
    ['getChildren', look('/none', true)],
    ['getChildren', look('/reads', true)],
    ['getData', look('/reads/a')],
  )
  const { code, body } = await client.ask('multiRead', request)
  assert.equal(code, 'OK')
  const all = readResults(body)
  assert.deepEqual(all[0], { type: OpCode.getData, code: 'OK', data: 'abc', stat: await client.stat('/reads') })
  assert.deepEqual(all[1], { type: OpCode.error, code: 'NONODE' })
  assert.deepEqual(all[2], { type: OpCode.getChildren, code: 'OK', children: ['a'] })
  assert.equal(all[3]?.data, null)
  await client.do('setData', set('/reads'))
  await client.do('create', create('/reads/b'))
  assert.deepEqual(await client.events(), [])
})

test('a multiRead with anything else in it is refused', async () => {
  const client = await server.client()
  await refused(client, (w) => w.raw(multi(['exists', look('/')])), 'multiRead')
  await refused(client, (w) => w.raw(multi(['getData', look('/')], ['delete', at('/')])), 'multiRead')
})
