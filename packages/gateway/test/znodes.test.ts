import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { basic } from './ask.ts'
import { started } from './started.ts'

const gateway = await started({}, { extendedTypesEnabled: 'true' })
after(() => gateway[Symbol.asyncDispose]())
const { get, put, post, delete: remove } = gateway

test('a znode is created, read, set with its version, and deleted', async () => {
  const created = await post('/znode?path=/life/of/one', { data: 'hello', parents: true })
  assert.equal(created.status, 201)
  assert.equal(created.json.path, '/life/of/one')
  const read = await get('/znode?path=/life/of/one')
  assert.deepEqual([read.json.data, read.json.encoding, read.json.stat.version], ['hello', 'utf8', 0])
  assert.deepEqual(read.json.stat, created.json.stat)
  assert.match(read.json.stat.czxid, /^0x[0-9a-f]+$/)
  const set = await put('/znode?path=/life/of/one', { data: 'bye', version: 0 })
  assert.equal(set.json.stat.version, 1)
  const late = await put('/znode?path=/life/of/one', { data: 'late', version: 0 })
  assert.deepEqual([late.status, late.json.code, late.json.path], [412, 'BadVersion', '/life/of/one'])
  assert.equal(late.headers['content-type'], 'application/problem+json')
  assert.equal((await remove('/znode?path=/life/of/one&version=0')).json.code, 'BadVersion')
  assert.deepEqual((await remove('/znode?path=/life/of/one&version=1')).json, { path: '/life/of/one', deleted: 1 })
  assert.deepEqual((await get('/stat?path=/life/of/one')).json.code, 'NoNode')
})

test('bytes that are no text come in base 64, and no data is null', async () => {
  await post('/znode?path=/bytes', { data: 'AP/+', encoding: 'base64' })
  const { json } = await get('/znode?path=/bytes')
  assert.deepEqual([json.data, json.encoding], ['AP/+', 'base64'])
  await put('/znode?path=/bytes', { data: null })
  assert.equal((await get('/znode?path=/bytes')).json.data, null)
  await put('/znode?path=/bytes', { data: '' })
  assert.equal((await get('/znode?path=/bytes')).json.data, '')
  for (const body of [
    { data: 'AP', encoding: 'base64' },
    { data: '\ud800' },
    { data: 5 },
    {},
    { data: 'x', more: 1 },
  ]) {
    assert.equal((await put('/znode?path=/bytes', body)).status, 400)
  }
})

test('znodes are created in every mode', async () => {
  assert.match((await post('/znode?path=/modes-', { mode: 'persistent-sequential' })).json.path, /^\/modes-\d{10}$/)
  assert.equal((await post('/znode?path=/container', { mode: 'container' })).status, 201)
  assert.equal((await post('/znode?path=/ttl', { mode: 'persistent-ttl', ttlMs: 60_000 })).status, 201)
  assert.match((await post('/znode?path=/ttl-', { mode: 'persistent-sequential-ttl', ttlMs: 1 })).json.path, /\d{10}$/)
  assert.equal((await post('/znode?path=/none', { mode: 'persistent-ttl' })).status, 400)
  assert.equal((await post('/znode?path=/none', { mode: 'ephemeral' })).status, 400)
})

test('a subtree is deleted as a whole, after a look at what that takes along', async () => {
  for (const path of ['/tree', '/tree/a', '/tree/a/b', '/tree/c']) await post(`/znode?path=${path}`, {})
  assert.deepEqual((await remove('/znode?path=/tree')).json.code, 'NotEmpty')
  const dry = await remove('/znode?path=/tree&recursive=true&dryRun=true')
  assert.deepEqual([dry.json.deleted, dry.json.would, dry.json.sample.length], [0, 4, 4])
  assert.deepEqual((await remove('/znode?path=/tree&recursive=true')).json, { path: '/tree', deleted: 4 })
  assert.equal((await get('/stat?path=/tree')).status, 404)
  assert.equal((await remove('/znode?path=/&recursive=true')).status, 400)
})

test('more znodes than one delete takes are all left alone', async () => {
  await using small = await started({ limits: { deletedZnodes: 2 } })
  for (const path of ['/tree', '/tree/a', '/tree/b']) await small.post(`/znode?path=${path}`, {})
  assert.equal((await small.delete('/znode?path=/tree&recursive=true')).json.code, 'TooMany')
  assert.equal((await small.get('/children?path=/tree')).json.total, 2)
})

test('children come in pages, in the order of their names', async () => {
  await post('/znode?path=/folder', {})
  const names = Array.from({ length: 25 }, (_, i) => `n${String(i).padStart(2, '0')}`)
  await post('/multi', { ops: names.map((name) => ({ type: 'create', path: `/folder/${name}`, data: name })) })
  const first = await get('/children?path=/folder&limit=10')
  assert.deepEqual(
    first.json.children,
    names.slice(0, 10).map((name) => ({ name })),
  )
  assert.deepEqual([first.json.total, first.json.next], [25, 'n09'])
  const second = await get('/children?path=/folder&limit=10&after=n09&stat=true&preview=true')
  assert.deepEqual([second.json.from, second.json.children[0].name, second.json.next], [10, 'n10', 'n19'])
  assert.deepEqual([second.json.children[0].dataPreview, second.json.children[0].stat.dataLength], ['n10', 3])
  await post('/znode?path=/folder/n095', {})
  const last = await get('/children?path=/folder&limit=10&at=20')
  assert.deepEqual(last.json.children.at(-1), { name: 'n24' })
  assert.deepEqual([last.json.total, last.json.children.length, last.json.next], [26, 6, undefined])
})

