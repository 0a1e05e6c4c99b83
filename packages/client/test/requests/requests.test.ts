import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CreateRequest, CreateTTLRequest, MultiHeader, Stat } from '@vivarium/protocol'
import {
  type ClosedError,
  KeeperError,
  type LimitError,
  MultiError,
  OPEN_ACL_UNSAFE,
  Op,
  type RequestError,
  unprotectedName,
} from '../../dist/index.js'
import { FakeEnsemble, STAT } from '../fake/fake-ensemble.ts'
import { settle } from '../fake/manual-clock.ts'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

test('a request that takes too long is given up, and its reply is passed over', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected({ requestTimeoutMs: 3000 })
  const late = outcome(zk.setData('/late', ''))
  const short = outcome(zk.getData('/short', { timeoutMs: 500 }))
  const long = zk.getData('/long', { timeoutMs: 60_000 })
  await settle()
  const [first, second, third] = peer.take()
  await ensemble.clock.advance(520)
  assert.ok(KeeperError.is(await short, 'REQUESTTIMEOUT'))
  await ensemble.clock.advance(1500)
  peer.answerPings()
  await ensemble.clock.advance(1000)
  const error = (await late) as { maybeApplied: boolean }
  assert.ok(KeeperError.is(error, 'REQUESTTIMEOUT'))
  assert.equal(error.maybeApplied, true)
  peer.reply(first as never, {}, (writer) => Stat.write(writer, STAT))
  peer.replyData(second as never, 'second')
  peer.replyData(third as never, 'third')
  assert.equal(String((await long).data), 'third')
  assert.equal(zk.state, 'connected')
})

test('a request waits for a connection no longer than it may', async () => {
  const ensemble = new FakeEnsemble()
  ensemble.down.add('zk1:2181')
  const zk = ensemble.client('zk1', { requestTimeoutMs: 1000 })
  const waiting = outcome(zk.create('/a'))
  await ensemble.clock.advance(1020)
  const error = (await waiting) as { maybeApplied: boolean }
  assert.ok(KeeperError.is(error, 'REQUESTTIMEOUT'))
  assert.equal(error.maybeApplied, false)
  ensemble.down.clear()
  ;(await ensemble.reconnection()).greet(1n)
  await settle()
  assert.deepEqual(ensemble.peer.takeNames(), [])
})

test('a signal gives a request up, before or after it has left', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const reason = new Error('no more')
  await assert.rejects(zk.getData('/a', { signal: AbortSignal.abort(reason) }), reason)
  const controller = new AbortController()
  const given = outcome(zk.getData('/a', { signal: controller.signal }))
  const kept = zk.getData('/b')
  await settle()
  controller.abort(reason)
  assert.equal(await given, reason)
  const [a, b] = peer.take()
  peer.replyData(a as never, 'a')
  peer.replyData(b as never, 'b')
  assert.equal(String((await kept).data), 'b')
})

test('a request that is longer than servers take is not sent', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected({ maxRequestBytes: 1000 })
  // xid, opcode, path with its length, data with its length, version.
  const most = 1000 - 8 - 6 - 4 - 4
  const fits = zk.setData('/a', Buffer.alloc(most))
  const error = (await outcome(zk.setData('/a', Buffer.alloc(most + 1)))) as LimitError
  assert.deepEqual([error.code, error.bytes, error.limit, error.path], ['REQUEST_TOO_LARGE', 1001, 1000, '/a'])
  assert.equal(error.maybeApplied, false)
  await settle()
  const [only, ...others] = peer.take()
  assert.equal(others.length, 0)
  peer.reply(only as never, {}, (writer) => Stat.write(writer, STAT))
  await fits
})

test('a reply that is longer than the limit is skipped, and the connection lives on', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected({ maxReplyBytes: 1000 })
  const big = outcome(zk.getChildren('/big'))
  const written = outcome(zk.multi([Op.setData('/w', 'x')]))
  const small = zk.getData('/small')
  await settle()
  const [first, second, third] = peer.take()
  peer.reply(first as never, {}, (writer) => writer.raw(Buffer.alloc(5000)))
  peer.reply(second as never, {}, (writer) => writer.raw(Buffer.alloc(5000)))
  peer.replyData(third as never, 'x')
  const error = (await big) as LimitError
  assert.deepEqual([error.code, error.bytes, error.path], ['REPLY_TOO_LARGE', 5016, '/big'])
  assert.deepEqual([error.maybeApplied, ((await written) as LimitError).maybeApplied], [false, true])
  assert.equal(String((await small).data), 'x')
  assert.equal(ensemble.peers.length, 1)
})

