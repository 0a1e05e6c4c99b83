import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ACL,
  CREATOR_ALL_ACL,
  type ErrorCode,
  MAX_TTL_MS,
  OPEN_ACL_UNSAFE,
  OpCode,
  type OperationName,
  READ_ACL_UNSAFE,
  Reader,
} from '@vivarium/protocol'
import { create, createTTL, pathOf, setData, statOf, text } from '../pipeline/client.ts'
import { TestServer } from '../pipeline/server.ts'

const acl = (perms: number, scheme: string | null, id: string | null): ACL => ({ perms, id: { scheme, id } })
const noPerms = [acl(0, 'world', 'anyone')]

type Row = [name: OperationName, request: unknown, code: ErrorCode]

/** A tree with one znode of each kind, as another client has made it. */
function populated(options = {}): TestServer {
  const server = new TestServer({ extendedTypes: true, ...options })
  const other = server.client()
  for (const [name, request] of [
    ['create', create('/a')],
    ['create', create('/a/b')],
    ['create', create('/closed', { acl: noPerms })],
    ['create', create('/eph', { flags: 1 })],
    ['createContainer', create('/box', { flags: 4 })],
    ['createTTL', createTTL('/ttl', 5, 1000)],
  ] as const) {
    assert.equal(other.code(name, request), 'OK')
  }
  return server
}

function check(rows: readonly Row[], options = {}): void {
  for (const [name, request, code] of rows) {
    const server = populated(options)
    const client = server.client()
    const before = [server.tree.digestHigh, server.tree.digestLow]
    const zxid = server.preparer.lastZxid
    assert.equal(client.code(name, request), code, `${name} ${JSON.stringify(request)}`)
    // Whatever becomes of it, it uses up a zxid; an error changes nothing.
    assert.equal(server.preparer.lastZxid, zxid + 1)
    if (code !== 'OK') {
      assert.equal(server.log.at(-1)?.type, OpCode.error)
      assert.deepEqual([server.tree.digestHigh, server.tree.digestLow], before)
    }
  }
}

test('create: errors, in the order in which they are looked for', () => {
  check([
    ['create', create('/a/c'), 'OK'],
    ['create', create('none', { flags: 7 }), 'BADARGUMENTS'],
    ['create', create('/x', { flags: -1 }), 'BADARGUMENTS'],
    ['create', create('/x', { flags: 5 }), 'BADARGUMENTS'], // There is no ttl in this request.
    ['create', create(''), 'BADARGUMENTS'],
    ['create', create('x', { acl: [] }), 'BADARGUMENTS'],
    ['create', create('/x\0', { acl: [] }), 'BADARGUMENTS'],
    ['create', create('/none/x', { acl: [] }), 'INVALIDACL'],
    ['create', create('/none/x', { acl: null }), 'INVALIDACL'],
    ['create', create('/none/x', { acl: [acl(31, 'world', null)] }), 'MARSHALLINGERROR'],
    ['create', create('/none/x'), 'NONODE'],
    ['create', create('/closed/x/'), 'NONODE'], // The parent is /closed/x.
    ['create', create('/closed/.'), 'NOAUTH'],
    ['create', create('/a/.'), 'BADARGUMENTS'],
    ['create', create('/a/'), 'BADARGUMENTS'],
    ['create', create('/a/\ufffd'), 'BADARGUMENTS'],
    ['create', create('/eph/\u0001'), 'BADARGUMENTS'],
    ['create', create('//a'), 'BADARGUMENTS'],
    ['create', create('/'), 'NODEEXISTS'],
    ['create', create('/a/b'), 'NODEEXISTS'],
    ['create', create('/eph/x'), 'NOCHILDRENFOREPHEMERALS'],
    ['create', create('/eph/x', { flags: 2 }), 'NOCHILDRENFOREPHEMERALS'],
    ['create', create('/box/x'), 'OK'],
    ['create', create('/ttl/x'), 'OK'],
    ['create2', create('/x', { acl: [acl(31, 'nobody', 'knows')] }), 'INVALIDACL'],
    ['create2', create('/x', { acl: [acl(31, 'digest', 'no colon')] }), 'INVALIDACL'],
    ['create2', create('/x', { acl: CREATOR_ALL_ACL as ACL[] }), 'INVALIDACL'], // Nobody has authenticated.
  ])
})

test('createTTL and createContainer', () => {
  const rows: Row[] = [
    ['createTTL', createTTL('/x', 5, 1), 'OK'],
    ['createTTL', createTTL('/x', 6, MAX_TTL_MS), 'OK'],
    ['createTTL', createTTL('/x', 5, MAX_TTL_MS + 1), 'BADARGUMENTS'],
    ['createTTL', createTTL('/x', 5, 2 ** 63 - 1024), 'BADARGUMENTS'],
    ['createTTL', createTTL('/x', 5, 0), 'BADARGUMENTS'],
    ['createTTL', createTTL('/x', 5, -1), 'BADARGUMENTS'],
    ['createTTL', createTTL('/x', 0, 5), 'BADARGUMENTS'],
    // Java takes this one as far as its log, and cannot apply it.
    ['createTTL', createTTL('/x', 0, -5), 'BADARGUMENTS'],
    ['createContainer', create('/x', { flags: 0 }), 'OK'],
    ['createContainer', create('/x', { flags: 4 }), 'OK'],
    ['createContainer', create('/x', { flags: 8 }), 'BADARGUMENTS'],
  ]
  check(rows)
  const server = new TestServer()
  const client = server.client()
  assert.equal(client.code('createTTL', createTTL('/x', 5, 1)), 'UNIMPLEMENTED')
  assert.equal(client.code('createTTL', createTTL('/x', 5, 0)), 'UNIMPLEMENTED')
})

