import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { digestId, type ErrorCode, OPEN_ACL_UNSAFE, OpCode, Operation, type OperationName } from '@vivarium/protocol'
import { acl, at, auth, bytesOf, create, look, requestFrame, set, setAcl } from './requests.ts'
import { deviation, startTestServer } from './test-server.ts'

const server = await startTestServer({ enforceQuota: 'true' })
const ttlServer = await startTestServer({ extendedTypesEnabled: 'true', reconfigEnabled: 'true' })
after(() => Promise.all([server.close(), ttlServer.close()]))

/** Nobody who has not authenticated may do a thing. */
const LOCKED = [acl(31, 'digest', digestId('owner:secret'))]
const READ_ONLY = [acl(1, 'world', 'anyone')]
const NO_SCHEME = [acl(31, 'mine', 'x')]

// What is needed to tell the order of the checks.
const owner = await server.client()
await owner.do('auth', auth('digest', 'owner:secret'))
await owner.do('create', create('/locked'))
await owner.do('create', create('/locked/child'))
await owner.do('setACL', setAcl('/locked', LOCKED))
await owner.do('create', create('/hidden', { acl: LOCKED }))
await owner.do('create', create('/readable', { acl: READ_ONLY }))
await owner.do('create', create('/parent'))
await owner.do('create', create('/parent/child', { data: 'abc' }))
await owner.do('create', create('/ephemeral', { flags: 1 }))
await owner.do('create', create('/zookeeper/quota/full', {}))
await owner.do(
  'create',
  create('/zookeeper/quota/full/zookeeper_limits', { data: 'count=-1,bytes=-1=;byteHardLimit=4;countHardLimit=2' }),
)
await owner.do('create', create('/full'))
await owner.do('create', create('/zookeeper/quota/full/zookeeper_stats', { data: 'count=1,bytes=0' }))
await owner.do('create', create('/full/one'))

async function expect(name: OperationName, cases: readonly (readonly [request: unknown, code: ErrorCode])[]) {
  const client = await server.client()
  for (const [request, code] of cases) {
    assert.equal(await client.code(name, request), code, `${name} ${JSON.stringify(request)}`)
  }
}

for (const name of ['create', 'create2'] as const) {
  test(`${name}: errors, in the order in which they are looked for`, () =>
    expect(name, [
      [create('bad', { flags: 7, acl: [] }), 'BADARGUMENTS'],
      [create('bad', { flags: -1 }), 'BADARGUMENTS'],
      [create('bad', { flags: 5, acl: [] }), 'UNIMPLEMENTED'],
      [create('bad', { flags: 6 }), 'UNIMPLEMENTED'],
      [create('bad', { acl: [] }), 'BADARGUMENTS'],
      [create('/a\0b', { acl: [] }), 'BADARGUMENTS'],
      [create('/none/child', { acl: [] }), 'INVALIDACL'],
      [create('/none/child', { acl: null }), 'INVALIDACL'],
      [create('/none/child', { acl: NO_SCHEME }), 'INVALIDACL'],
      [create('/none//'), 'NONODE'],
      [create('/locked//'), 'NONODE'],
      [create('/locked/\u0001'), 'NOAUTH'],
      [create('/locked/child'), 'NOAUTH'],
      [create('/parent/\u0001'), 'BADARGUMENTS'],
      [create('/parent/.'), 'BADARGUMENTS'],
      [create('/parent/'), 'BADARGUMENTS'],
      [create('/parent'), 'NODEEXISTS'],
      [create('/'), 'NODEEXISTS'],
      [create('/ephemeral/child'), 'NOCHILDRENFOREPHEMERALS'],
      [create('/full/two'), 'QUOTAEXCEEDED'],
      [create('/full/one', { data: 'abcdef' }), 'NODEEXISTS'],
    ]))
}

