import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorCode, OpCode, type OperationName, Reader, WhoAmIResponse, Writer } from '@vivarium/protocol'
import { create, encode, setData, statOf, text } from '../pipeline/client.ts'
import { digestIdentity, TestServer } from '../pipeline/server.ts'

function server(): TestServer {
  const made = new TestServer()
  const client = made.client()
  for (const path of ['/a', '/a/b', '/a/b/c', '/é']) assert.equal(client.code('create', create(path)), 'OK')
  return made
}

const none = { watch: false }
const children = (body: Uint8Array): string[] => (new Reader(body).vector((r) => r.text()) ?? []).sort()

test('paths of reads are looked up as they are', () => {
  const rows: [OperationName, object, ErrorCode][] = [
    ['exists', { path: '/a' }, 'OK'],
    ['exists', { path: '' }, 'OK'],
    ['exists', { path: '/' }, 'OK'],
    ['exists', { path: '/a/' }, 'NONODE'],
    ['exists', { path: '/a\0' }, 'BADARGUMENTS'],
    ['exists', { path: 'a' }, 'NONODE'],
    ['exists', { path: '/é' }, 'OK'],
    ['getData', { path: '' }, 'OK'],
    ['getData', { path: '//' }, 'NONODE'],
    ['getData', { path: '/a\0' }, 'NONODE'],
    ['getData', { path: '/\ufffd' }, 'NONODE'],
    ['getChildren', { path: '/a//b' }, 'NONODE'],
    ['getChildren2', { path: '/none' }, 'NONODE'],
    ['getACL', { path: '/none' }, 'NONODE'],
    ['getACL', { path: '/a' }, 'OK'],
    ['getAllChildrenNumber', { path: '/none' }, 'NONODE'],
  ]
  const client = server().client()
  for (const [name, request, code] of rows) assert.equal(client.code(name, { ...none, ...request }), code, name)
})

test('what reads answer', () => {
  const one = server()
  const client = one.client()
  const get = client.ask('getData', { path: '/a', watch: false })
  assert.deepEqual(new Reader(get.body).buffer(), new Uint8Array(text('x')))
  assert.equal(statOf(get).numChildren, 1)
  assert.deepEqual(children(client.ask('getChildren', { path: '/', watch: false }).body), ['a', 'zookeeper', 'é'])
  const list = client.ask('getChildren2', { path: '/a/b', watch: false })
  assert.deepEqual(children(list.body), ['c'])
  assert.equal(statOf(list).pzxid, statOf(client.ask('exists', { path: '/a/b/c', watch: false })).czxid)
  const count = (path: string): number => new Reader(client.ask('getAllChildrenNumber', { path }).body).int()
  assert.equal(count('/a'), 2)
  assert.equal(count('/a/b/c'), 0)
  assert.equal(count('/'), one.tree.nodeCount - 2)
})

test('a reply carries the last zxid that was applied', () => {
  const one = server()
  const [a, b] = [one.client(), one.client()]
  const { lastZxid } = one.preparer
  a.send('setData', setData('/a', 'y'))
  b.send('exists', { path: '/a', watch: false })
  assert.equal(b.take()[0]?.zxid, lastZxid)
  one.sync()
  assert.equal(b.ask('exists', { path: '/none', watch: false }).zxid, lastZxid + 1)
})

test('a ping is answered as a ping', () => {
  const client = server().client()
  assert.equal(client.ask('ping').body.length, 0)
})

test('sync answers with the path, whatever it is', () => {
  const client = server().client()
  for (const path of ['/a', 'no/path', '', null]) {
    assert.equal(new Reader(client.ask('sync', { path }).body).string(), path)
  }
  assert.equal(client.askBytes(OpCode.sync, new Uint8Array(3)).code, 'MARSHALLINGERROR')
})

