import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClosedError, KeeperError, maybeApplied, type RequestError, type Session } from '../../dist/index.js'
import { FakeEnsemble } from '../fake/fake-ensemble.ts'
import { settle } from '../fake/manual-clock.ts'

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error)

test('an idle client pings every quarter of the timeout', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  for (let i = 0; i < 5; i++) {
    await ensemble.clock.advance(1499)
    assert.equal(peer.answerPings(), 0)
    await ensemble.clock.advance(1)
    assert.equal(peer.answerPings(), 1)
    await settle()
  }
  assert.equal(zk.state, 'connected')
})

test('a server that is silent for two thirds of the timeout is left', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  await ensemble.clock.advance(3999)
  assert.equal(zk.state, 'connected')
  await ensemble.clock.advance(1)
  assert.equal(zk.state, 'suspended')
  assert.ok(peer.isOver)
})

test('the session is lost one timeout after the departure of the last request that was answered', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const { clock } = ensemble
  await clock.advance(1000)
  const write = zk.setData('/a', 'x', { retry: true })
  await settle()
  const leftMs = clock.nowMs
  await clock.advance(900)
  peer.reply(peer.expect('setData'), { error: 'NONODE' })
  await assert.rejects(write)
  // It heard of the server later than that, but a reply does not say that the session was renewed then.
  ensemble.down.add('zk1:2181')
  peer.cut()
  const session = zk.session
  await clock.advance(leftMs + 6000 - clock.nowMs - 1)
  assert.equal(zk.state, 'suspended')
  assert.ok(session?.isLive)
  await clock.advance(1)
  assert.equal(zk.state, 'connecting')
  assert.ok(!session?.isLive)
  assert.ok(KeeperError.is(session?.signal.reason, 'SESSIONEXPIRED'))
})

test('with its session, a client loses what belongs to it, and gets another', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const states: string[] = []
  zk.onState(({ state }) => states.push(state))
  const lost: unknown[] = []
  const watched = zk.getData('/w', { watcher: (event) => lost.push(event) })
  await settle()
  peer.replyData(peer.expect('getData'), '')
  await watched
  const first = zk.session
  const bound = outcome(zk.getData('/bound'))
  const free = zk.getData('/free', { acrossSessions: true })
  const written = outcome(zk.setData('/written', '', { acrossSessions: true }))
  await settle()
  peer.cut()
  const again = await ensemble.reconnection()
  const waiting = outcome(zk.create('/waiting'))
  // The server knows nothing of such a session.
  again.greet(0n, { timeoutMs: 0 })
  await settle()
  assert.deepEqual(states, ['suspended', 'lost', 'connecting'])
  assert.ok(KeeperError.is(await bound, 'SESSIONEXPIRED'))
  assert.ok(KeeperError.is(await written, 'CONNECTIONLOSS'))
  const error = (await waiting) as RequestError
  assert.ok(KeeperError.is(error, 'SESSIONEXPIRED'))
  assert.equal((error as RequestError).maybeApplied, false)
  assert.deepEqual(lost, [{ type: 'WatchLost', path: '/w', reason: 'session' }])
  assert.ok(zk.session === null)
  const late = outcome(zk.getData('/late', { session: first as never }))
  assert.ok(KeeperError.is(await late, 'SESSIONEXPIRED'))
  const next = zk.getData('/next')
  const third = await ensemble.reconnection()
  assert.equal(third.greet(2n).sessionId, 0n)
  await settle()
  const second = zk.session as Session | null
  assert.deepEqual([second?.id, second?.number], [2n, 2])
  const [freed, nexted] = third.take()
  third.replyData(freed as never, 'free')
  third.replyData(nexted as never, 'next')
  assert.equal(String((await free).data), 'free')
  assert.equal(String((await next).data), 'next')
})

test('without renewal, a client that loses its session is closed', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected({ renewSession: false })
  peer.cut()
  ;(await ensemble.reconnection()).greet(0n, { timeoutMs: 0 })
  await settle()
  assert.equal(zk.state, 'closed')
  const error = (await outcome(zk.getData('/a'))) as Error
  assert.equal((error as Error & { code: string }).code, 'CLOSED')
  assert.ok(KeeperError.is(error.cause, 'SESSIONEXPIRED'))
  assert.equal(ensemble.clock.timers, 0)
})