test('createContainer ignores its flags, and has the errors of create', async () => {
  await expect('createContainer', [
    [create('/container', { flags: 4 }), 'OK'],
    [create('/container-0', { flags: 0 }), 'OK'],
    [create('/container-1', { flags: 1 }), 'OK'],
    [create('/container', { flags: 4 }), 'NODEEXISTS'],
    [create('/container-7', { flags: 7 }), 'BADARGUMENTS'],
    [create('/container-5', { flags: 5 }), 'UNIMPLEMENTED'],
    [create('/none/container', { flags: 4 }), 'NONODE'],
  ])
})

test('createTTL is not implemented unless extended types are enabled', () =>
  expect('createTTL', [
    [create('/ttl', { flags: 5, ttl: 1000 }), 'UNIMPLEMENTED'],
    [create('/ttl', { flags: 6, ttl: -1 }), 'UNIMPLEMENTED'],
    [create('/ttl', { flags: 0, ttl: 1000 }), 'BADARGUMENTS'],
    [create('/ttl', { flags: 9, ttl: 1000 }), 'BADARGUMENTS'],
  ]))

test('createTTL: which times to live may be', async () => {
  const client = await ttlServer.client()
  const cases: [flags: number, ttl: number, code: ErrorCode][] = [
    [5, 1, 'OK'],
    [6, 1, 'OK'],
    [5, 0xff_ffff_ffff, 'OK'],
    [5, 0x100_0000_0000, 'BADARGUMENTS'],
    [5, 0, 'BADARGUMENTS'],
    [5, -1, 'BADARGUMENTS'],
    [5, -2, 'BADARGUMENTS'],
    [0, 0, 'BADARGUMENTS'],
    [0, 9, 'BADARGUMENTS'],
    [1, 9, 'BADARGUMENTS'],
    [4, 9, 'BADARGUMENTS'],
    [7, 9, 'BADARGUMENTS'],
  ]
  for (const [i, [flags, ttl, code]] of cases.entries()) {
    assert.equal(await client.code('createTTL', create(`/ttl-${i}`, { flags, ttl })), code, `${flags} ${ttl}`)
  }
  assert.equal(await client.code('create', create('/ttl-flag', { flags: 5 })), 'BADARGUMENTS', 'it has no ttl')
})

deviation('createTTL with a flag that is no TTL flag is refused whatever its ttl', async () => {
  const client = await ttlServer.client()
  for (const flags of [0, 1, 2, 3, 4]) {
    assert.equal(await client.code('createTTL', create('/no-ttl', { flags, ttl: -1 })), 'BADARGUMENTS')
  }
})

test('delete: errors, in the order in which they are looked for', () =>
  expect('delete', [
    [at('nothing'), 'BADARGUMENTS'],
    [at('/a\0'), 'BADARGUMENTS'],
    [at('/'), 'BADARGUMENTS'],
    [at('/zookeeper'), 'BADARGUMENTS'],
    [at('/zookeeper/quota'), 'BADARGUMENTS'],
    [at('/zookeeper/config'), 'BADARGUMENTS'],
    [at('/none/child'), 'NONODE'],
    [at('/locked/none'), 'NOAUTH'],
    [at('/locked/child', 9), 'NOAUTH'],
    [at('/none', 9), 'NONODE'],
    [at('/parent', 9), 'BADVERSION'],
    [at('/parent', 0), 'NOTEMPTY'],
    [at('/parent/\u0001'), 'NONODE'],
    [at('/parent/'), 'NONODE'],
  ]))

test('setData: errors, in the order in which they are looked for', () =>
  expect('setData', [
    [set('/none/\u0001'), 'BADARGUMENTS'],
    [set('none'), 'BADARGUMENTS'],
    [set('/none', 'x', 9), 'NONODE'],
    [set('/readable', 'x', 9), 'NOAUTH'],
    [set('/full/one', 'abcdef', 9), 'QUOTAEXCEEDED'],
    [set('/full/one', 'a', 9), 'BADVERSION'],
    [set('/full/one', 'a', 0), 'OK'],
    [set('/full/one', '', -1), 'OK'],
  ]))

