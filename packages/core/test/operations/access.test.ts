import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ACL,
  AclList,
  CREATOR_ALL_ACL,
  type ErrorCode,
  OPEN_ACL_UNSAFE,
  type OperationName,
  READ_ACL_UNSAFE,
  Reader,
} from '@vivarium/protocol'
import { create, setData, text } from '../pipeline/client.ts'
import { digestIdentity, TestServer } from '../pipeline/server.ts'

const acl = (perms: number, scheme: string | null, id: string | null): ACL => ({ perms, id: { scheme, id } })
const noPerms = [acl(0, 'world', 'anyone')]

type Row = [name: OperationName, request: unknown, code: ErrorCode]

test('who may do what: lists are checked against the connection, and `auth` stands for who it is', () => {
  const server = new TestServer()
  const bob = server.client(digestIdentity('bob:secret'))
  const stranger = server.client()
  const root = server.client({ scheme: 'super', id: '' })
  const list = (reply: { body: Uint8Array }): ACL[] | null => AclList.read(new Reader(reply.body)) as ACL[] | null
  assert.equal(bob.code('create', create('/bob', { acl: CREATOR_ALL_ACL as ACL[] })), 'OK')
  assert.deepEqual(list(bob.ask('getACL', { path: '/bob' })), [{ perms: 31, id: digestIdentity('bob:secret') }])
  const refused: Row[] = [
    ['create', create('/bob/x'), 'NOAUTH'],
    ['setData', setData('/bob', 'y'), 'NOAUTH'],
    ['setACL', { path: '/bob', acl: OPEN_ACL_UNSAFE, version: -1 }, 'NOAUTH'],
    ['getData', { path: '/bob', watch: false }, 'NOAUTH'],
    ['exists', { path: '/bob', watch: false }, 'NOAUTH'],
    ['getACL', { path: '/bob' }, 'NOAUTH'],
    ['getChildren', { path: '/bob', watch: false }, 'NOAUTH'],
    ['getChildren2', { path: '/bob', watch: false }, 'NOAUTH'],
    ['getAllChildrenNumber', { path: '/bob' }, 'NOAUTH'],
  ]
  for (const [name, request, code] of refused) {
    assert.equal(stranger.code(name, request), code, name)
    assert.equal(root.code(name, request), 'OK', name)
    if (name !== 'setACL') assert.equal(bob.code(name, { ...(request as object), path: '/bob' }) === 'NOAUTH', false)
    root.code('setACL', { path: '/bob', acl: [{ perms: 31, id: digestIdentity('bob:secret') }], version: -1 })
  }
  // The right to delete a znode is its parent's to give.
  bob.ask('create', create('/bob/child'))
  assert.equal(stranger.code('delete', { path: '/bob/child', version: -1 }), 'NOAUTH')
  assert.equal(bob.code('delete', { path: '/bob/child', version: -1 }), 'OK')
})

test('who may read a list but not change it sees no password hashes', () => {
  const server = new TestServer()
  const client = server.client()
  const entries = [{ perms: 31, id: digestIdentity('bob:secret') }, acl(1, 'world', 'anyone')]
  client.ask('create', create('/a', { acl: entries }))
  const shown = AclList.read(new Reader(client.ask('getACL', { path: '/a' }).body)) as ACL[]
  assert.deepEqual(shown, [{ perms: 31, id: { scheme: 'digest', id: 'bob:x' } }, entries[1]])
})

test('a setACL that is outstanding decides what comes behind it', () => {
  const server = new TestServer()
  const client = server.client()
  client.ask('create', create('/a'))
  client.send('setACL', { path: '/a', acl: READ_ACL_UNSAFE, version: -1 })
  client.send('setData', setData('/a', 'y'))
  client.send('create', create('/a/b'))
  server.sync()
  assert.deepEqual(client.takeBrief(), ['2', '3:NOAUTH', '4:NOAUTH'])
})

test('skipACL lets everybody do everything', () => {
  const client = new TestServer({ skipAcl: true }).client()
  client.ask('create', create('/a', { acl: noPerms }))
  assert.equal(client.code('setData', setData('/a', 'y')), 'OK')
  assert.equal(client.code('getData', { path: '/a', watch: false }), 'OK')
})

test('hard quotas refuse creations and data, by what is applied', () => {
  const server = new TestServer({ enforceQuota: true })
  const client = server.client()
  const make = (path: string, data = 'xx'): ErrorCode => client.code('create', create(path, { data: text(data) }))
  make('/a')
  make('/zookeeper/quota/a')
  make('/zookeeper/quota/a/zookeeper_limits', 'count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3')
  make('/zookeeper/quota/a/zookeeper_stats', '')
  assert.equal(make('/a/1'), 'OK')
  assert.equal(make('/a/2'), 'OK')
  assert.equal(make('/a/3'), 'QUOTAEXCEEDED')
  assert.equal(client.code('setData', setData('/a/1', '123456')), 'OK')
  // The quota is looked at before the version.
  assert.equal(client.code('setData', setData('/a/1', '1234567', 77)), 'QUOTAEXCEEDED')
  assert.equal(client.code('setData', setData('/a/1', '12345', 77)), 'BADVERSION')
  assert.equal(client.code('delete', { path: '/a/2', version: -1 }), 'OK')
  assert.equal(make('/a/3'), 'OK')
  const usage = client.ask('getData', { path: '/zookeeper/quota/a/zookeeper_stats', watch: false })
  assert.equal(Buffer.from(new Reader(usage.body).buffer() ?? []).toString(), 'count=3,bytes=10')
})

test('a list that no znode has any more comes back with the next one that has it', () => {
  const server = new TestServer()
  const client = server.client()
  for (let i = 0; i < 3; i++) {
    assert.equal(client.code('create', create('/a')), 'OK')
    assert.equal(server.tree.acls.size, 2, 'this one, and that of /zookeeper/config')
    assert.deepEqual(AclList.read(new Reader(client.ask('getACL', { path: '/a' }).body)), OPEN_ACL_UNSAFE)
    assert.equal(client.code('delete', { path: '/a', version: -1 }), 'OK')
    assert.equal(server.tree.acls.size, 1)
  }
})
