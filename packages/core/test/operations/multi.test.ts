import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ACL, CREATOR_ALL_ACL, OpCode } from '@vivarium/protocol'
import { create, createTTL, encode, resultsOf, type Sub, setData, statOf } from '../pipeline/client.ts'
import { TestServer } from '../pipeline/server.ts'

const check = (path: string, version = -1): Sub => ['check', { path, version }]
const remove = (path: string, version = -1): Sub => ['delete', { path, version }]
const make = (path: string, flags = 0): Sub => ['create', create(path, { flags })]
const set = (path: string, version = -1): Sub => ['setData', setData(path, 'new', version)]

function server(options = {}): TestServer {
  const made = new TestServer({ extendedTypes: true, ...options })
  const client = made.client()
  for (const path of ['/a', '/a/b', '/c']) assert.equal(client.code('create', create(path)), 'OK')
  return made
}

const results: [what: string, subs: Sub[], expected: string[]][] = [
  ['nothing at all', [], []],
  [
    'each operation sees what those before it did',
    [make('/x'), make('/x/y'), set('/x/y', 0), check('/x/y', 1), remove('/x/y', 1), check('/x', 0), remove('/x')],
    ['create /x', 'create /x/y', 'setData version=1', 'check', 'delete', 'check', 'delete'],
  ],
  [
    'Stats are those right after the operation',
    [['create2', create('/x')], ['create2', create('/x/y')], set('/x'), set('/x'), remove('/x/y'), remove('/x')],
    [
      'create2 /x cversion=0 children=0',
      'create2 /x/y cversion=0 children=0',
      'setData version=1',
      'setData version=2',
      'delete',
      'delete',
    ],
  ],
  [
    'sequence numbers go on',
    [make('/a/n-', 2), make('/a/n-', 2), remove('/a/n-0000000001'), make('/a/n-', 3)],
    ['create /a/n-0000000001', 'create /a/n-0000000002', 'delete', 'create /a/n-0000000003'],
  ],
  [
    'flags decide what is created',
    [
      make('/box', 4),
      ['createTTL', createTTL('/plain', 0, 77)],
      ['createTTL', createTTL('/box2', 4, -77)],
      ['createTTL', createTTL('/ttl', 5, 77)],
      ['createContainer', create('/box3')],
    ],
    [
      'create2 /box cversion=0 children=0',
      'create /plain',
      'create2 /box2 cversion=0 children=0',
      'create2 /ttl cversion=0 children=0',
      'create2 /box3 cversion=0 children=0',
    ],
  ],
  [
    'a failure makes errors of all',
    [make('/x'), set('/c', 0), check('/c', 0), make('/y'), remove('/a')],
    ['error OK', 'error OK', 'error BADVERSION', 'error RUNTIMEINCONSISTENCY', 'error RUNTIMEINCONSISTENCY'],
  ],
  ['a delete that does not go', [remove('/a')], ['error NOTEMPTY']],
  ['a flag that means nothing', [['createTTL', createTTL('/x', 9, 1)]], ['error BADARGUMENTS']],
  ['a ttl that is too short', [['createTTL', createTTL('/x', 5, 0)]], ['error BADARGUMENTS']],
  ['a path that is none', [check('/a/')], ['error BADARGUMENTS']],
  ['a znode that is not there', [check('/none')], ['error NONODE']],
  [
    'a list that nobody stands for',
    [['create', create('/x', { acl: CREATOR_ALL_ACL as ACL[] })]],
    ['error INVALIDACL'],
  ],
]

for (const [what, subs, expected] of results) {
  test(`multi: ${what}`, () => {
    const one = server()
    const client = one.client()
    const before = [one.tree.digestHigh, one.tree.digestLow, one.tree.nodeCount]
    const reply = client.ask('multi', subs)
    assert.equal(reply.code, 'OK', 'whatever happened, the header says OK')
    assert.deepEqual(resultsOf(reply), expected)
    assert.equal(one.log.at(-1)?.type, OpCode.multi)
    assert.equal(one.log.at(-1)?.zxid, reply.zxid)
    if (expected[0]?.startsWith('error')) {
      assert.deepEqual([one.tree.digestHigh, one.tree.digestLow, one.tree.nodeCount], before)
    }
  })
}

const malformed: [what: string, subs: Sub[]][] = [
  ['an operation that cannot be part of it', [make('/x'), ['setACL', { path: '/a', acl: [], version: -1 }]]],
  ['a read', [make('/x'), ['getData', { path: '/a', watch: false }]]],
  ['a create with a flag that means nothing', [make('/x', 7)]],
  ['a create with a ttl flag, which has no room for a ttl', [make('/x', 5)]],
  ['a list with a null id', [make('/y'), ['create', create('/x', { acl: [nullId()] })], make('/z')]],
]

function nullId(): ACL {
  return { perms: 31, id: { scheme: 'world', id: null } }
}

for (const [what, subs] of malformed) {
  test(`a multi with ${what} is refused as a whole`, () => {
    const one = server()
    const client = one.client()
    const zxid = one.preparer.lastZxid
    assert.equal(client.code('multi', subs), 'MARSHALLINGERROR')
    assert.equal(one.preparer.lastZxid, zxid + 1)
    assert.equal(client.code('exists', { path: '/y', watch: false }), 'NONODE')
    assert.equal(client.code('create', create('/y')), 'OK', 'nothing is left of it')
  })
}

for (const flags of [0, 4, 5, 6]) {
  test(`a multi with a create without a list, flags ${flags}, is refused as a whole, before it has a zxid`, () => {
    const one = server()
    const zxid = one.preparer.lastZxid
    const code = one.client().code('multi', [make('/y'), ['create', create('/x', { acl: null, flags })]])
    assert.equal(code, 'MARSHALLINGERROR')
    assert.equal(one.preparer.lastZxid, zxid + 1, 'only the session has one')
    assert.equal(one.tree.find('/y'), -1)
  })
}

