import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { at, create, multi, set } from '../protocol/requests.ts'
import { type Standalone, startStandalone, temporaryDirectory } from './standalone.ts'

const ADMIN = { 'admin.serverPort': 0, 'admin.serverAddress': '127.0.0.1' }
const SIGNED_IN = { authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}` }

/** What is answered is looked at field by field, whatever it is. */
type Answer = Readonly<Record<string, unknown>>

async function ask(
  { server }: Standalone,
  name: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Answer }> {
  const response = await fetch(`http://127.0.0.1:${server.http.admin?.port}/api/v1/server/${name}`, { headers })
  return { status: response.status, body: (await response.json()) as Answer }
}

const start = (t: TestContext, settings: Readonly<Record<string, string | number>> = {}): Promise<Standalone> =>
  startStandalone(t, { ...ADMIN, ...settings })

const hex = (id: bigint): string => `0x${BigInt.asUintN(64, id).toString(16)}`

test('a session is told of with its client, its ephemerals and its watches', async (t) => {
  const server = await start(t)
  const client = await server.client()
  await client.do('create', create('/a'))
  await client.do('create', create('/a/e', { flags: 1 }))
  await client.do('getData', { path: '/a', watch: true })
  const id = hex(client.session.sessionId)
  const { body: all } = await ask(server, 'sessions')
  assert.equal(all.total, 1)
  const [listed] = all.sessions as Record<string, unknown>[]
  assert.equal(listed?.session, id)
  assert.match(String(listed?.address), /^127\.0\.0\.1:\d+$/)
  assert.equal(listed?.ephemerals, 1)
  assert.ok(Number(listed?.expiresAt) > Number(all.now))
  const { body: one } = await ask(server, `session?id=${id}`)
  assert.deepEqual(one.ephemerals, ['/a/e'])
  assert.deepEqual([one.watches, one.watchCount], [['/a'], 1])
  const { body: watched } = await ask(server, 'watchers?path=/a')
  const watchers = watched.watchers as Record<string, unknown>[]
  assert.deepEqual(
    watchers.map(({ session, kinds }) => ({ session, kinds })),
    [{ session: id, kinds: ['data'] }],
  )
})

test('of what there is not, that is said', async (t) => {
  const server = await start(t)
  assert.equal((await ask(server, 'session?id=0x77')).status, 404)
  for (const name of ['session', 'session?id=77', 'session?id=0xfffffffffffffffff', 'watchers', 'watchers?path=a']) {
    assert.equal((await ask(server, name)).status, 400, name)
  }
  for (const name of ['', 'none', 'constructor', '%', `session/${'x'.repeat(5000)}`]) {
    assert.equal((await ask(server, name)).status, 404, name)
  }
  assert.deepEqual((await ask(server, 'watchers?path=/nobody')).body.watchers, [])
})

test('what is measured are numbers', async (t) => {
  const server = await start(t)
  const client = await server.client()
  await client.do('create', create('/a'))
  await client.do('exists', at('/a'))
  const { body } = await ask(server, 'metrics')
  const figures = body.figures as Record<string, unknown>
  for (const [name, value] of Object.entries(figures)) assert.ok(Number.isFinite(value), name)
  assert.deepEqual([figures.connections, figures.sessions, figures.updates, figures.reads], [1, 1, 2, 1])
})

test('a server that stands alone has had one role', async (t) => {
  const { body } = await ask(await start(t), 'elections')
  const [change, ...more] = body.changes as Record<string, unknown>[]
  assert.deepEqual([change?.mode, change?.leader, more.length], ['standalone', null, 0])
})

test('the history of a znode comes from the log, for those who may see everything', async (t) => {
  const server = await start(t)
  const client = await server.client()
  await client.do('create', create('/a', { data: 'one' }))
  await client.do('create', create('/ab'))
  await client.do('setData', set('/a', 'two'))
  await client.do('multi', multi(['setData', set('/a', '\u00ff')], ['setData', set('/ab', 'x')]))
  await client.do('delete', at('/a'))
  assert.equal((await ask(server, 'history?path=/a')).status, 401)
  const { status, body } = await ask(server, 'history?path=/a', SIGNED_IN)
  assert.equal(status, 200)
  const entries = body.entries as Record<string, unknown>[]
  assert.deepEqual(
    entries.map(({ operation, version, value }) => [operation, version, (value as { data?: string } | null)?.data]),
    [
      ['delete', null, undefined],
      ['setData', 2, '\u00ff'],
      ['setData', 1, 'two'],
      ['create', 0, 'one'],
    ],
  )
  assert.equal(entries[0]?.session, hex(client.session.sessionId))
  assert.equal(body.complete, true)
})

test('whoever is not granted everything on the root sees no history', async (t) => {
  const server = await start(t)
  const client = await server.client()
  const everything = { perms: 31, id: { scheme: 'digest', id: 'super:x' } }
  await client.do('setACL', { path: '/', acl: [everything], version: -1 })
  assert.equal((await ask(server, 'history?path=/', SIGNED_IN)).status, 403)
  assert.equal((await ask(server, 'audit', SIGNED_IN)).status, 403)
})

for (const format of ['text', 'json']) {
  test(`the end of an audit log in ${format} is told, the newest first`, async (t) => {
    const file = join(temporaryDirectory(t), 'audit.log')
    const server = await start(t, { 'audit.enable': 'true', 'audit.file': file, 'audit.format': format })
    const client = await server.client()
    await client.do('create', create('/a'))
    await client.do('setData', set('/a', 'x'))
    // It is written behind what it tells of: the line is there once a later operation has been answered, or soon after.
    let entries: Record<string, string>[] = []
    while (entries.length < 3) {
      const { body } = await ask(server, 'audit', SIGNED_IN)
      assert.deepEqual([body.enabled, body.file], [true, true])
      entries = body.entries as Record<string, string>[]
    }
    assert.deepEqual(
      entries.map(({ operation, znode, result }) => [operation, znode, result]),
      [
        ['setData', '/a', 'success'],
        ['create', '/a', 'success'],
        ['serverStart', undefined, 'success'],
      ],
    )
    assert.match(entries[0]?.time ?? '', /^\d{4}-\d\d-\d\d[ T]/)
  })
}

test('a server without an audit log of its own says so', async (t) => {
  const { body } = await ask(await start(t), 'audit', SIGNED_IN)
  assert.deepEqual([body.enabled, body.file, body.entries], [false, false, []])
})
