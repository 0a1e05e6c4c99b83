import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LargeRequests } from '@vivarium/core'
import { bytes, connectRequest, create, Harness, isDropped, isEnded, look, reconnectRequest } from './harness.ts'

test('what is pipelined behind the ConnectRequest waits for the session', () => {
  const harness = new Harness()
  const peer = harness.connect()
  peer.receive(
    connectRequest(),
    peer.frame('create', create('/x')),
    peer.frame('exists', look('/x')),
    peer.frame('ping'),
  )
  assert.ok(peer.socket.paused)
  assert.deepEqual(peer.socket.take().length, 0)
  harness.sync()
  assert.ok(!peer.socket.paused)
  assert.equal(peer.connectResponse().sessionId, peer.connection.sessionId)
  harness.sync()
  assert.deepEqual(peer.replies(), ['1', '2', '-2'])
})

test('a malformed ConnectRequest ends the connection without a word', () => {
  const whole = connectRequest()
  for (let length = 0; length < whole.length - 5; length++) {
    const frame = Buffer.concat([bytes(length), whole.subarray(4, 4 + length)])
    const peer = new Harness().connect()
    peer.receive(frame)
    assert.ok(isDropped(peer), `${length}`)
    assert.equal(peer.socket.take().length, 0)
  }
})

test('clients before 3.4 send no readOnly byte, and get none', () => {
  const harness = new Harness()
  const peer = harness.connect()
  peer.receive(connectRequest({}, false), peer.frame('ping'))
  harness.sync()
  const response = peer.socket.take()
  assert.equal(new DataView(response.buffer, response.byteOffset).getInt32(0), 36)
  assert.equal(response.length, 40 + 20)
  const modern = harness.connect()
  modern.receive(connectRequest())
  harness.sync()
  assert.equal(modern.socket.take().length, 41)
})

test('timeouts are negotiated', () => {
  const harness = new Harness()
  for (const [asked, got] of [
    [1, 4000],
    [-5, 4000],
    [2 ** 31 - 1, 40_000],
    [7777, 7777],
  ] as const) {
    const peer = harness.connect()
    peer.receive(connectRequest({ timeOut: asked }))
    harness.sync()
    assert.equal(peer.connectResponse().timeOut, got)
  }
})

test('a client that has seen a later zxid is closed without a word', () => {
  const harness = new Harness()
  for (const lastZxidSeen of [harness.processor.lastProcessedZxid + 1, 2 ** 62]) {
    const peer = harness.connect()
    peer.receive(connectRequest({ lastZxidSeen }))
    assert.ok(isDropped(peer))
    assert.equal(peer.socket.take().length, 0)
  }
  const peer = harness.connect()
  peer.receive(connectRequest({ lastZxidSeen: -1 }))
  harness.sync()
  assert.equal(peer.connectResponse().timeOut, 10_000)
})

test('a client gets its session back, with its new timeout, and the connection that had it ends', () => {
  const harness = new Harness()
  const old = harness.client()
  const { sessionId } = old.connection
  old.send('exists', look('/x', true))
  old.send('create', create('/y'))
  const peer = harness.connect('10.0.0.2')
  peer.receive(reconnectRequest(sessionId, { timeOut: 5000 }), peer.frame('exists', look('/y')))
  assert.ok(isDropped(old))
  const response = peer.connectResponse()
  assert.deepEqual([response.sessionId, response.timeOut], [sessionId, 5000])
  assert.deepEqual(peer.replies(), ['1:NONODE'])
  // What the old connection asked for goes on, but it hears no more of it.
  old.replies()
  harness.sync()
  old.socket.close()
  assert.deepEqual(old.replies(), [])
  assert.deepEqual(peer.ask('exists', look('/y')), ['2'])
  assert.equal(harness.clients.connectionOf(sessionId), peer.connection)
  assert.equal(harness.processor.inProcess, 0)
  assert.equal(harness.processor.database.watches.size, 0)
})

test('a session comes back after its connection has gone', () => {
  const harness = new Harness()
  const old = harness.client()
  const { sessionId } = old.connection
  old.socket.close()
  assert.equal(harness.clients.connectionOf(sessionId), undefined)
  const peer = harness.connect()
  peer.receive(reconnectRequest(sessionId))
  assert.equal(peer.connectResponse().sessionId, sessionId)
})

test('who asks for a session that is gone, or not his, is told that it has expired', () => {
  const harness = new Harness()
  const holder = harness.client()
  const { sessionId } = holder.connection
  const refused = [
    reconnectRequest(sessionId + 1n),
    reconnectRequest(sessionId, { passwd: new Uint8Array(16) }),
    reconnectRequest(sessionId, { passwd: null }),
    reconnectRequest(sessionId, { passwd: new Uint8Array(3) }),
  ]
  for (const request of refused) {
    const peer = harness.connect()
    peer.receive(request, peer.frame('ping'))
    const response = peer.connectResponse()
    assert.deepEqual([response.timeOut, response.sessionId], [0, 0n])
    assert.deepEqual(response.passwd, Buffer.alloc(16))
    assert.deepEqual(peer.replies(), [])
    assert.ok(isEnded(peer))
  }
  // An id alone ends nobody's connection.
  assert.deepEqual(holder.ask('ping'), ['-2'])
})

test('the end of a session ends its connection, with what it was answered before', () => {
  const harness = new Harness()
  const peer = harness.client()
  const { session } = peer.connection
  peer.send('create', create('/x'))
  harness.processor.closeSession(session, harness.clock.monotonicMs())
  harness.sync()
  assert.deepEqual(peer.replies(), ['1'])
  assert.ok(isEnded(peer))
  const again = harness.connect()
  again.receive(reconnectRequest(session.id))
  assert.equal(again.connectResponse().timeOut, 0)
})

test('connections from one address, and all of them, are limited', () => {
  const harness = new Harness({ limits: { perAddress: 2, total: 3 } })
  const [first] = [harness.client('a'), harness.client('a')]
  const third = harness.connect('a')
  assert.equal(third.socket.destroyed, true, 'with a reset')
  third.socket.close()
  harness.client('b')
  const fifth = harness.connect('c')
  assert.equal(fifth.socket.destroyed, true)
  fifth.socket.close()
  assert.equal(harness.counts.get('rejected'), 2)
  first.socket.close()
  harness.client('a')
})

test('who does not begin a session in time is dropped', () => {
  const harness = new Harness()
  const silent = harness.connect()
  const peer = harness.client()
  harness.clock.advance(5000)
  const later = harness.connect()
  harness.clock.advance(7000)
  assert.ok(isDropped(silent))
  assert.ok(!isDropped(later))
  assert.ok(!isDropped(peer))
  assert.equal(harness.counts.get('sessionless'), 1)
  harness.clock.advance(5000)
  assert.ok(isDropped(later))
})

test('a second ConnectRequest is no request', () => {
  const peer = new Harness().client()
  peer.receive(connectRequest())
  assert.equal(peer.replies().length, 1)
  assert.ok(isEnded(peer))
})

test('connections that come before the server serves are closed', () => {
  const harness = new Harness()
  const { clock, log, access, throttle, limits, metrics } = harness.clients
  const options = { clock, log, access, throttle, limits, metrics, largeRequests: new LargeRequests(-1, 1) }
  const early = new (harness.clients.constructor as new (o: typeof options) => typeof harness.clients)(options)
  const fresh = harness.connect()
  const connection = early.accept(fresh.socket)
  fresh.socket.attach(connection)
  fresh.receive(connectRequest())
  assert.ok(isDropped(fresh))
})