test('getEphemerals: those of the session, by a prefix of their text', () => {
  const one = server()
  const [client, other] = [one.client(), one.client()]
  for (const path of ['/e', '/a/e1', '/a/e2']) client.ask('create', create(path, { flags: 1 }))
  other.ask('create', create('/e0', { flags: 1 }))
  const paths = (prefixPath: string | null): string[] => children(client.ask('getEphemerals', { prefixPath }).body)
  for (const all of [null, '', ' ', '/', ' / ', '\t\n']) assert.deepEqual(paths(all), ['/a/e1', '/a/e2', '/e'])
  assert.deepEqual(paths('/a/e'), ['/a/e1', '/a/e2'])
  assert.deepEqual(paths('/e'), ['/e'])
  assert.deepEqual(paths('//'), [])
  assert.deepEqual(paths(' /e'), [])
})

test('whoAmI tells the identities of the connection, without hashes', () => {
  const client = server().client(digestIdentity('bob:secret'), { scheme: 'super', id: '' })
  const { clientInfo } = WhoAmIResponse.read(new Reader(client.ask('whoAmI').body))
  assert.deepEqual(clientInfo, [
    { authScheme: 'ip', user: '127.0.0.1' },
    { authScheme: 'digest', user: 'bob' },
    { authScheme: 'super', user: '' },
  ])
})

test('which reads leave a watch', () => {
  const one = server()
  const client = one.client()
  const { watches } = one.database
  client.ask('create', create('/closed', { acl: [{ perms: 16, id: { scheme: 'world', id: 'anyone' } }] }))
  for (const name of ['getData', 'getChildren', 'getChildren2'] as const) {
    client.ask(name, { path: '/none', watch: true })
    client.ask(name, { path: '/closed', watch: true })
  }
  client.ask('exists', { path: '/closed', watch: true })
  assert.equal(watches.size, 0)
  client.ask('exists', { path: '/none', watch: true })
  assert.ok(watches.contains('/none', 2, client))
  client.ask('getData', { path: '/a', watch: true })
  assert.ok(watches.contains('/a', 2, client))
  client.ask('getChildren2', { path: '/a', watch: true })
  assert.ok(watches.contains('/a', 1, client))
  assert.equal(watches.size, 3)
})

test('watches are set, asked for and removed', () => {
  const client = server().client()
  assert.equal(client.code('addWatch', { path: '/x', mode: 0 }), 'OK')
  assert.equal(client.code('addWatch', { path: '/x', mode: 1 }), 'OK')
  assert.equal(client.code('addWatch', { path: '/x', mode: 2 }), 'MARSHALLINGERROR')
  assert.equal(client.code('addWatch', { path: '/x', mode: -1 }), 'MARSHALLINGERROR')
  assert.equal(client.code('checkWatches', { path: '/x', type: 4 }), 'OK')
  assert.equal(client.code('checkWatches', { path: '/x', type: 1 }), 'NOWATCHER')
  assert.equal(client.code('checkWatches', { path: '/x', type: 0 }), 'MARSHALLINGERROR')
  assert.equal(client.code('checkWatches', { path: '/x', type: 6 }), 'MARSHALLINGERROR')
  assert.equal(client.code('removeWatches', { path: '/x', type: 4 }), 'OK')
  assert.equal(client.code('removeWatches', { path: '/x', type: 4 }), 'NOWATCHER')
  assert.equal(client.code('removeWatches', { path: '/x', type: 3 }), 'OK')
  assert.equal(client.code('removeWatches', { path: '/x', type: 3 }), 'NOWATCHER')
})

test('setWatches tells what was missed, before it is answered, and watches the rest', () => {
  const one = server()
  const client = one.client()
  const zxid = one.tree.lastProcessedZxid
  client.ask('setData', setData('/a', 'y'))
  client.ask('create', create('/new'))
  const lists = { dataWatches: ['/a', '/é', '/gone'], existWatches: ['/new', '/later'], childWatches: ['/', '/a'] }
  client.send('setWatches', { relativeZxid: zxid, ...lists })
  assert.deepEqual(client.takeBrief(), [
    'event 3 /a @-1',
    'event 2 /gone @-1',
    'event 1 /new @-1',
    'event 4 / @-1',
    '3',
  ])
  client.send('setWatches2', {
    relativeZxid: zxid,
    ...lists,
    persistentWatches: ['/a'],
    persistentRecursiveWatches: ['/'],
  })
  client.take()
  const { watches } = one.database
  for (const [path, type] of [
    ['/é', 2],
    ['/later', 2],
    ['/a', 1],
    ['/a', 4],
    ['/', 5],
  ] as const) {
    assert.ok(watches.contains(path, type, client), `${path} ${type}`)
  }
})

