import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LargeRequests } from '@vivarium/core'
import { OpCode } from '@vivarium/protocol'
import { multi, requestFrame } from '../protocol/requests.ts'
import { create, Harness, isDropped, isEnded, look, set } from './harness.ts'

test('a connection that was ended does not linger for ever', () => {
  const harness = new Harness()
  const peer = harness.client()
  harness.processor.closeSession(peer.connection.session, harness.clock.monotonicMs())
  harness.sync()
  assert.ok(isEnded(peer))
  // It may go on sending, and is not heard.
  peer.receive(peer.frame('ping'))
  harness.clock.advance(4000)
  assert.ok(isEnded(peer))
  harness.clock.advance(2000)
  assert.ok(isDropped(peer))
})

test('who does not take its replies is read from no more, until it does', () => {
  const harness = new Harness()
  const peer = harness.client()
  peer.ask('create', create('/big', 'z'.repeat(500_000)))
  peer.socket.room = 0
  const frames = Array.from({ length: 10 }, () => peer.frame('getData', look('/big')))
  peer.receive(...frames)
  assert.ok(peer.socket.paused)
  const answered = peer.replies().length
  assert.ok(answered >= 3 && answered < 10, `${answered}`)
  peer.socket.drain()
  assert.ok(peer.socket.paused, 'there is too much again')
  while (peer.socket.paused) peer.socket.drain()
  assert.equal(answered + peer.replies().length, 10)
})

test('who is paused for two reasons goes on when both are gone', () => {
  const harness = new Harness({ limits: { outstanding: 0 } })
  const peer = harness.client()
  peer.ask('create', create('/big', 'z'.repeat(600_000)))
  peer.socket.room = 0
  peer.receive(
    peer.frame('getData', look('/big')),
    peer.frame('getData', look('/big')),
    peer.frame('setData', set('/big')),
  )
  assert.ok(peer.socket.paused)
  peer.socket.drain()
  assert.ok(!peer.socket.paused)
  peer.receive(peer.frame('exists', look('/big')), peer.frame('exists', look('/big')))
  assert.ok(peer.socket.paused, 'too much is in process')
  peer.socket.drain()
  assert.ok(peer.socket.paused)
  harness.sync()
  assert.ok(!peer.socket.paused)
  assert.deepEqual(peer.replies(), ['2', '3', '4', '5', '6'])
})

test('who leaves too much untaken is closed', () => {
  const harness = new Harness({ limits: { pendingBytes: 1 << 20 } })
  const [slow, writer] = [harness.client(), harness.client()]
  const path = `/${'x'.repeat(200)}`
  writer.ask('create', create(path))
  slow.socket.room = 0
  slow.send('addWatch', { path, mode: 0 })
  for (let i = 0; i < 6000 && !isDropped(slow); i++) {
    writer.send('setData', set(path))
    if (i % 100 === 99) harness.sync()
  }
  assert.ok(isDropped(slow))
  assert.ok(slow.socket.pendingBytes < (1 << 20) + 100 * 300)
  slow.socket.close()
  assert.equal(harness.processor.database.watches.size, 0)
})

test('a read whose answer would be too long is answered with an error, and the connection goes on', () => {
  const harness = new Harness({ limits: { pendingBytes: 2 << 20 } })
  const peer = harness.client()
  peer.ask('create', create('/big', 'z'.repeat(1_000_000)))
  for (let i = 0; i < 30; i++) peer.ask('create', create(`/${String(i).padStart(3, '0')}${'n'.repeat(50_000)}`))
  const reads = Array.from({ length: 5000 }, () => ['getData', look('/big')] as const)
  peer.receive(requestFrame(99, OpCode.multiRead, multi(...reads)))
  assert.deepEqual(peer.replies(), ['99:MARSHALLINGERROR'])
  assert.match(String(peer.ask('getChildren', look('/'))), /^\d+$/, 'what fits is answered')
  for (let i = 30; i < 45; i++) peer.ask('create', create(`/${String(i).padStart(3, '0')}${'n'.repeat(50_000)}`))
  assert.match(String(peer.ask('getChildren', look('/'))), /:MARSHALLINGERROR$/)
  assert.match(String(peer.ask('getData', look('/big'))), /^\d+$/)
})

