import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { at, auth, create, multi, set } from '../protocol/requests.ts'
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

const digestOf = (credentials: string): { scheme: string; id: string } => {
  const [user] = credentials.split(':')
  return { scheme: 'digest', id: `${user}:${createHash('sha1').update(credentials).digest('base64')}` }
}
const as = (credentials: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
})
const ANN_ONLY = { acl: [{ perms: 31, id: digestOf('ann:secret') }] }

test('names that an ACL keeps from somebody are not told with a session either, nor who watches what nobody may read', async (t) => {
  const server = await start(t)
  const client = await server.client()
  await client.do('auth', auth('digest', 'ann:secret'))
  await client.do('create', create('/secret', ANN_ONLY))
  await client.do('create', create('/secret/e', { flags: 1, ...ANN_ONLY }))
  await client.do('create', create('/open', { flags: 1 }))
  await client.do('exists', { path: '/secret/e', watch: true })
  await client.ask('exists', { path: '/secret/none', watch: true })
  const id = hex(client.session.sessionId)
  const seen = async (headers: Record<string, string>): Promise<unknown[]> => {
    const { body } = await ask(server, `session?id=${id}`, headers)
    return [
      (body.ephemerals as string[]).toSorted(),
      body.watches,
      body.watchCount,
      (body.session as Answer).ephemerals,
    ]
  }
  assert.deepEqual(await seen(as('ann:secret')), [['/open', '/secret/e'], ['/secret/e', '/secret/none'], 2, 2])
  for (const headers of [{}, as('ann:guess'), as('bob:secret')]) {
    assert.deepEqual(await seen(headers), [['/open'], [], 2, 2])
    assert.equal((await ask(server, 'watchers?path=/secret/e', headers)).status, 403)
    assert.equal((await ask(server, 'watchers?path=/secret/none', headers)).status, 403)
  }
  assert.equal((await ask(server, 'watchers?path=/secret/e', as('ann:secret'))).status, 200)
})

test('a history has no data that its reader could not have read then', async (t) => {
  const server = await start(t)
  const client = await server.client()
  await client.do('auth', auth('digest', 'ann:secret'))
  await client.do('create', create('/a', { data: 'for all' }))
  await client.do('setACL', { path: '/a', version: -1, ...ANN_ONLY })
  await client.do('setData', set('/a', 'for ann'))
  assert.equal((await ask(server, 'history?path=/a', as('bob:x'))).status, 403)
  await client.do('delete', at('/a'))
  await client.do('create', create('/a', { data: 'for all again' }))
  const told = async (headers: Record<string, string>): Promise<unknown[]> => {
    const { body } = await ask(server, 'history?path=/a', headers)
    return (body.entries as Answer[]).map(({ value, withheld }) => [(value as Answer | null)?.data ?? null, withheld])
  }
  const shown = ['for all again', null, 'for ann', null, 'for all']
  assert.deepEqual(
    await told(as('ann:secret')),
    shown.map((data) => [data, false]),
  )
  assert.deepEqual(
    await told(as('bob:x')),
    shown.map((data) => (data === 'for ann' ? [null, true] : [data, false])),
  )
})

test('several histories at once are all told', async (t) => {
  const server = await start(t)
  const client = await server.client()
  for (const path of ['/a', '/b', '/c']) await client.do('create', create(path, { data: path }))
  const all = await Promise.all(['/a', '/b', '/c'].map((path) => ask(server, `history?path=${path}`, SIGNED_IN)))
  assert.deepEqual(
    all.map(({ status, body }) => [status, (body.entries as unknown[]).length]),
    [1, 1, 1].map((entries) => [200, entries]),
  )
})

test('the sessions that expire next come first', async (t) => {
  const server = await start(t, { maxSessionTimeout: 400_000 })
  const ids: string[] = []
  for (const timeOut of [90_000, 300_000, 30_000]) {
    ids.push(hex((await server.client({ timeOut })).session.sessionId))
  }
  const [long, longest, short] = ids
  const { body } = await ask(server, 'sessions?limit=2')
  assert.deepEqual([(body.sessions as Answer[]).map(({ session }) => session), body.total], [[short, long], 3])
  const { body: all } = await ask(server, 'sessions')
  assert.equal((all.sessions as Answer[]).at(-1)?.session, longest)
})

test('the longest path that the console takes gets through, and nothing is changed there', async (t) => {
  const server = await start(t)
  const path = `/${'\u4e2d'.repeat(4095)}`
  assert.equal((await ask(server, `watchers?path=${encodeURIComponent(path)}`)).status, 200)
  const response = await fetch(`http://127.0.0.1:${server.server.http.admin?.port}/api/v1/server/sessions`, {
    method: 'POST',
  })
  const { headers, status } = response
  assert.deepEqual(
    [status, headers.get('allow'), headers.get('content-type')],
    [405, 'GET', 'application/problem+json'],
  )
})

test('of what an ACL keeps from somebody, the audit log says nothing', async (t) => {
  const file = join(temporaryDirectory(t), 'audit.log')
  const server = await start(t, { 'audit.enable': 'true', 'audit.file': file })
  const client = await server.client()
  await client.do('auth', auth('digest', 'ann:secret'))
  await client.do('create', create('/secret', ANN_ONLY))
  await client.do('create', create('/secret/a', ANN_ONLY))
  await client.do('delete', at('/secret/a'))
  await client.do('create', create('/open'))
  const znodes = async (headers: Record<string, string>): Promise<unknown[]> => {
    const { body } = await ask(server, 'audit', headers)
    return (body.entries as Answer[]).map(({ znode }) => znode)
  }
  while (!(await znodes(as('ann:secret'))).includes('/open'));
  assert.deepEqual(await znodes(as('ann:secret')), ['/open', '/secret/a', '/secret/a', '/secret', undefined])
  assert.deepEqual(await znodes(as('bob:x')), ['/open', undefined])
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
