import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Operation } from '@vivarium/protocol'
import { acl, at, bytesOf, create, look, set, setAcl } from './requests.ts'
import { startTestServer } from './test-server.ts'

const server = await startTestServer({ '4lw.commands.whitelist': '*' })
after(() => server.close())

const OPEN = [acl(31, 'world', 'anyone')]

test('what is no path is refused by create, setData and setACL', async () => {
  const client = await server.client()
  await client.do('create', create('/p'))
  const bad = ['/p/', '/p//a', '//p', '/p/.', '/p/..', '/p/./a', '/p/../p', '/.', '/..']
  for (const [first, last] of [
    [0, 0x1f],
    [0x7f, 0x9f],
    [0xd800, 0xf8ff],
    [0xfff0, 0xffff],
  ] as const) {
    for (const unit of [first, last]) if (!isSurrogate(unit)) bad.push(`/p/a${String.fromCharCode(unit)}b`)
  }
  for (const path of bad) {
    const text = JSON.stringify(path)
    if (!path.startsWith('/p/..') && !path.includes('//') && !path.includes('/./')) {
      assert.equal(await client.code('create', create(path)), 'BADARGUMENTS', `create ${text}`)
    }
    assert.equal(await client.code('setData', set(path)), 'BADARGUMENTS', `setData ${text}`)
    assert.equal(await client.code('setACL', setAcl(path, OPEN)), 'BADARGUMENTS', `setACL ${text}`)
  }
  for (const path of ['', 'p', 'p/a']) {
    // A parent is looked up before the path is looked at as a whole.
    assert.equal(await client.code('create', create(path)), path === 'p/a' ? 'NONODE' : 'BADARGUMENTS', path)
    assert.equal(await client.code('setData', set(path)), 'BADARGUMENTS', path)
  }
})

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff

test('what only looks odd is a path', async () => {
  const client = await server.client()
  await client.do('create', create('/odd'))
  const names = [
    '...',
    '.a',
    'a.',
    '..a',
    ' ',
    '~',
    '\u00a0',
    '\ud7ff',
    '\uf900',
    '\uffef',
    'zażółć',
    '漢字',
    'a:b?c*d',
  ]
  for (const name of names) await client.do('create', create(`/odd/${name}`))
  assert.deepEqual(await client.children('/odd'), [...names].sort())
  await client.do('create', create(`/odd/${'x'.repeat(100_000)}`))
})

test('characters beyond the basic plane, in four bytes or in two times three, are refused', async () => {
  const client = await server.client()
  const request = (path: readonly number[]) =>
    bytesOf((w) => {
      w.buffer(Uint8Array.from(path))
      w.buffer(null)
      w.vector(OPEN, (to, { perms, id }) => {
        to.int(perms)
        to.string(id.scheme)
        to.string(id.id)
      })
      w.int(0)
    })
  assert.equal(await client.code('create', request([0x2f, 0xf0, 0x9f, 0x98, 0x80])), 'BADARGUMENTS')
  assert.equal(await client.code('create', request([0x2f, 0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80])), 'BADARGUMENTS')
  assert.equal(await client.code('create', request([0x2f, 0xff])), 'BADARGUMENTS', 'no UTF-8 at all')
  assert.equal(await client.code('create', request([0x2f, 0xc3])), 'BADARGUMENTS', 'cut off')
  assert.equal(await client.code('create', request([0x2f, 0x61])), 'OK')
})

test('reads look paths up as they are: empty is the root, and nothing else is but it', async () => {
  const client = await server.client()
  await client.do('create', create('/looked'))
  assert.deepEqual(await client.get(Operation.getData, look('')), await client.get(Operation.getData, look('/')))
  for (const path of ['looked', '/looked/', '//looked', '/./looked', '//', '/looked\u0001']) {
    for (const name of ['exists', 'getData', 'getChildren', 'getChildren2', 'getACL'] as const) {
      assert.equal(await client.code(name, look(path)), 'NONODE', `${name} ${path}`)
    }
  }
})

test('delete looks its path up as well', async () => {
  const client = await server.client()
  await client.do('create', create('/del'))
  assert.equal(await client.code('delete', at('/del/')), 'NONODE')
  assert.equal(await client.code('delete', at('/del/\u0001')), 'NONODE')
  assert.equal(await client.code('delete', at('')), 'BADARGUMENTS')
})

test('/zookeeper is there from the start, and cannot be deleted', async () => {
  const fresh = await startTestServer({ '4lw.commands.whitelist': '*' })
  try {
    const client = await fresh.client()
    assert.deepEqual(await client.children('/'), ['zookeeper'])
    assert.deepEqual(await client.children('/zookeeper'), ['config', 'quota'])
    assert.equal(await client.data('/zookeeper/config'), '')
    const list = async (path: string) => (await client.get(Operation.getACL, { path })).acl
    assert.deepEqual(await list('/zookeeper'), OPEN)
    assert.deepEqual(await list('/zookeeper/quota'), OPEN)
    assert.deepEqual(await list('/zookeeper/config'), [acl(1, 'world', 'anyone')])
    assert.deepEqual(await list('/'), OPEN)
    assert.equal(await client.code('setData', set('/zookeeper/config')), 'NOAUTH')
    const connection = await fresh.connect()
    connection.send(Buffer.from('srvr'))
    assert.match((await connection.untilClosed()).rest, /\nNode count: 5\n/)
    await client.do('create', create('/zookeeper/mine'))
    await client.do('delete', at('/zookeeper/mine'))
  } finally {
    await fresh.close()
  }
})