test('what is remembered of children is only told to who may read them', async () => {
  await post('/znode?path=/private', {})
  await post('/znode?path=/private/child', {})
  assert.equal((await get('/children?path=/private')).json.total, 1)
  await put('/acl?path=/private', { acl: [{ perms: 'cdrwa', scheme: 'auth', id: '' }] }, basic('bob'))
  assert.equal((await get('/children?path=/private')).json.code, 'NoAuth')
  assert.equal((await get('/children?path=/private', basic('bob'))).json.total, 1)
  assert.equal((await get('/children?path=/private', basic('bob', 'other'))).status, 403)
})

test('one child that may not be read keeps nobody from the others', async () => {
  const own = [{ perms: 'cdrwa', scheme: 'auth', id: '' }]
  await post('/znode?path=/mixed', {})
  await post('/znode?path=/mixed/open', { data: 'x' })
  await post('/znode?path=/mixed/own', { acl: own }, basic('ann'))
  await post('/znode?path=/mixed/lock-0000000000', { acl: own }, basic('ann'))
  const { status, json } = await get('/children?path=/mixed&stat=true&preview=true')
  assert.equal(status, 200)
  assert.deepEqual(
    json.children.map(({ name, stat, unreadable }: Record<string, unknown>) => [name, stat !== undefined, unreadable]),
    [
      ['lock-0000000000', false, true],
      ['open', true, undefined],
      ['own', false, true],
    ],
  )
  const { json: seen } = await get('/children?path=/mixed&stat=true', basic('ann'))
  assert.ok(seen.children.every(({ stat }: Record<string, unknown>) => stat !== undefined))
  const [lock] = (await get('/recipes?path=/mixed')).json
  assert.deepEqual([lock.kind, lock.holding, lock.fencingToken], ['lock', 1, undefined])
  assert.deepEqual([lock.queue[0].node, lock.queue[0].unreadable], ['/mixed/lock-0000000000', true])
  assert.match((await get('/recipes?path=/mixed', basic('ann'))).json[0].fencingToken, /^0x/)
  const refused = await remove('/znode?path=/mixed&recursive=true')
  assert.deepEqual([refused.status, refused.json.code, refused.json.path?.startsWith('/mixed/')], [403, 'NoAuth', true])
  assert.equal((await get('/children?path=/mixed')).json.total, 3)
})

test('access control lists are read and set', async () => {
  await post('/znode?path=/acl', { acl: [{ perms: 'ra', scheme: 'world', id: 'anyone' }] })
  assert.equal((await put('/znode?path=/acl', { data: '' })).json.code, 'NoAuth')
  assert.deepEqual((await get('/acl?path=/acl')).json.acl, [{ perms: 'ra', scheme: 'world', id: 'anyone' }])
  const set = await put('/acl?path=/acl', { acl: [{ perms: 'cdrwa', scheme: 'world', id: 'anyone' }], version: 0 })
  assert.equal(set.json.stat.aversion, 1)
  assert.equal((await put('/acl?path=/acl', { acl: set.json.acl, version: 0 })).status, 412)
  assert.equal((await put('/acl?path=/acl', { acl: [{ perms: 'x', scheme: 'world', id: 'anyone' }] })).status, 400)
  assert.equal((await put('/acl?path=/acl', { acl: [{ perms: 'r', scheme: 'none', id: '' }] })).json.code, 'InvalidACL')
})

test('a multi is applied as a whole, or says which operation kept it from that', async () => {
  const ops = [
    { type: 'create', path: '/multi', data: 'x' },
    { type: 'set', path: '/multi', data: 'y', version: 0 },
  ]
  const failed = await post('/multi', { ops: [...ops, { type: 'check', path: '/nowhere' }] })
  assert.equal(failed.status, 409)
  assert.deepEqual([failed.json.code, failed.json.index, failed.json.path], ['NoNode', 2, '/nowhere'])
  assert.deepEqual(failed.json.results, ['Ok', 'Ok', 'NoNode'])
  const { json } = await post('/multi', { ops: [...ops, { type: 'delete', path: '/multi' }] })
  assert.deepEqual(
    json.results.map(({ type, stat }: { type: string; stat?: { version: number } }) => [type, stat?.version]),
    [
      ['create', 0],
      ['set', 1],
      ['delete', undefined],
    ],
  )
})

test('who calls is who the servers take it for', async () => {
  const identities = async (headers: Record<string, string>): Promise<unknown> =>
    (await get('/whoami', headers)).json.identities.filter(({ scheme }: { scheme: string }) => scheme !== 'ip')
  assert.deepEqual(await identities({}), [])
  assert.deepEqual(await identities(basic('bob')), [{ scheme: 'digest', id: 'bob' }])
  assert.deepEqual(await identities({}), [])
})

test('the status tells how things stand', async () => {
  const { json } = await get('/status')
  assert.deepEqual([json.state, json.writable, json.readOnly], ['connected', true, false])
  assert.equal(json.server.address, gateway.server.connectString)
})