test('setACL: errors, in the order in which they are looked for', () =>
  expect('setACL', [
    [setAcl('none', []), 'BADARGUMENTS'],
    [setAcl('/none', []), 'INVALIDACL'],
    [setAcl('/none', null), 'INVALIDACL'],
    [setAcl('/none', NO_SCHEME), 'INVALIDACL'],
    [setAcl('/none', OPEN_ACL_UNSAFE, 9), 'NONODE'],
    [setAcl('/readable', OPEN_ACL_UNSAFE, 9), 'NOAUTH'],
    [setAcl('/parent', OPEN_ACL_UNSAFE, 9), 'BADVERSION'],
    [setAcl('/parent', OPEN_ACL_UNSAFE, 0), 'OK'],
  ]))

test('reads: errors, in the order in which they are looked for', async () => {
  await expect('exists', [
    [look('/a\0'), 'BADARGUMENTS'],
    [look('/none'), 'NONODE'],
    [look('/hidden'), 'NOAUTH'],
  ])
  for (const name of ['getData', 'getChildren', 'getChildren2', 'getACL', 'getAllChildrenNumber'] as const) {
    await expect(name, [
      [look('/none'), 'NONODE'],
      [look('/hidden'), 'NOAUTH'],
      [look('/readable'), 'OK'],
    ])
  }
})

test('getACL is for who may read or administer', async () => {
  const client = await server.client()
  await owner.do('create', create('/admin', { acl: [acl(16, 'world', 'anyone'), ...LOCKED] }))
  await owner.do('create', create('/write', { acl: [acl(2 | 4 | 8, 'world', 'anyone'), ...LOCKED] }))
  assert.equal(await client.code('getACL', { path: '/admin' }), 'OK')
  assert.equal(await client.code('getACL', { path: '/write' }), 'NOAUTH')
})

test('what answers say', async () => {
  const client = await server.client()
  assert.equal((await client.get(Operation.create, create('/answers', { data: 'x' }))).path, '/answers')
  const second = await client.get(Operation.create2, create('/answers/a', { data: 'xy' }))
  assert.equal(second.path, '/answers/a')
  assert.equal(second.stat.dataLength, 2)
  assert.deepEqual(second.stat, await client.stat('/answers/a'))
  const container = await client.get(Operation.createContainer, create('/answers/c', { flags: 4 }))
  assert.deepEqual(container.stat, await client.stat('/answers/c'))
  const { stat } = await client.get(Operation.setData, set('/answers', 'new'))
  assert.deepEqual(stat, await client.stat('/answers'))
  const got = await client.get(Operation.getData, look('/answers'))
  assert.deepEqual([Buffer.from(got.data ?? []).toString(), got.stat], ['new', stat])
  const after = await client.get(Operation.setACL, setAcl('/answers', OPEN_ACL_UNSAFE))
  assert.equal(after.stat.aversion, 1)
  const children = await client.get(Operation.getChildren2, look('/answers'))
  assert.deepEqual([...(children.children ?? [])].sort(), ['a', 'c'])
  assert.deepEqual(children.stat, after.stat)
  const list = await client.get(Operation.getACL, { path: '/answers' })
  assert.deepEqual(list, { acl: [...OPEN_ACL_UNSAFE], stat: after.stat })
  const deleted = await client.ask('delete', at('/answers/a', 0))
  assert.deepEqual([deleted.code, deleted.body.remaining], ['OK', 0])
})

test('sync answers with the path, whatever it is', async () => {
  const client = await server.client()
  for (const path of ['/', '/none', 'no path', '', null]) {
    assert.equal((await client.get(Operation.sync, { path })).path, path)
  }
})

