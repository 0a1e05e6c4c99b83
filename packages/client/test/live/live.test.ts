import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { KeeperError, Op, Perm, ZooKeeper } from '../../dist/index.js'
import { type Servers, serversForTest } from '../support/servers.ts'

let servers: Servers
let zk: ZooKeeper

before(async () => {
  servers = await serversForTest()
  zk = await ZooKeeper.connect(address())
})

after(async () => {
  await zk.close()
  await servers.close()
})

const address = (chroot = ''): string => servers.connectString + chroot

test('znodes are created, read, changed and deleted', async () => {
  const { path, stat } = await zk.create('/a', { data: 'one' })
  assert.equal(path, '/a')
  const changed = await zk.setData('/a', 'two', { version: stat.version })
  const { data, stat: read, isNull } = await zk.getData('/a')
  assert.deepEqual([String(data), isNull, read], ['two', false, changed])
  await assert.rejects(zk.setData('/a', 'x', { version: 0 }), { code: 'BADVERSION', path: '/a' })
  await assert.rejects(zk.create('/a'), { code: 'NODEEXISTS' })
  await zk.setData('/a', null)
  assert.equal((await zk.getData('/a')).isNull, true)
  await zk.delete('/a')
  assert.equal(await zk.exists('/a'), null)
  await assert.rejects(zk.getData('/a'), { code: 'NONODE' })
})

test('the other operations', async () => {
  await zk.ensurePath('/ops/x')
  const owner = zk.session?.id
  const { stat } = await zk.create('/ops/e', { mode: 'EPHEMERAL' })
  assert.equal(stat.ephemeralOwner, owner)
  const names = [1, 2].map(() => zk.create('/ops/s-', { mode: 'PERSISTENT_SEQUENTIAL' }))
  assert.deepEqual(
    (await Promise.all(names)).map(({ path }) => path),
    ['/ops/s-0000000002', '/ops/s-0000000003'],
  )
  await zk.create('/ops/c', { mode: 'CONTAINER' })
  await zk.create('/ops/t', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 60_000 })
  const { children, stat: parent } = await zk.getChildren2('/ops')
  assert.deepEqual(children.sort(), ['c', 'e', 's-0000000002', 's-0000000003', 't', 'x'])
  assert.equal(parent.numChildren, 6)
  assert.equal(await zk.getAllChildrenNumber('/ops'), 6)
  assert.deepEqual(await zk.getEphemerals('/ops'), ['/ops/e'])
  await zk.sync('/ops')
  await zk.addAuth('digest', 'user:secret')
  assert.ok((await zk.whoAmI()).some(({ scheme, user }) => scheme === 'digest' && user === 'user'))
  await zk.setACL('/ops/x', [{ perms: Perm.ALL, id: { scheme: 'auth', id: '' } }])
  const { acl } = await zk.getACL('/ops/x')
  assert.equal(acl[0]?.id.scheme, 'digest')
  const other = await ZooKeeper.connect(address())
  await assert.rejects(other.getData('/ops/x'), { code: 'NOAUTH' })
  await other.close()
  await assert.rejects(zk.reconfig({ joining: ['server.2=h:1:2;3'] }), KeeperError)
  await zk.deleteRecursive('/ops')
  assert.equal(await zk.exists('/ops'), null)
})

test('multi and multiRead bring what their operations bring', async () => {
  const [created, stat, deleted] = await zk.multi([
    Op.create('/m', { data: 'x' }),
    Op.setData('/m', 'y', { version: 0 }),
    Op.check('/m', { version: 1 }),
  ])
  assert.deepEqual([created.path, stat.version, deleted], ['/m', 1, null])
  await assert.rejects(zk.multi([Op.delete('/m'), Op.check('/none')]), { code: 'NONODE', index: 1, path: '/none' })
  const [data, children, none] = await zk.multiRead([Op.getData('/m'), Op.getChildren('/m'), Op.getData('/none')])
  assert.ok(!(data instanceof KeeperError))
  assert.deepEqual([String(data.data), children], ['y', []])
  assert.ok(KeeperError.is(none, 'NONODE'))
  await zk.delete('/m')
})

test('a stream sees what another client does, below a chroot', async () => {
  await zk.ensurePath('/root')
  const inside = await ZooKeeper.connect(address('/root'))
  const stream = inside.watch('/', { recursive: true })
  assert.deepEqual((await stream.next()).value, { type: 'resync', reason: 'start' })
  await zk.create('/root/a')
  await zk.setData('/root/a', 'x')
  await zk.delete('/root/a')
  const seen = [await stream.next(), await stream.next(), await stream.next()]
  assert.deepEqual(
    seen.map(({ value }) => value && [value.type, 'path' in value && value.path]),
    [
      ['NodeCreated', '/a'],
      ['NodeDataChanged', '/a'],
      ['NodeDeleted', '/a'],
    ],
  )
  assert.equal(await inside.checkWatches('/', 'PersistentRecursive'), true)
  await stream.return()
  assert.equal(await inside.checkWatches('/'), false)
  await inside.close()
})

test('ephemeral znodes go with their session', async () => {
  const other = await ZooKeeper.connect(address())
  await other.create('/mine', { mode: 'EPHEMERAL' })
  const gone = zk.waitForDeletion('/mine')
  await other.close()
  await gone
})

test('ten thousand requests at once are answered in their order', async () => {
  const order: number[] = []
  const asked = Array.from({ length: 10_000 }, (_, i) => zk.exists(`/${i}`).then(() => order.push(i)))
  await Promise.all(asked)
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  )
})

test('a program without modules can require it', () => {
  const required = createRequire(import.meta.url)('../../dist/index.js') as { ZooKeeper: unknown }
  assert.equal(required.ZooKeeper, ZooKeeper)
})