test('every mode of creation is asked for by the operation that has it', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  void outcome(zk.create('/a', { data: 'x', mode: 'EPHEMERAL_SEQUENTIAL' }))
  void outcome(zk.create('/c', { mode: 'CONTAINER' }))
  void outcome(zk.create('/t', { mode: 'PERSISTENT_WITH_TTL', ttlMs: 5000 }))
  await settle()
  assert.deepEqual(CreateRequest.read(peer.expect('create2').body), {
    path: '/a',
    data: Buffer.from('x'),
    acl: OPEN_ACL_UNSAFE,
    flags: 3,
  })
  assert.equal(CreateRequest.read(peer.expect('createContainer').body).flags, 4)
  const { flags, ttl } = CreateTTLRequest.read(peer.expect('createTTL').body)
  assert.deepEqual([flags, ttl], [5, 5000])
})

test('what cannot be meant is refused here', async () => {
  const ensemble = new FakeEnsemble()
  const { zk } = await ensemble.connected()
  const refused = { code: 'BAD_ARGUMENT' }
  await assert.rejects(zk.create('/a', { mode: 'PERSISTENT_WITH_TTL' }), refused)
  await assert.rejects(zk.create('/a', { ttlMs: 5 }), refused)
  await assert.rejects(zk.create('/a', { acl: [] }), refused)
  await assert.rejects(zk.getData('a'), refused)
  await assert.rejects(zk.multi([Op.delete('/a/')]), refused)
  assert.throws(() => ensemble.client('zk1', { sessionTimeoutMs: 0 }), refused)
})

test('a multi is written and read with a chroot as its operations are', async () => {
  const ensemble = new FakeEnsemble()
  const zk = ensemble.client('zk1/app')
  await ensemble.clock.advance(0)
  const { peer } = ensemble
  peer.greet(1n)
  const multi = zk.multi([Op.create('/a-', { mode: 'PERSISTENT_SEQUENTIAL' }), Op.check('/b', { version: 7 })])
  await settle()
  const request = peer.expect('multi')
  const { body } = request
  assert.deepEqual(MultiHeader.read(body), { type: 15, done: false, err: -1 })
  assert.equal(CreateRequest.read(body).path, '/app/a-')
  assert.deepEqual(MultiHeader.read(body), { type: 13, done: false, err: -1 })
  assert.deepEqual([body.text(), body.int()], ['/app/b', 7])
  assert.deepEqual(MultiHeader.read(body), { type: -1, done: true, err: -1 })
  peer.reply(request, {}, (writer) => {
    MultiHeader.write(writer, { type: 15, done: false, err: 0 })
    writer.text('/app/a-0000000003')
    Stat.write(writer, STAT)
    MultiHeader.write(writer, { type: 13, done: false, err: 0 })
    MultiHeader.write(writer, { type: -1, done: true, err: -1 })
  })
  assert.deepEqual(await multi, [{ path: '/a-0000000003', stat: STAT }, null])
})

test('a multi that fails says which operation did', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const multi = outcome(zk.multi([Op.delete('/a'), Op.setData('/b', 'x'), Op.check('/c')]))
  await settle()
  peer.reply(peer.expect('multi'), {}, (writer) => {
    for (const err of [0, -103, -2]) {
      MultiHeader.write(writer, { type: -1, done: false, err })
      writer.int(err)
    }
    MultiHeader.write(writer, { type: -1, done: true, err: -1 })
  })
  const error = (await multi) as MultiError
  assert.ok(error instanceof MultiError)
  assert.deepEqual(
    [error.code, error.path, error.index, error.results],
    ['BADVERSION', '/b', 1, ['OK', 'BADVERSION', 'RUNTIMEINCONSISTENCY']],
  )
})

test('a multi that was asked again and then fails may have been applied the first time', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const multi = outcome(zk.multi([Op.create('/a')], { retry: true }))
  await settle()
  peer.cut()
  const again = await ensemble.reconnection()
  again.greet(1n)
  await settle()
  again.reply(again.expect('multi'), {}, (writer) => {
    MultiHeader.write(writer, { type: -1, done: false, err: -110 })
    writer.int(-110)
    MultiHeader.write(writer, { type: -1, done: true, err: -1 })
  })
  const { code, index, path, maybeApplied } = (await multi) as MultiError
  assert.deepEqual([code, index, path, maybeApplied], ['NODEEXISTS', 0, '/a', true])
})

