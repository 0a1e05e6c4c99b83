import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { CREATOR_ALL_ACL, KeeperOp, OPEN_ACL_UNSAFE, OpCode, Operation, Stat, type Writer } from '@vivarium/protocol'
import { bytesOf, create, look, set } from '../protocol/requests.ts'
import type { Answer, TestClient } from '../protocol/test-client.ts'
import { startStandalone } from '../standalone/standalone.ts'

const ENABLED = { 'keeper.extensions.enabled': 'true' }
const EPHEMERAL = 1
const ANY_STAT: Stat = {
  czxid: -1,
  mzxid: -1,
  ctime: -1,
  mtime: -1,
  version: -1,
  cversion: -1,
  aversion: -1,
  ephemeralOwner: -1n,
  dataLength: -1,
  numChildren: -1,
  pzxid: -1,
}

/** A server with `/a` (persistent `/a/p`, whose data is "data", `/a/p/q`, ephemeral `/a/e`). */
async function started(t: TestContext, settings: Record<string, string> = ENABLED): Promise<TestClient> {
  const server = await startStandalone(t, settings)
  const client = await server.client()
  await client.do('create', create('/a'))
  await client.do('create', create('/a/p', { data: 'data' }))
  await client.do('create', create('/a/p/q'))
  await client.do('create', create('/a/e', { flags: EPHEMERAL }))
  return client
}

const path = (text: string, ...ints: number[]): Uint8Array =>
  bytesOf((w) => {
    w.string(text)
    for (const int of ints) w.int(int)
  })

const filtered = (text: string, filter: number, ...flags: boolean[]): Uint8Array =>
  bytesOf((w) => {
    w.string(text)
    w.bool(false)
    w.raw(Uint8Array.of(filter))
    for (const flag of flags) w.bool(flag)
  })

const checkStat = (text: string, version: number, stat: Partial<Stat>): Uint8Array =>
  bytesOf((w) => {
    w.string(text)
    w.int(version)
    Stat.write(w, { ...ANY_STAT, ...stat })
  })

const createBody = (text: string, flags = 0): Uint8Array =>
  bytesOf((w) => Operation.create.request.write(w, { path: text, data: null, acl: OPEN_ACL_UNSAFE, flags }))

const strings = ({ body }: Answer): string[] => Array.from({ length: body.int() }, () => body.string() ?? '').sort()

const multi = (...parts: readonly (readonly [number, Uint8Array])[]): Uint8Array =>
  bytesOf((w) => {
    for (const [type, body] of parts) {
      header(w, type, false, -1)
      w.raw(body)
    }
    header(w, -1, true, -1)
  })

function header(w: Writer, type: number, done: boolean, error: number): void {
  w.int(type)
  w.bool(done)
  w.int(error)
}

/** What each operation of a multi came to: its type and path, or its error. */
function results({ body }: Answer): string[] {
  const found: string[] = []
  for (;;) {
    const type = body.int()
    const done = body.bool()
    const error = body.int()
    if (done) return found
    if (type === OpCode.error) found.push(`error ${body.int()}`)
    else if (type === OpCode.create) found.push(`create ${body.string()}`)
    else found.push(error === 0 ? `done ${type}` : `error ${error}`)
  }
}

test('flags and version say what there is, in znodes that are in no tree', async (t) => {
  const client = await started(t)
  const { data, stat } = await client.get(Operation.getData, look('/keeper/feature_flags'))
  assert.deepEqual([...(data ?? [])], [0b1111_1111, 0b1110_0000])
  assert.equal(stat.dataLength, 2)
  assert.equal(await client.data('/keeper/api_version'), '5')
  assert.deepEqual(await client.children('/keeper'), ['api_version', 'feature_flags'])
  assert.deepEqual(await client.children('/'), ['a', 'zookeeper'])
  assert.equal(await client.code('getData', look('/keeper/none')), 'NONODE')
})

test('unless they are asked for, they are as unknown as in ZooKeeper', async (t) => {
  const client = await started(t, {})
  assert.equal(await client.code('getData', look('/keeper/feature_flags')), 'NONODE')
  const refused = await client.askBytes(OpCode.multi, multi([KeeperOp.tryRemove, path('/a', -1)]))
  assert.equal(refused.code, 'MARSHALLINGERROR')
  assert.equal((await client.askBytes(KeeperOp.tryRemove, path('/a', -1))).code, 'UNIMPLEMENTED')
  assert.equal(await client.reply(), null)
})