test('a session can be taken over from another client', async () => {
  const ensemble = new FakeEnsemble()
  const password = new Uint8Array(16).fill(3)
  ensemble.client('zk1', { session: { id: 9n, password } })
  await ensemble.clock.advance(0)
  const greeting = ensemble.peer.greet(9n)
  assert.deepEqual([greeting.sessionId, greeting.passwd], [9n, Buffer.from(password)])
})

test('close tells the server, waits for what was asked before, and refuses what is asked after', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const session = zk.session
  const before = zk.getData('/before')
  const closing = zk.close()
  const after = outcome(zk.getData('/after'))
  await settle()
  const [data, close] = peer.take()
  assert.equal(close?.name, 'closeSession')
  peer.replyData(data as never, 'x')
  peer.reply(close as never)
  peer.closed()
  await closing
  assert.equal(String((await before).data), 'x')
  assert.equal(((await after) as { code: string }).code, 'CLOSED')
  assert.equal(zk.state, 'closed')
  assert.ok(!session?.isLive)
  await zk.close()
  assert.equal(ensemble.clock.timers, 0)
})

test('close does not wait for ever', async () => {
  const ensemble = new FakeEnsemble()
  const { zk } = await ensemble.connected({ closeTimeoutMs: 500 })
  const closing = zk.close()
  await ensemble.clock.advance(520)
  await closing
  assert.equal(zk.state, 'closed')
})

/** Whether the client's end says of the request that it may have been applied. */
async function doubtOf(request: Promise<unknown>): Promise<boolean> {
  const error = await outcome(request)
  assert.ok(error instanceof ClosedError)
  assert.equal(error.message.includes('may have been applied'), error.maybeApplied)
  return maybeApplied(error)
}

test('a client that is closed says of a write under way that it may have been applied', async () => {
  const ensemble = new FakeEnsemble()
  const { zk } = await ensemble.connected({ closeTimeoutMs: 500 })
  const doubts = [zk.setData('/a', 'x'), zk.getData('/a'), zk.multi([])].map(doubtOf)
  const closing = zk.close()
  doubts.push(doubtOf(zk.delete('/a')))
  await ensemble.clock.advance(520)
  await closing
  assert.deepEqual(await Promise.all(doubts), [true, false, true, false])
})

test('of what waits for a connection when the client is closed, only what was asked before is in doubt', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const doubts = [zk.setData('/a', 'x', { retry: true }), zk.getData('/a')].map(doubtOf)
  await settle()
  peer.cut()
  await settle()
  doubts.push(doubtOf(zk.setData('/b', 'x', { retry: true })))
  await zk.close()
  assert.deepEqual(await Promise.all(doubts), [true, false, false])
})

test('servers that all refuse what the client has seen are believed once there is no session left', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const read = zk.getData('/a')
  await settle()
  peer.replyData(peer.expect('getData'), '', 500)
  await read
  peer.cut()
  ;(await ensemble.reconnection()).greet(0n, { timeoutMs: 0 })
  for (let i = 0; i < 2; i++) (await ensemble.reconnection()).cut()
  assert.equal((await ensemble.reconnection()).greet(2n).lastZxidSeen, 0)
  await settle()
  assert.equal(zk.state, 'connected')
})

test('a client that is closed by whoever hears of a lost session stays closed, though the server gave it another', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const states: string[] = []
  zk.onState(({ state }) => {
    states.push(state)
    if (state === 'lost') void zk.close()
  })
  peer.cut()
  ;(await ensemble.reconnection()).greet(77n)
  await settle()
  assert.deepEqual(states, ['suspended', 'lost', 'closed'])
  assert.equal(zk.session, null)
  assert.equal(ensemble.clock.timers, 0)
})

test('a server that tells of changes and answers nothing does not keep the session', async () => {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const { session } = zk
  for (let second = 0; second < 6; second++) {
    assert.equal(session?.isLive, true)
    peer.notify('NodeDataChanged', '/a')
    await ensemble.clock.advance(1000)
  }
  await ensemble.clock.advance(20)
  assert.equal(session?.isLive, false)
})
