import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeeperError, type RequestError, type StateChange } from '../../dist/index.js'
import { FakeEnsemble } from '../fake/fake-ensemble.ts'
import { settle } from '../fake/manual-clock.ts'

/** What becomes of a promise: its value, or its error. */
const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

test('the greeting asks for a new session, and later for the same again from where the client stood', async () => {
  const ensemble = new FakeEnsemble()
  const zk = ensemble.client()
  await ensemble.clock.advance(0)
  const passwd = new Uint8Array(16).fill(9)
  const first = ensemble.peer.greet(0x1234n, { passwd })
  assert.deepEqual([first.sessionId, first.lastZxidSeen, first.timeOut, first.readOnly], [0n, 0, 6000, false])
  await settle()
  assert.equal(zk.session?.id, 0x1234n)
  const data = zk.getData('/a')
  await settle()
  ensemble.peer.replyData(ensemble.peer.expect('getData'), 'x', 77)
  await data
  ensemble.peer.cut()
  const peer = await ensemble.reconnection()
  const second = peer.greet(0x1234n, { passwd })
  assert.deepEqual([second.sessionId, second.lastZxidSeen, second.passwd], [0x1234n, 77, Buffer.from(passwd)])
  await settle()
  assert.equal(zk.state, 'connected')
  assert.equal(zk.session?.number, 1)
})

test('states follow the connection', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const changes: StateChange[] = []
  const stop = zk.onState((change) => changes.push(change))
  peer.cut()
  ;(await ensemble.reconnection()).greet(1n)
  await settle()
  stop()
  ensemble.peer.cut()
  await settle()
  assert.deepEqual(
    changes.map(({ previous, state }) => [previous, state]),
    [
      ['connected', 'suspended'],
      ['suspended', 'connected'],
    ],
  )
  assert.match(changes[0]?.cause?.message ?? '', /closed the connection/)
})

test('when a connection is lost, writes under way fail and reads are asked again, in their order', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const before = zk.getData('/before')
  const write = outcome(zk.setData('/a', 'x'))
  const after = zk.getChildren('/after')
  await settle()
  assert.deepEqual(peer.takeNames(), ['getData', 'setData', 'getChildren'])
  peer.cut()
  await settle()
  const error = (await write) as RequestError
  assert.ok(KeeperError.is(error, 'CONNECTIONLOSS'))
  assert.equal(error.path, '/a')
  assert.equal((error as RequestError).maybeApplied, true)
  const waiting = zk.setData('/b', 'y')
  const again = await ensemble.reconnection()
  again.greet(1n)
  await settle()
  const [data, children, set] = again.take()
  assert.deepEqual([data?.name, children?.name, set?.name], ['getData', 'getChildren', 'setData'])
  again.replyData(data as never, 'seen')
  again.reply(children as never, {}, (writer) => writer.vector(['c'], (w, name) => w.text(name)))
  again.reply(set as never, { error: 'BADVERSION' })
  assert.equal(String((await before).data), 'seen')
  assert.deepEqual(await after, ['c'])
  assert.ok(KeeperError.is(await outcome(waiting), 'BADVERSION'))
})

test('a write is asked again, and a read is not, where that is asked for', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const write = zk.delete('/a', { retry: true })
  const read = outcome(zk.getData('/a', { retry: false }))
  await settle()
  peer.cut()
  const error = (await read) as RequestError
  assert.ok(KeeperError.is(error, 'CONNECTIONLOSS'))
  assert.equal((error as RequestError).maybeApplied, false)
  const again = await ensemble.reconnection()
  again.greet(1n)
  await settle()
  again.reply(again.expect('delete'))
  await write
})

test('what a write that is asked again fails with does not say that it was not applied', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const write = outcome(zk.delete('/a', { retry: true }))
  const read = outcome(zk.getData('/a'))
  await settle()
  peer.cut()
  const again = await ensemble.reconnection()
  again.greet(1n)
  await settle()
  const [remove, get] = again.take()
  again.reply(remove as never, { error: 'NONODE' })
  again.reply(get as never, { error: 'NONODE' })
  const [removed, seen] = [(await write) as RequestError, (await read) as RequestError]
  assert.deepEqual([removed.code, removed.maybeApplied], ['NONODE', true])
  assert.deepEqual([seen.code, seen.maybeApplied], ['NONODE', false])
})