test('delete: errors, in the order in which they are looked for', () => {
  check([
    ['delete', { path: '/a/b', version: 0 }, 'OK'],
    ['delete', { path: '/a/b', version: -1 }, 'OK'],
    ['delete', { path: 'a', version: -1 }, 'BADARGUMENTS'],
    ['delete', { path: '/a\0', version: -1 }, 'BADARGUMENTS'],
    ['delete', { path: '/', version: -1 }, 'BADARGUMENTS'],
    ['delete', { path: '/zookeeper', version: -1 }, 'BADARGUMENTS'],
    ['delete', { path: '/zookeeper/quota', version: -1 }, 'BADARGUMENTS'],
    ['delete', { path: '/zookeeper/config', version: -1 }, 'BADARGUMENTS'],
    ['delete', { path: '/none/x', version: -1 }, 'NONODE'],
    ['delete', { path: '/closed/x', version: -1 }, 'NOAUTH'],
    ['delete', { path: '/a/', version: -1 }, 'NONODE'],
    ['delete', { path: '//a', version: -1 }, 'NONODE'],
    ['delete', { path: '/a', version: 1 }, 'BADVERSION'],
    ['delete', { path: '/a', version: 0 }, 'NOTEMPTY'],
    ['delete', { path: '/eph', version: -1 }, 'OK'],
    ['delete', { path: '/box', version: -1 }, 'OK'],
  ])
})

test('setData, setACL: errors, in the order in which they are looked for', () => {
  const open = OPEN_ACL_UNSAFE as ACL[]
  check([
    ['setData', setData('/a', 'y', 0), 'OK'],
    ['setData', setData('/', 'y'), 'OK'],
    ['setData', setData('', 'y'), 'BADARGUMENTS'],
    ['setData', setData('/a/', 'y'), 'BADARGUMENTS'],
    ['setData', setData('/none', 'y'), 'NONODE'],
    ['setData', setData('/closed', 'y', 9), 'NOAUTH'],
    ['setData', setData('/a', 'y', 1), 'BADVERSION'],
    ['setData', setData('/zookeeper/config', 'y'), 'NOAUTH'],
    ['setACL', { path: '/a', acl: READ_ACL_UNSAFE, version: 0 }, 'OK'],
    ['setACL', { path: '/a//b', acl: [], version: 0 }, 'BADARGUMENTS'],
    ['setACL', { path: '/none', acl: [], version: 0 }, 'INVALIDACL'],
    ['setACL', { path: '/none', acl: open, version: 0 }, 'NONODE'],
    ['setACL', { path: '/closed', acl: open, version: 9 }, 'NOAUTH'],
    ['setACL', { path: '/a', acl: open, version: 1 }, 'BADVERSION'],
  ])
})

test('reconfig on its own is no operation of a standalone server', () => {
  const request = { joiningServers: null, leavingServers: null, newMembers: 'server.1=x', curConfigId: -1 }
  check([['reconfig', request, 'RECONFIGDISABLED']])
  check([['reconfig', request, 'UNIMPLEMENTED']], { reconfigEnabled: true })
  const client = new TestServer().client()
  assert.equal(client.askBytes(OpCode.reconfig, new Uint8Array(3)).code, 'MARSHALLINGERROR')
})

test('a session whose end is decided can write no more', () => {
  for (const name of ['create', 'delete', 'setData', 'setACL'] as const) {
    const server = populated()
    const client = server.client()
    server.expire(client)
    const request = { ...create('/x'), version: -1 }
    assert.equal(client.send(name, request), 1)
    assert.equal(server.log.at(-1)?.type, OpCode.error, name)
    server.sync()
    assert.deepEqual(client.takeBrief(), ['1:SESSIONEXPIRED'])
  }
})