test('lists are of one kind, and tell as much as is wanted', async (t) => {
  const client = await started(t)
  const list = async (filter: number): Promise<string[]> =>
    strings(await client.askBytes(KeeperOp.filteredList, filtered('/a', filter)))
  assert.deepEqual([await list(0), await list(1), await list(2)], [['e', 'p'], ['p'], ['e']])
  const { body } = await client.askBytes(KeeperOp.listWithStatsAndData, filtered('/a', 1, true, true))
  assert.deepEqual([body.int(), body.string(), Stat.read(body).numChildren], [1, 'p', 2])
  assert.deepEqual([body.int(), Stat.read(body).dataLength], [1, 4])
  assert.deepEqual([body.int(), Buffer.from(body.buffer() ?? []).toString(), body.remaining], [1, 'data', 0])
  assert.equal((await client.askBytes(KeeperOp.filteredList, filtered('/none', 0))).code, 'NONODE')
})

test('a recursive list has all below, up to a number', async (t) => {
  const client = await started(t)
  const list = async (limit: number): Promise<string[]> =>
    strings(await client.askBytes(KeeperOp.listRecursive, path('/a', limit)))
  assert.deepEqual(await list(10), ['/a/e', '/a/p', '/a/p/q'])
  assert.equal((await list(2)).length, 2)
  assert.deepEqual(await list(0), [])
})

test('checks stand alone, too', async (t) => {
  const client = await started(t)
  const code = async (opcode: number, body: Uint8Array): Promise<string> => (await client.askBytes(opcode, body)).code
  assert.equal(await code(KeeperOp.checkNotExists, path('/none', -1)), 'OK')
  assert.equal(await code(KeeperOp.checkNotExists, path('/a', -1)), 'NODEEXISTS')
  assert.equal(await code(KeeperOp.checkNotExists, path('/a', 5)), 'OK')
  assert.equal(
    await code(KeeperOp.checkStat, checkStat('/a/p', 0, { dataLength: 4, numChildren: 1, cversion: 1 })),
    'OK',
  )
  assert.equal(await code(KeeperOp.checkStat, checkStat('/a/p', 0, { dataLength: 5 })), 'BADVERSION')
  assert.equal(await code(KeeperOp.checkStat, checkStat('/none', -1, {})), 'NONODE')
})

test('a create does with what is there, a removal with what is not', async (t) => {
  const client = await started(t)
  const created = await client.askBytes(KeeperOp.createIfNotExists, createBody('/new'))
  assert.deepEqual([created.code, created.body.string()], ['OK', '/new'])
  const found = await client.askBytes(KeeperOp.createIfNotExists, createBody('/new'))
  assert.deepEqual([found.code, found.body.string(), found.body.remaining], ['OK', '/new', 0])
  assert.ok(found.zxid > created.zxid)
  const tried = async (text: string, version = -1): Promise<string> =>
    (await client.askBytes(KeeperOp.tryRemove, path(text, version))).code
  assert.deepEqual(
    [await tried('/new', 3), await tried('/a'), await tried('/none'), await tried('/x/y')],
    Array(4).fill('OK'),
  )
  assert.deepEqual(await client.children('/'), ['a', 'new', 'zookeeper'])
  assert.equal(await tried('/new'), 'OK')
  assert.deepEqual(await client.children('/'), ['a', 'zookeeper'])
})

test('a tree is removed as a whole, or not at all', async (t) => {
  const client = await started(t)
  const removed = async (text: string, limit: number): Promise<string> =>
    (await client.askBytes(KeeperOp.removeRecursive, path(text, limit))).code
  assert.equal(await removed('/a', 3), 'NOTEMPTY')
  assert.deepEqual(await client.children('/a'), ['e', 'p'])
  assert.equal(await removed('/', 100), 'BADARGUMENTS')
  assert.equal(await removed('/zookeeper', 100), 'BADARGUMENTS')
  await client.do('getData', look('/a/p', true))
  const { code, events } = await client.askBytes(KeeperOp.removeRecursive, path('/a', 4))
  assert.deepEqual([code, events], ['OK', ['NodeDeleted /a/p']])
  assert.deepEqual(await client.children('/'), ['zookeeper'])
  assert.equal(await removed('/a', 4), 'OK')
})

test('a multi takes all of them, each with a result of its own', async (t) => {
  const client = await started(t)
  const answer = await client.askBytes(
    OpCode.multi,
    multi(
      [KeeperOp.checkNotExists, path('/none', -1)],
      [OpCode.create, createBody('/a/p/new')],
      [KeeperOp.removeRecursive, path('/a', 10)],
      [KeeperOp.createIfNotExists, createBody('/a')],
      [KeeperOp.createIfNotExists, createBody('/a')],
      [KeeperOp.tryRemove, path('/none', -1)],
      [KeeperOp.checkStat, checkStat('/a', 0, { numChildren: 0 })],
      [KeeperOp.tryRemove, path('/a', -1)],
    ),
  )
  assert.deepEqual(results(answer), [
    ...['done 13', 'create /a/p/new', 'done 13', 'create /a', 'create /a', 'done 13', 'done 13', 'done 2'],
  ])
  assert.deepEqual(await client.children('/'), ['zookeeper'])
})