test('what has been written can be read, however little a client may leave untaken', () => {
  const peer = new Harness({ limits: { pendingBytes: 1000 } }).client()
  peer.ask('create', create('/big', 'z'.repeat(1_048_000)))
  assert.match(String(peer.ask('getData', look('/big'))), /^\d+$/)
})

test('events leave before they are very many, and the reply behind them', () => {
  const harness = new Harness({ limits: { outstanding: 10_000 } })
  const [watcher, writer] = [harness.client(), harness.client()]
  watcher.send('addWatch', { path: '/', mode: 1 })
  watcher.replies()
  const before = watcher.socket.writes
  for (let i = 0; i < 2000; i++) writer.send('create', create(`/${i}-${'x'.repeat(200)}`))
  harness.sync()
  assert.ok(watcher.socket.writes - before >= 6, String(watcher.socket.writes - before))
  assert.equal(watcher.replies().length, 2000)
  const again = harness.client()
  const dataWatches = Array.from({ length: 2000 }, (_, i) => `/none-${i}-${'x'.repeat(200)}`)
  const xid = again.send('setWatches', { relativeZxid: 0, dataWatches, existWatches: [], childWatches: [] })
  const replies = again.replies()
  assert.equal(replies.length, 2001)
  assert.equal(replies.at(-1), String(xid))
})

test('with too many requests in process, who has some is read from no more', () => {
  const harness = new Harness({ limits: { outstanding: 10 } })
  const [busy, idle] = [harness.client(), harness.client()]
  busy.receive(...Array.from({ length: 30 }, (_, i) => busy.frame('create', create(`/n${i}`))))
  assert.ok(busy.socket.paused)
  assert.equal(harness.processor.inProcess, 11)
  // Who has none may send one.
  idle.receive(idle.frame('create', create('/other')), idle.frame('create', create('/other2')))
  assert.equal(harness.processor.inProcess, 12)
  assert.ok(idle.socket.paused)
  while (busy.socket.paused || idle.socket.paused) harness.sync()
  harness.sync()
  assert.equal(busy.replies().length, 30)
  assert.equal(idle.replies().length, 2)
})

test('a client with megabytes of requests under way is read from no more', () => {
  const harness = new Harness()
  const peer = harness.client()
  let sent = 0
  while (sent < 20 && !peer.socket.paused) sent = peer.send('setData', set('/', 'z'.repeat(900_000)))
  assert.ok(peer.socket.paused)
  assert.equal(harness.processor.inProcess, sent - 1)
  assert.equal(sent, 6)
  harness.sync()
  assert.ok(!peer.socket.paused)
  harness.sync()
  assert.equal(peer.replies().length, sent)
})

test('large requests are limited while they are in flight', () => {
  const large = new LargeRequests(1000, 5000)
  const harness = new Harness({ largeRequests: large })
  const [peer, greedy, gone] = [harness.client(), harness.client(), harness.client()]
  peer.ask('create', create('/x', 'z'.repeat(2000)))
  assert.equal(large.bytes, 0)
  peer.send('setData', set('/x', 'z'.repeat(2000)))
  peer.send('exists', look(`/${'y'.repeat(1500)}`))
  gone.send('setData', set('/x', 'z'.repeat(500)))
  gone.send('exists', look(`/${'y'.repeat(1000)}`))
  assert.ok(large.bytes > 4500)
  greedy.send('setData', set('/x', 'z'.repeat(2000)))
  assert.ok(isDropped(greedy))
  assert.equal(harness.counts.get('largeRejected'), 1)
  const { bytes } = large
  gone.socket.close()
  assert.ok(large.bytes < bytes)
  harness.sync()
  assert.equal(large.bytes, 0)
})