test('what a create answers, and the Stats it leaves', () => {
  const server = new TestServer({ extendedTypes: true })
  const client = server.client()
  const plain = client.ask('create', create('/a', { data: null }))
  assert.equal(pathOf(plain), '/a')
  assert.equal(plain.body.length, 6, 'no Stat')
  assert.equal(plain.zxid, 2)
  const made = client.ask('create2', create('/a/b', { data: text('four') }))
  assert.equal(pathOf(made), '/a/b')
  const time = server.wallMs
  assert.deepEqual(statOf(made), {
    czxid: 3,
    mzxid: 3,
    ctime: time,
    mtime: time,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: 0n,
    dataLength: 4,
    numChildren: 0,
    pzxid: 3,
  })
  // A child counts in cversion (twice what is stored, less the children there are) and pzxid, and nowhere else.
  const parent = statOf(client.ask('exists', { path: '/a', watch: false }))
  assert.deepEqual([parent.cversion, parent.numChildren, parent.pzxid, parent.mzxid, parent.version], [1, 1, 3, 2, 0])
  client.ask('delete', { path: '/a/b', version: -1 })
  const after = statOf(client.ask('exists', { path: '/a', watch: false }))
  assert.deepEqual([after.cversion, after.numChildren, after.pzxid, after.mzxid], [2, 0, 4, 2])
  // Only a session's own znodes show an owner.
  const owner = (reply: Parameters<typeof statOf>[0]): bigint => statOf(reply).ephemeralOwner
  assert.equal(owner(client.ask('create2', create('/e', { flags: 1 }))), client.sessionId)
  assert.equal(owner(client.ask('createContainer', create('/c', { flags: 4 }))), 0n)
  assert.equal(owner(client.ask('createTTL', createTTL('/t', 5, 9))), 0n)
  assert.equal(server.tree.containers.size, 1)
  assert.equal(server.tree.ttlNodes.size, 1)
})

test('outside of a multi the opcode decides what is created, not the flags', () => {
  const server = new TestServer({ extendedTypes: true })
  const client = server.client()
  assert.equal(client.code('create', create('/plain', { flags: 4 })), 'OK')
  assert.equal(server.tree.containers.size, 0)
  // The ephemeral flag is ignored, the sequential one is not.
  assert.equal(pathOf(client.ask('createContainer', create('/box-', { flags: 3 }))), '/box-0000000001')
  assert.equal(server.tree.containers.size, 1)
  assert.equal(server.tree.ephemeralCount, 0)
})

test('sequence numbers count the creations under a parent, outstanding ones included', () => {
  const server = new TestServer()
  const client = server.client()
  client.ask('create', create('/q'))
  for (let i = 0; i < 3; i++) client.send('create', create('/q/n-', { flags: 2 }))
  client.send('delete', { path: '/q/n-0000000002', version: -1 })
  client.send('create', create('/q/', { flags: 3 }))
  server.sync()
  const replies = client.take()
  assert.deepEqual(
    replies.map((reply) => (reply.body.length === 0 ? reply.code : pathOf(reply))),
    ['/q/n-0000000000', '/q/n-0000000001', '/q/n-0000000002', 'OK', '/q/0000000003'],
  )
})

test('a sequence counter beyond 2^31 prints as in Java, and the prediction of the digest recovers', () => {
  const server = new TestServer()
  const client = server.client()
  client.ask('create', create('/q'))
  server.tree.raiseParent('/q', 2 ** 31 - 2, 3)
  server.preparer.changes.resetDigest()
  const made = (path: string): string | null => pathOf(client.ask('create', create(path, { flags: 2 })))
  assert.equal(made('/q/n-'), '/q/n-2147483646')
  // The tree's counter sticks at its maximum, while the outstanding one wraps; so the digest is another.
  client.send('create', create('/q/n-', { flags: 2 }))
  client.send('create', create('/q/n-', { flags: 2 }))
  server.processor.committed(server.preparer.lastZxid, server.nowMs)
  assert.deepEqual(client.take().map(pathOf), ['/q/n-2147483647', '/q/n--2147483648'])
  assert.ok(server.database.digestMismatches > 0)
  server.database.digestMismatches = 0
  assert.equal(client.code('create', create('/q/n-', { flags: 2 })), 'NODEEXISTS')
  assert.equal(client.code('create', create('/other')), 'OK')
})

test('a version wraps, as an int of Java does', () => {
  const server = new TestServer()
  const client = server.client()
  client.ask('create', create('/a'))
  server.tree.setData('/a', null, 2 ** 31 - 1, 2, 5)
  server.preparer.changes.resetDigest()
  assert.equal(statOf(client.ask('setData', setData('/a', '', 2 ** 31 - 1))).version, -(2 ** 31))
})

test('null data is not empty data', () => {
  const client = new TestServer().client()
  client.ask('create', create('/null', { data: null }))
  client.ask('create', create('/empty', { data: text('') }))
  const data = (path: string) => new Reader(client.ask('getData', { path, watch: false }).body).buffer()
  assert.equal(data('/null'), null)
  assert.equal(data('/empty')?.length, 0)
  client.ask('setData', setData('/empty', null))
  assert.equal(data('/empty'), null)
})

test('large data, and data of every small length, outlive the bytes they came in', () => {
  const server = new TestServer()
  const client = server.client()
  const expected = new Map<string, string>()
  for (let length = 0; length < 5000; length = length < 80 ? length + 1 : length * 2 + 1) {
    const data = `${length}`.repeat(length).slice(0, length)
    expected.set(`/n${length}`, data)
    client.send('create', create(`/n${length}`, { data: text(data) }))
  }
  server.sync()
  client.take()
  for (const [path, data] of expected) {
    const reply = client.ask('getData', { path, watch: false })
    assert.equal(Buffer.from(new Reader(reply.body).buffer() ?? []).toString(), data)
  }
})
