import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Session, State, StateChange } from '../../dist/index.js'
import { type Certainty, Holding } from '../../dist/recipes/support/holding.js'
import { FakeEnsemble, type FakePeer } from '../fake/fake-ensemble.ts'
import { settle } from '../fake/manual-clock.ts'

/** A holding, and a client that is in whatever state the test says. */
function held(certainty: Certainty): { holding: Holding; come(to: State): void } {
  const listeners = new Set<(change: StateChange) => void>()
  const zk = {
    state: 'connected' as State,
    onState(listener: (change: StateChange) => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const node = {
    zk,
    session: { isLive: true, isSure: true, onDoubt: () => () => {} },
    gone: new AbortController().signal,
    path: '/lock',
    czxid: 7,
  }
  return {
    holding: new Holding(node as never, certainty),
    come(to) {
      const previous = zk.state
      zk.state = to
      for (const listener of listeners) listener({ state: to, previous, cause: null })
    },
  }
}

for (const [certainty, state, reason] of [
  ['suspended', 'suspended', 'suspended'],
  ['suspended', 'read-only', 'read-only'],
  ['lost', 'read-only', 'read-only'],
  ['lost', 'suspended', undefined],
] as const) {
  test(`with certainty ${certainty}, in the state ${state}`, () => {
    const { holding, come } = held(certainty)
    assert.equal(holding.isHeld, true)
    come(state)
    assert.equal(holding.signal.reason?.reason, reason)
    come('connected')
    assert.equal(holding.isHeld, reason === undefined)
  })
}

/** A client that holds something by its session, of 6 s, in a world where only the clock and the test do anything. */
async function holder(certainty: Certainty) {
  const ensemble = new FakeEnsemble()
  const { zk, peer } = await ensemble.connected()
  const session = zk.session as Session
  const hold = (): Holding => {
    const node = { zk, session, gone: new AbortController().signal, path: '/lock', czxid: 7 }
    return new Holding(node as never, certainty, () => Promise.resolve())
  }
  return { ensemble, zk, peer, session, hold, holding: hold() }
}

async function answerPing(ensemble: FakeEnsemble, peer: FakePeer, afterMs: number): Promise<void> {
  await ensemble.clock.advance(afterMs)
  assert.equal(peer.answerPings(), 1)
  await settle()
}

test('what the last server answered right before it died keeps no holding: its leader was not told', async () => {
  const { ensemble, zk, peer, session, holding } = await holder('lost')
  const { clock } = ensemble
  const beganMs = clock.nowMs
  await answerPing(ensemble, peer, 1500)
  await answerPing(ensemble, peer, 1500)
  ensemble.down.add('zk1:2181')
  peer.cut()
  await clock.advance(beganMs + 7499 - clock.nowMs)
  assert.ok(holding.isHeld)
  await clock.advance(1)
  // The first ping's answer was settled by the second's.
  assert.equal(holding.signal.reason?.reason, 'suspended')
  assert.ok(!session.isSure)
  // The session itself may live for longer, and is waited for.
  await clock.advance(1499)
  assert.deepEqual([zk.state, session.isLive], ['suspended', true])
  await clock.advance(1)
  assert.deepEqual([zk.state, session.isLive], ['connecting', false])
})

test('a holding goes on through a loss of the connection, if the next comes in time', async () => {
  const { ensemble, zk, peer, session, holding } = await holder('lost')
  const wouldEndMs = ensemble.clock.nowMs + 6000
  await ensemble.clock.advance(1400)
  peer.cut()
  ;(await ensemble.reconnection()).greet(1n)
  await settle()
  assert.equal(zk.state, 'connected')
  await answerPing(ensemble, ensemble.peer, 1500)
  await answerPing(ensemble, ensemble.peer, 1500)
  await ensemble.clock.advance(wouldEndMs - ensemble.clock.nowMs)
  assert.ok(session.isSure)
  assert.ok(holding.isHeld)
})

test('one that was in doubt can be taken again once another server has the session', async () => {
  const { ensemble, peer, session, hold, holding } = await holder('lost')
  await answerPing(ensemble, peer, 1500)
  ensemble.down.add('zk1:2181')
  peer.cut()
  await ensemble.clock.advance(4600)
  assert.deepEqual([holding.isHeld, session.isLive], [false, true])
  assert.ok(!hold().isHeld)
  ensemble.down.delete('zk1:2181')
  ;(await ensemble.reconnection()).greet(1n)
  await settle()
  assert.ok(hold().isHeld)
  assert.ok(!holding.isHeld)
})

/** Answers each ping only `lateMs` after it came, for a session timeout. */
async function answerLate(ensemble: FakeEnsemble, peer: FakePeer, lateMs: number): Promise<void> {
  for (let i = 0; i < 4; i++) {
    await ensemble.clock.advance(1500)
    await answerPing(ensemble, peer, lateMs)
  }
}

for (const certainty of ['suspended', 'lost'] as const) {
  test(`a server that answers too late is left by who holds something, with certainty ${certainty}`, async () => {
    const { ensemble, zk, peer, holding } = await holder(certainty)
    await answerLate(ensemble, peer, 900)
    assert.ok(holding.isHeld)
    await ensemble.clock.advance(1500)
    await ensemble.clock.advance(1400)
    assert.equal(zk.state, 'suspended')
    assert.equal(holding.signal.reason?.reason, 'suspended')
  })
}

test('a server that answers late is not left by who holds nothing, until something is to be held', async () => {
  const { ensemble, zk, peer, session, holding, hold } = await holder('suspended')
  await holding.release()
  await answerLate(ensemble, peer, 1400)
  assert.deepEqual([zk.state, session.isSure], ['connected', true])
  await ensemble.clock.advance(1500 + 1300)
  assert.deepEqual([zk.state, session.isSure], ['connected', false])
  assert.ok(!hold().isHeld)
  assert.equal(zk.state, 'suspended')
})