test('a multi that fails changes nothing, and says where it failed', async (t) => {
  const client = await started(t)
  const answer = await client.askBytes(
    OpCode.multi,
    multi(
      [KeeperOp.removeRecursive, path('/a', 10)],
      [KeeperOp.checkNotExists, path('/zookeeper', -1)],
      [OpCode.create, createBody('/later')],
    ),
  )
  assert.deepEqual(results(answer), ['error 0', 'error -110', 'error -2'])
  assert.deepEqual(await client.children('/a'), ['e', 'p'])
})

test('a multiRead reads all that can be read', async (t) => {
  const client = await started(t)
  const watchless = (text: string): Uint8Array =>
    bytesOf((w) => Operation.exists.request.write(w, { path: text, watch: false }))
  const { body } = await client.askBytes(
    OpCode.multiRead,
    multi(
      [OpCode.exists, watchless('/a')],
      [OpCode.getData, watchless('/none')],
      [KeeperOp.filteredList, filtered('/a', 2)],
      [OpCode.getData, watchless('/keeper/api_version')],
    ),
  )
  assert.deepEqual([body.int(), body.bool(), body.int(), Stat.read(body).numChildren], [OpCode.exists, false, 0, 2])
  assert.deepEqual([body.int(), body.bool(), body.int(), body.int()], [OpCode.error, false, -101, -101])
  assert.deepEqual(
    [body.int(), body.bool(), body.int(), body.int(), body.string()],
    [KeeperOp.filteredList, false, 0, 1, 'e'],
  )
  Stat.read(body)
  assert.deepEqual(
    [body.int(), body.bool(), body.int(), Buffer.from(body.buffer() ?? []).toString()],
    [4, false, 0, '5'],
  )
})

test('what a multiRead reads can be watched, as the flag for that says', async (t) => {
  const client = await started(t)
  const watching = (text: string): Uint8Array =>
    bytesOf((w) => Operation.exists.request.write(w, { path: text, watch: true }))
  await client.askBytes(
    OpCode.multiRead,
    multi(
      [OpCode.getData, watching('/a/p')],
      [OpCode.getChildren, watching('/a/p/q')],
      [OpCode.exists, watching('/b')],
    ),
  )
  const answers = [
    await client.ask('setData', set('/a/p', 'new')),
    await client.ask('create', create('/a/p/q/r')),
    await client.ask('create', create('/b')),
  ]
  assert.deepEqual(
    answers.flatMap(({ events }) => events),
    ['NodeDataChanged /a/p', 'NodeChildrenChanged /a/p/q', 'NodeCreated /b'],
  )
})

test('what may not be read or removed one by one may not be so', async (t) => {
  const server = await startStandalone(t, ENABLED)
  const owner = await server.client()
  await owner.askBytes(
    OpCode.auth,
    bytesOf((w) => Operation.auth.request.write(w, { type: 0, scheme: 'digest', auth: Buffer.from('a:b') })),
    -4,
  )
  await owner.do('create', create('/open'))
  await owner.do('create', create('/open/closed', { acl: CREATOR_ALL_ACL }))
  await owner.do('create', create('/open/closed/child'))
  const other = await server.client()
  const code = async (opcode: number, body: Uint8Array): Promise<string> => (await other.askBytes(opcode, body)).code
  assert.equal(await code(KeeperOp.removeRecursive, path('/open', 10)), 'NOAUTH')
  assert.equal(await code(KeeperOp.listWithStatsAndData, filtered('/open', 0, true, false)), 'NOAUTH')
  assert.equal(await code(KeeperOp.filteredList, filtered('/open', 0)), 'OK')
  assert.deepEqual(strings(await other.askBytes(KeeperOp.listRecursive, path('/open', 10))), [])
  assert.equal(await code(KeeperOp.checkStat, checkStat('/open/closed', -1, {})), 'NOAUTH')
  assert.deepEqual(await owner.children('/open'), ['closed'])
})

test('what is cut off is no request', async (t) => {
  const client = await started(t)
  for (const opcode of Object.values(KeeperOp)) {
    assert.equal((await client.askBytes(opcode, path('/a').subarray(0, 5))).code, 'MARSHALLINGERROR', String(opcode))
  }
})

test('a restart finds what the transactions made', async (t) => {
  const server = await startStandalone(t, ENABLED)
  const client = await server.client()
  for (const name of ['/a', '/a/b', '/c']) await client.do('create', create(name))
  await client.askBytes(KeeperOp.removeRecursive, path('/a', 10))
  await client.askBytes(KeeperOp.createIfNotExists, createBody('/c'))
  const { zxid } = await client.askBytes(KeeperOp.tryRemove, path('/none', -1))
  await server.close()
  const again = await startStandalone(t, { dataDir: server.dataDir })
  const reader = await again.client()
  assert.deepEqual(await reader.children('/'), ['c', 'zookeeper'])
  assert.ok((await reader.ask('create', create('/d'))).zxid > zxid)
  assert.equal(await again.metric('digest_mismatches_count'), '0')
})