test('getEphemerals: those of the session, by a prefix of their text', async () => {
  const client = await server.client()
  const mine = ['/eph-a', '/eph-ab', '/parent/eph']
  for (const path of mine) await client.do('create', create(path, { flags: 1 }))
  const ask = async (prefixPath: string | null) =>
    [...((await client.get(Operation.getEphemerals, { prefixPath })).ephemerals ?? [])].sort()
  for (const all of [null, '', ' ', '/']) assert.deepEqual(await ask(all), mine)
  assert.deepEqual(await ask('/eph-a'), ['/eph-a', '/eph-ab'])
  assert.deepEqual(await ask('/eph-a/'), [])
  assert.deepEqual(await ask('/par'), ['/parent/eph'])
  assert.deepEqual(await ask('no path'), [])
})

test('getAllChildrenNumber counts all that is below a znode', async () => {
  const fresh = await startTestServer()
  try {
    const client = await fresh.client()
    const count = async (path: string) => (await client.get(Operation.getAllChildrenNumber, { path })).totalNumber
    assert.equal(await count('/'), 3, '/zookeeper and the two below it')
    for (const path of ['/a', '/a/b', '/a/b/c', '/ab']) await client.do('create', create(path))
    assert.equal(await count('/a'), 2)
    assert.equal(await count('/a/b/c'), 0)
    assert.equal(await count('/'), 7)
  } finally {
    await fresh.close()
  }
})

test('whoAmI tells the identities of the connection, without what is secret', async () => {
  const client = await server.client()
  const who = async () => (await client.get(Operation.whoAmI)).clientInfo
  assert.deepEqual(await who(), [{ authScheme: 'ip', user: '127.0.0.1' }])
  await client.do('auth', auth('digest', 'bob:secret'))
  const infos = (await who()) ?? []
  assert.equal(infos.length, 2)
  assert.ok(infos.some(({ authScheme, user }) => authScheme === 'digest' && user === 'bob'))
})

test('reconfig is not for a server on its own', async () => {
  const request = { joiningServers: null, leavingServers: null, newMembers: 'server.1=a:1:2;3', curConfigId: -1 }
  assert.equal(await (await server.client()).code('reconfig', request), 'RECONFIGDISABLED')
  assert.equal(await (await ttlServer.client()).code('reconfig', request), 'UNIMPLEMENTED')
})

test('what is no operation of clients is answered, and the connection closed', async () => {
  for (const opcode of [0, 10, 23, 99, 108, 1000, -1, -12, 0x7fff_ffff, -0x8000_0000, OpCode.check]) {
    const client = await server.client()
    client.connection.send(
      requestFrame(
        5,
        opcode,
        bytesOf((w) => w.string('/parent')),
      ),
    )
    const [answer, ...more] = await client.untilClosed()
    assert.deepEqual([answer?.code, answer?.zxid, more.length], ['UNIMPLEMENTED', -1, 0], String(opcode))
  }
})

deviation('deleteContainer and createSession are for servers: clients get UNIMPLEMENTED, and are closed', async () => {
  for (const [opcode, body] of [
    [OpCode.deleteContainer, bytesOf((w) => w.string('/readable'))],
    [OpCode.createSession, bytesOf((w) => w.int(5000))],
  ] as const) {
    const client = await server.client()
    client.connection.send(requestFrame(5, opcode, body))
    const [answer, ...more] = await client.untilClosed()
    assert.deepEqual([answer?.code, more.length], ['UNIMPLEMENTED', 0])
  }
  assert.ok(await owner.stat('/readable'))
})

test('the end of a connection that asked for no operation does not end its session', async () => {
  const client = await server.client()
  await client.do('create', create('/survives', { flags: 1 }))
  client.connection.send(requestFrame(5, 10))
  await client.untilClosed()
  const again = await client.reconnect()
  assert.equal(again.session.sessionId, client.session.sessionId)
  assert.ok(await again.stat('/survives'))
})