test('a server that answers out of order is left', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const first = outcome(zk.setData('/a', '1'))
  zk.setData('/b', '2').catch(() => {})
  await settle()
  const [, second] = peer.take()
  peer.reply(second as never)
  await settle()
  assert.equal(zk.state, 'suspended')
  assert.ok(KeeperError.is(await first, 'CONNECTIONLOSS'))
})

test('a reply that cannot be read ends the connection and its request', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const write = outcome(zk.setData('/a', '1'))
  await settle()
  peer.reply(peer.expect('setData'), {}, (writer) => writer.int(1))
  assert.ok(KeeperError.is(await write, 'CONNECTIONLOSS'))
  assert.equal(zk.state, 'suspended')
})

test('names are resolved anew for each attempt, and all servers are tried', async () => {
  const ensemble = new FakeEnsemble()
  for (const host of ['zk1', 'zk2', 'zk3']) ensemble.down.add(`${host}:2181`)
  const zk = ensemble.client('zk1,zk2,zk3')
  await ensemble.clock.advance(2000)
  assert.deepEqual([...new Set(ensemble.resolved)].sort(), ['zk1', 'zk2', 'zk3'])
  assert.ok(ensemble.resolved.length > 3)
  ensemble.down.clear()
  const peer = await ensemble.reconnection()
  peer.greet(5n)
  await settle()
  assert.equal(zk.state, 'connected')
  assert.equal(zk.server, peer.server)
})

test('a server that takes a connection and says nothing is left for another', async () => {
  const ensemble = new FakeEnsemble()
  ensemble.client('zk1,zk2')
  await ensemble.clock.advance(0)
  const first = ensemble.peer
  await ensemble.clock.advance(3000 - 1)
  assert.equal(ensemble.peers.length, 1)
  const second = await ensemble.reconnection()
  assert.ok(first.isOver)
  assert.notEqual(first.server, second.server)
})

test('there is never more than one connection', async () => {
  const ensemble = new FakeEnsemble()
  ensemble.client('zk1,zk2,zk3')
  for (let i = 0; i < 20; i++) {
    await ensemble.clock.advance(700)
    assert.ok(ensemble.peers.filter(({ isOver }) => !isOver).length <= 1)
    if (i % 3 === 0) ensemble.peer.cut()
  }
  assert.ok(ensemble.peers.length > 5)
})

test('connect gives up after its time, and says what came of each server', async () => {
  const ensemble = new FakeEnsemble()
  ensemble.down.add('zk1:2181')
  const zk = ensemble.client('zk1')
  const waiting = outcome(zk.connected({ timeoutMs: 500 }))
  await ensemble.clock.advance(500)
  const error = (await waiting) as Error & { code: string }
  assert.equal(error.code, 'CONNECT_FAILED')
  assert.match(error.message, /no session after 500 ms: zk1:2181 \(connection refused\)/)
})

test('a moved list of servers is followed', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  zk.updateServers('zk7,zk8')
  await settle()
  assert.ok(peer.isOver)
  assert.equal(zk.state, 'suspended')
  const next = await ensemble.reconnection()
  assert.match(next.server, /^zk[78]:2181$/)
})

test('when nothing goes on, a write leaves in one piece with all others of its turn', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const before = peer.writes
  for (let i = 0; i < 100; i++) zk.getData(`/${i}`).catch(() => {})
  assert.equal(peer.writes, before)
  await settle()
  assert.equal(peer.writes, before + 1)
  assert.equal(peer.take().length, 100)
})

test('what the kernel does not take waits until it does', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  peer.takes = false
  zk.getData('/a').catch(() => {})
  await settle()
  const before = peer.writes
  zk.getData('/b').catch(() => {})
  await settle()
  assert.equal(peer.writes, before)
  peer.drained()
  await settle()
  assert.deepEqual(
    peer.take().map(({ body }) => body.text()),
    ['/a', '/b'],
  )
})
