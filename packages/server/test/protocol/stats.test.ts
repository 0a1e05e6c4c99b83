import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Operation } from '@vivarium/protocol'
import { acl, at, create, look, set, setAcl } from './requests.ts'
import { startTestServer } from './test-server.ts'

const server = await startTestServer()
after(() => server.close())

test('the Stat of a new znode', async () => {
  const client = await server.client()
  const before = Date.now()
  const { zxid, body } = await client.ask('create2', create('/new', { data: 'abc' }))
  const { stat } = Operation.create2.response.read(body)
  assert.ok(stat.ctime >= before - 1000 && stat.ctime <= Date.now() + 1000, 'milliseconds of the wall clock')
  assert.deepEqual(stat, {
    czxid: zxid,
    mzxid: zxid,
    ctime: stat.ctime,
    mtime: stat.ctime,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: 0n,
    dataLength: 3,
    numChildren: 0,
    pzxid: zxid,
  })
})

test('setData changes version, mzxid and mtime, even where the data stays the same', async () => {
  const client = await server.client()
  const { stat: first } = await client.get(Operation.create2, create('/data', { data: 'a' }))
  const { zxid, body } = await client.ask('setData', set('/data', 'a'))
  const { stat } = Operation.setData.response.read(body)
  assert.ok(stat.mtime >= first.mtime)
  assert.deepEqual(stat, { ...first, version: 1, mzxid: zxid, mtime: stat.mtime })
})

test('setACL changes the aversion only', async () => {
  const client = await server.client()
  const { stat: first } = await client.get(Operation.create2, create('/acl'))
  const { stat } = await client.get(Operation.setACL, setAcl('/acl', [acl(31, 'world', 'anyone')], 0))
  assert.deepEqual(stat, { ...first, aversion: 1 })
  assert.equal(await client.code('setACL', setAcl('/acl', [acl(31, 'world', 'anyone')], 0)), 'BADVERSION')
  await client.do('setData', set('/acl', 'x', 0))
})

test('children change cversion, numChildren and pzxid of their parent, and nothing else', async () => {
  const client = await server.client()
  const { stat: first } = await client.get(Operation.create2, create('/parent'))
  const added = (await client.ask('create', create('/parent/a'))).zxid
  assert.deepEqual(await client.stat('/parent'), { ...first, cversion: 1, numChildren: 1, pzxid: added })
  const second = (await client.ask('create', create('/parent/b'))).zxid
  assert.deepEqual(await client.stat('/parent'), { ...first, cversion: 2, numChildren: 2, pzxid: second })
  const deleted = (await client.ask('delete', at('/parent/a'))).zxid
  assert.deepEqual(await client.stat('/parent'), { ...first, cversion: 3, numChildren: 1, pzxid: deleted })
  await client.do('setData', set('/parent/b'))
  await client.do('create', create('/parent/b/c'))
  assert.deepEqual(await client.stat('/parent'), { ...first, cversion: 3, numChildren: 1, pzxid: deleted })
})

test('version -1 matches any, another only itself', async () => {
  const client = await server.client()
  await client.do('create', create('/version'))
  await client.do('setData', set('/version', 'x', 0))
  assert.equal(await client.code('setData', set('/version', 'x', 0)), 'BADVERSION')
  assert.equal(await client.code('setData', set('/version', 'x', -2)), 'BADVERSION')
  await client.do('setData', set('/version', 'x', 1))
  assert.equal(await client.code('delete', at('/version', 1)), 'BADVERSION')
  await client.do('setData', set('/version', 'x', -1))
  await client.do('delete', at('/version', 3))
})

test('null data is not empty data', async () => {
  const client = await server.client()
  await client.do('create', create('/null', { data: null }))
  assert.equal(await client.data('/null'), null)
  assert.equal((await client.stat('/null')).dataLength, 0)
  await client.do('setData', set('/null', ''))
  assert.equal(await client.data('/null'), '')
  await client.do('setData', set('/null', null))
  assert.equal(await client.data('/null'), null)
})

test('an ephemeral znode has its session for an owner, and no children', async () => {
  const client = await server.client()
  const { stat } = await client.get(Operation.create2, create('/eph', { flags: 1 }))
  assert.equal(stat.ephemeralOwner, client.session.sessionId)
  assert.equal(await client.code('create', create('/eph/child')), 'NOCHILDRENFOREPHEMERALS')
})

test('the root of a fresh server', async () => {
  const fresh = await startTestServer()
  try {
    const client = await fresh.client()
    assert.deepEqual(await client.stat('/'), {
      czxid: 0,
      mzxid: 0,
      ctime: 0,
      mtime: 0,
      version: 0,
      cversion: -1,
      aversion: 0,
      ephemeralOwner: 0n,
      dataLength: 0,
      numChildren: 1,
      pzxid: 0,
    })
    await client.do('create', create('/a'))
    assert.equal((await client.stat('/')).cversion, 0)
  } finally {
    await fresh.close()
  }
})

test('Stats are the same after a restart', async () => {
  const durable = await startTestServer()
  try {
    const client = await durable.client()
    for (const path of ['/a', '/a/b', '/a/c']) await client.do('create', create(path))
    await client.do('delete', at('/a/b'))
    await client.do('setData', set('/a', null))
    const before = [await client.stat('/'), await client.stat('/a'), await client.stat('/a/c')]
    await durable.restart()
    const again = await durable.client()
    assert.deepEqual([await again.stat('/'), await again.stat('/a'), await again.stat('/a/c')], before)
    assert.equal(await again.code('exists', look('/a/b')), 'NONODE')
  } finally {
    await durable.close()
  }
})