test('room waits until enough has been answered', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  await zk.room(1)
  void zk.getData('/a')
  void zk.getData('/b')
  assert.equal(zk.pending, 2)
  let roomy = false
  const room = zk.room(2).then(() => {
    roomy = true
  })
  await settle()
  assert.ok(!roomy)
  const [a, b, sync] = peer.take()
  peer.replyData(a as never, '')
  peer.replyData(b as never, '')
  peer.reply(sync as never)
  await room
})

test('a protected znode is found again when the reply to its creation is lost', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const created = zk.create('/locks/lock-', { mode: 'EPHEMERAL_SEQUENTIAL', protect: true })
  await settle()
  const asked = CreateRequest.read(peer.expect('create2').body).path
  assert.match(asked, /^\/locks\/_c_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-lock-$/)
  peer.cut()
  const again = await ensemble.reconnection()
  again.greet(1n)
  await settle()
  again.reply(again.expect('sync'), {}, (writer) => writer.text('/locks'))
  const name = `${asked.slice('/locks/'.length)}0000000007`
  again.reply(again.expect('getChildren'), {}, (writer) => writer.vector(['other', name], (w, child) => w.text(child)))
  await settle()
  again.reply(again.expect('exists'), {}, (writer) => Stat.write(writer, STAT))
  assert.deepEqual(await created, { path: `/locks/${name}`, stat: STAT })
  assert.equal(unprotectedName(name), 'lock-0000000007')
})

test('a protected znode that was not created is asked for again, with the same id', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const created = zk.create('/p', { protect: true })
  await settle()
  const asked = CreateRequest.read(peer.expect('create2').body).path
  peer.cut()
  const again = await ensemble.reconnection()
  again.greet(1n)
  await settle()
  again.reply(again.expect('sync'))
  again.reply(again.expect('getChildren'), {}, (writer) => writer.int(0))
  await settle()
  const request = again.expect('create2')
  assert.equal(CreateRequest.read(request.body).path, asked)
  again.reply(request, {}, (writer) => {
    writer.text(asked)
    Stat.write(writer, STAT)
  })
  assert.equal((await created).path, asked)
})

test('a protected znode is in doubt when its session ends before the reply to its creation', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const created = outcome(zk.create('/p', { protect: true }))
  await settle()
  peer.cut()
  ;(await ensemble.reconnection()).greet(0n, { timeoutMs: 0 })
  const { code, path, operation, maybeApplied } = (await created) as RequestError
  assert.deepEqual(
    { code, operation, maybeApplied, isProtected: path !== null && unprotectedName(path.slice(1)) === 'p' },
    { code: 'SESSIONEXPIRED', operation: 'create2', maybeApplied: true, isProtected: true },
  )
})

test('a protected znode is in doubt when its client is closed before the reply to its creation', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const created = outcome(zk.create('/p', { protect: true }))
  await settle()
  peer.cut()
  await settle()
  await zk.close()
  const { code, maybeApplied } = (await created) as ClosedError
  assert.deepEqual([code, maybeApplied], ['CLOSED', true])
})

test('a protected znode whose creator gives up is removed', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const controller = new AbortController()
  const created = outcome(zk.create('/p', { protect: true, signal: controller.signal }))
  await settle()
  const asked = CreateRequest.read(peer.expect('create2').body).path
  controller.abort(new Error('tired'))
  assert.equal(((await created) as Error).message, 'tired')
  await settle()
  const [sync, children] = peer.take()
  peer.reply({ xid: 1 }, {}, (writer) => {
    writer.text(asked)
    Stat.write(writer, STAT)
  })
  peer.reply(sync as never)
  peer.reply(children as never, {}, (writer) => writer.vector([asked.slice(1)], (w, child) => w.text(child)))
  await settle()
  assert.equal(peer.expect('delete').body.text(), asked)
})

test('who adds credentials may give up waiting for the answer: the servers are told all the same', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const controller = new AbortController()
  const added = outcome(zk.addAuth('digest', 'me:secret', { signal: controller.signal }))
  const reason = new Error('tired')
  controller.abort(reason)
  assert.equal(await added, reason)
  await settle()
  assert.deepEqual(peer.takeNames(), ['auth'])
  peer.cut()
  const again = await ensemble.reconnection()
  again.greet(1n)
  await settle()
  assert.deepEqual(again.takeNames(), ['auth'])
  await assert.rejects(zk.addAuth('digest', 'you:secret', { signal: AbortSignal.abort(reason) }), reason)
  await settle()
  assert.deepEqual(again.takeNames(), [])
})