test('a supplementary character in a list is lost in a multi at once, as it is to the log', () => {
  const one = server()
  const client = one.client()
  const acl: ACL[] = [{ perms: 31, id: { scheme: 'digest', id: 'FACE:x' } }]
  // Our own writer, like Java's, would make surrogates of it, and they would be lost to any server.
  const asUtf8 = (bytes: Uint8Array): Uint8Array => {
    const body = Buffer.from(bytes)
    body.write('\u{1f600}', body.indexOf('FACE'))
    return body
  }
  const idAt = (path: string): string | null | undefined => one.database.aclOf(one.tree.find(path))[0]?.id.id
  client.askBytes(OpCode.multi, asUtf8(encode('multi', [['create', create('/x', { acl })], make('/y')])))
  client.askBytes(OpCode.create, asUtf8(encode('create', create('/z', { acl }))))
  assert.equal(idAt('/x'), '\ufffd\ufffd:x')
  assert.equal(idAt('/y'), 'anyone')
  assert.equal(idAt('/z'), '\u{1f600}:x')
})

test('a multi that is cut off anywhere is refused as a whole', () => {
  const one = server()
  const client = one.client()
  const whole = encode('multi', [make('/x'), set('/x'), check('/x'), remove('/x')])
  for (let length = 0; length < whole.length; length++) {
    assert.equal(client.askBytes(OpCode.multi, whole.subarray(0, length)).code, 'MARSHALLINGERROR')
  }
  assert.deepEqual(resultsOf(client.askBytes(OpCode.multi, whole)).length, 4)
})

test('a multi that fails takes nothing of what is outstanding with it', () => {
  const one = server()
  const client = one.client()
  client.send('create', create('/a/n-', { flags: 2 }))
  client.send('setData', setData('/c', 'one'))
  client.send('delete', { path: '/a/b', version: -1 })
  // Touches, deletes and creates again what is outstanding, and then fails.
  client.send('multi', [
    make('/a/n-', 2),
    set('/c', 1),
    remove('/c', 2),
    make('/c', 1),
    remove('/c'),
    make('/a/b', 1),
    remove('/a/n-0000000001'),
    check('/none'),
  ])
  client.send('multi', [set('/c', 1), make('/a/b'), make('/a/n-', 2)])
  one.sync()
  const replies = client.take()
  assert.deepEqual(resultsOf(replies[3] as (typeof replies)[0]).slice(-2), ['error OK', 'error NONODE'])
  assert.deepEqual(resultsOf(replies[4] as (typeof replies)[0]), [
    'setData version=2',
    'create /a/b',
    'create /a/n-0000000003',
  ])
  assert.equal(statOf(client.ask('exists', { path: '/a', watch: false })).numChildren, 3)
})

test('ephemeral znodes of a failed multi are not those of the session', () => {
  const one = server()
  const client = one.client()
  client.send('multi', [make('/e1', 1), remove('/e1'), make('/e1', 1), make('/e2', 1), check('/none')])
  client.send('create', create('/e3', { flags: 1 }))
  client.send('closeSession')
  const closed = one.log.at(-1)?.record as { paths2Delete: string[] }
  assert.deepEqual(closed.paths2Delete, ['/e3'])
  one.sync()
})

test('a multi of a session whose end is decided fails at its first operation', () => {
  const one = server()
  const client = one.client()
  one.expire(client)
  client.send('multi', [set('/c'), set('/a')])
  one.sync()
  const reply = client.take()[0]
  assert.deepEqual(reply && resultsOf(reply), ['error SESSIONEXPIRED', 'error RUNTIMEINCONSISTENCY'])
})

test('a check needs the right to read', () => {
  const one = server()
  const client = one.client()
  client.ask('create', create('/closed', { acl: [{ perms: 30, id: { scheme: 'world', id: 'anyone' } }] }))
  assert.deepEqual(resultsOf(client.ask('multi', [check('/closed')])), ['error NOAUTH'])
  assert.deepEqual(resultsOf(client.ask('multi', [set('/closed')])), ['setData version=1'])
})

test('a check on its own is no operation, and ends the connection', () => {
  const one = server()
  const client = one.client()
  client.send('check', { path: '/a', version: -1 })
  assert.deepEqual(
    client.take().map(({ xid, zxid, code }) => ({ xid, zxid, code })),
    [{ xid: 1, zxid: -1, code: 'UNIMPLEMENTED' }],
  )
  assert.equal(client.open, false)
})

test('multiRead: each read has its own result', () => {
  const one = server()
  const client = one.client()
  client.ask('create', create('/closed', { acl: [{ perms: 30, id: { scheme: 'world', id: 'anyone' } }] }))
  const read = (name: 'getData' | 'getChildren', path: string): Sub => [name, { path, watch: true }]
  const subs = [read('getData', '/a'), read('getChildren', '/a'), read('getData', '/none'), read('getData', '/closed')]
  const reply = client.ask('multiRead', subs)
  assert.deepEqual(resultsOf(reply), ['getData x version=0', 'getChildren b', 'error NONODE', 'error NOAUTH'])
  assert.equal(one.database.watches.size, 0, 'the watch flag is ignored')
  assert.deepEqual(resultsOf(client.ask('multiRead', [])), [])
  assert.equal(client.code('multiRead', [...subs, make('/x')]), 'MARSHALLINGERROR')
  const whole = encode('multiRead', subs)
  for (let length = 0; length < whole.length; length++) {
    assert.equal(client.askBytes(OpCode.multiRead, whole.subarray(0, length)).code, 'MARSHALLINGERROR')
  }
})