test('setWatches fails at a path that is null, with what stands before it done', () => {
  const one = server()
  const client = one.client()
  const none = { dataWatches: [], existWatches: [], childWatches: [] }
  const relativeZxid = one.tree.lastProcessedZxid
  for (const list of ['dataWatches', 'existWatches', 'childWatches'])
    assert.equal(client.code('setWatches', { relativeZxid, ...none, [list]: [null] }), 'MARSHALLINGERROR', list)
  client.send('setWatches', { relativeZxid, ...none, dataWatches: ['/a', null, '/gone'] })
  assert.deepEqual(client.takeBrief(), ['4:MARSHALLINGERROR'])
  assert.ok(one.database.watches.contains('/a', 2, client))
  const persistent = { persistentWatches: [null, '/a'], persistentRecursiveWatches: [null] }
  assert.equal(client.code('setWatches2', { relativeZxid, ...none, ...persistent }), 'OK')
  assert.ok(one.database.watches.contains('/a', 4, client))
})

test('a body that ends too soon, or claims too much, is answered with MARSHALLINGERROR', () => {
  const client = server().client()
  const path = '/a'
  const requests: [OperationName, unknown][] = [
    ['exists', { path, watch: true }],
    ['getData', { path, watch: true }],
    ['getChildren', { path, watch: true }],
    ['getChildren2', { path, watch: true }],
    ['getACL', { path }],
    ['getAllChildrenNumber', { path }],
    ['getEphemerals', { prefixPath: path }],
    ['addWatch', { path, mode: 0 }],
    ['checkWatches', { path, type: 3 }],
    ['removeWatches', { path, type: 3 }],
    ['setWatches', { relativeZxid: 0, dataWatches: [path], existWatches: [], childWatches: null }],
    [
      'setWatches2',
      {
        relativeZxid: 0,
        dataWatches: [],
        existWatches: [],
        childWatches: null,
        persistentWatches: [],
        persistentRecursiveWatches: [path],
      },
    ],
  ]
  for (const [name, request] of requests) {
    const whole = encode(name, request)
    for (let length = 0; length < whole.length; length++) {
      assert.equal(client.askBytes(OpCode[name], whole.subarray(0, length)).code, 'MARSHALLINGERROR', name)
    }
    const claims = whole.slice()
    const at = name.startsWith('setWatches') ? 8 : 0
    for (const claim of [0x7fffffff, 0x00ffffff]) {
      new DataView(claims.buffer).setInt32(at, claim)
      assert.equal(client.askBytes(OpCode[name], claims).code, 'MARSHALLINGERROR', name)
    }
  }
  const nullPath = new Writer()
  nullPath.string(null)
  nullPath.bool(false)
  for (const opcode of [OpCode.exists, OpCode.getData, OpCode.getChildren, OpCode.getACL]) {
    assert.equal(client.askBytes(opcode, nullPath.finish()).code, 'MARSHALLINGERROR')
  }
})

test('what clients may not ask for ends the connection', () => {
  const one = server()
  for (const opcode of [0, 10, 13, 20, 23, 99, 108, -1, -2, -10, -12, 127, 2 ** 31 - 1, -(2 ** 31)]) {
    const client = one.client()
    const { lastZxid } = one.preparer
    client.sendBytes(opcode, encode('deleteContainer', { path: '/a/b/c' }))
    const [reply] = client.take()
    assert.deepEqual([reply?.zxid, reply?.code], [-1, 'UNIMPLEMENTED'], `${opcode}`)
    assert.equal(client.open, false)
    assert.equal(one.preparer.lastZxid, lastZxid)
  }
})
