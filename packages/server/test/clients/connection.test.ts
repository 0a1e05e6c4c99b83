import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeeperState, Writer } from '@vivarium/protocol'
import { bytes, connectRequest, create, Harness, isDropped, isEnded, look, requestFrame, set } from './harness.ts'

test('frames are put together wherever they were cut', () => {
  const stream = Buffer.concat([
    connectRequest(),
    requestFrame(1, 'create', create('/x', 'some data')),
    requestFrame(2, 'getData', look('/x')),
    requestFrame(3, 'ping'),
  ])
  for (let cut = 1; cut < stream.length; cut++) {
    const harness = new Harness()
    const peer = harness.connect()
    peer.receive(stream.subarray(0, cut))
    // While the session is being created nothing is read.
    if (peer.socket.paused) harness.sync()
    peer.receive(stream.subarray(cut))
    harness.sync()
    harness.sync()
    assert.equal(peer.connectResponse().timeOut, 10_000, `cut at ${cut}`)
    assert.deepEqual(peer.replies(), ['1', '2', '-2'], `cut at ${cut}`)
  }
})

test('bytes may come one at a time', () => {
  const harness = new Harness()
  const peer = harness.connect()
  const feed = (frame: Uint8Array): void => {
    for (let i = 0; i < frame.length; i++) peer.receive(frame.subarray(i, i + 1))
  }
  feed(connectRequest())
  harness.sync()
  peer.connectResponse()
  feed(peer.frame('create', create('/x')))
  feed(peer.frame('exists', look('/x')))
  harness.sync()
  assert.deepEqual(peer.replies(), ['1', '2'])
})

test('replies of a turn leave in one write', () => {
  const harness = new Harness()
  const peer = harness.client()
  const { writes } = peer.socket
  peer.receive(...Array.from({ length: 50 }, () => peer.frame('exists', look('/'))))
  assert.equal(peer.socket.writes, writes + 1)
  assert.equal(peer.replies().length, 50)
})

test('a frame length that cannot be ends the connection', () => {
  for (const length of [-1, -(2 ** 31), 0x100000, 2 ** 31 - 1]) {
    const harness = new Harness()
    const fresh = harness.connect()
    fresh.receive(bytes(length))
    assert.ok(isDropped(fresh), `${length}`)
    const peer = harness.client()
    peer.receive(bytes(length))
    assert.ok(isDropped(peer), `${length}`)
    assert.deepEqual(peer.replies(), [])
  }
  const peer = new Harness({ limits: { frameBytes: 100 } }).client()
  peer.receive(peer.frame('setData', set('/none', 'y'.repeat(75))))
  assert.ok(!isDropped(peer))
  peer.receive(peer.frame('setData', set('/none', 'y'.repeat(76))))
  assert.ok(isDropped(peer))
})

test('a frame too short for a header ends the connection, an empty one too', () => {
  for (const frame of [bytes(0), bytes(4, 1), Buffer.concat([bytes(7, 1), Buffer.alloc(3)])]) {
    const peer = new Harness().client()
    peer.receive(frame)
    assert.ok(isDropped(peer))
  }
})

test('closeSession is answered, and nothing behind it', () => {
  const harness = new Harness()
  const peer = harness.client()
  peer.receive(
    peer.frame('create', create('/x')),
    peer.frame('exists', look('/x')),
    peer.frame('closeSession'),
    peer.frame('closeSession'),
    peer.frame('ping'),
  )
  harness.sync()
  assert.deepEqual(peer.replies(), ['1', '2', '3'])
  assert.ok(isDropped(peer), 'there is nothing to wait for')
  assert.equal(harness.processor.inProcess, 0)
})

test('who is held is read no further, and gets what it is owed when serving stops', () => {
  const harness = new Harness()
  const { clients } = harness
  const [asking, silent, stranger] = [harness.client(), harness.client(), harness.connect()]
  asking.receive(asking.frame('create', create('/x')))
  clients.hold()
  asking.receive(asking.frame('create', create('/too-late')))
  assert.ok(asking.socket.paused)
  harness.sync()
  assert.ok(asking.socket.paused, 'although it has been answered')
  clients.stopServing('the epoch is over')
  assert.deepEqual(asking.replies(), ['1'])
  assert.ok(isEnded(asking) && isEnded(silent) && isDropped(stranger))
  assert.equal(harness.processor.database.tree.find('/too-late'), -1)
  asking.socket.close()
  harness.clock.advance(10_000)
  assert.ok(!isDropped(asking) && isDropped(silent), 'who does not close its side is dropped, served or not')
})

test('a watch event comes before the reply to the write that fires it', () => {
  const harness = new Harness()
  const [a, b] = [harness.client(), harness.client()]
  a.ask('create', create('/x'))
  b.ask('getData', look('/x', true))
  a.ask('getData', look('/x', true))
  a.send('setData', set('/x'))
  const zxid = harness.processor.preparer.lastZxid
  harness.sync()
  assert.deepEqual(a.replies(), [`event 3 /x @${zxid}`, '3'])
  assert.deepEqual(b.replies(), [`event 3 /x @${zxid}`])
  assert.equal(harness.counts.get('events'), 2)
})

test('what a reconnecting client has missed comes before the reply to its setWatches', () => {
  const harness = new Harness()
  const peer = harness.client()
  peer.ask('create', create('/x'))
  const lists = { dataWatches: ['/x', '/gone'], existWatches: ['/x'], childWatches: ['/'] }
  const replies = peer.ask('setWatches', { relativeZxid: 1, ...lists })
  assert.deepEqual(replies, ['event 3 /x @-1', 'event 2 /gone @-1', 'event 1 /x @-1', 'event 4 / @-1', '2'])
})

test('a watch event is written as Java writes it', () => {
  const harness = new Harness()
  const peer = harness.client()
  peer.ask('exists', look('/é', true))
  peer.send('create', create('/é'))
  harness.sync()
  const sent = peer.socket.take()
  const expected = new Writer()
  for (const value of [31, -1, 0, 2, 0, 1, KeeperState.SyncConnected]) expected.int(value)
  expected.string('/é')
  assert.deepEqual(sent.subarray(0, 35), Buffer.from(expected.finish()))
})

test('an operation that does not exist is answered, and the connection closed', () => {
  const harness = new Harness()
  const peer = harness.client()
  peer.send('create', create('/x'))
  peer.receive(bytes(8, 2, 99), peer.frame('ping'))
  assert.deepEqual(peer.replies(), ['2:UNIMPLEMENTED'])
  assert.ok(isEnded(peer))
  harness.sync()
  assert.deepEqual(peer.replies(), [], 'nothing is written behind it')
})

test('four-letter words are looked for in the first bytes only', () => {
  const harness = new Harness()
  const seen: number[] = []
  harness.clients.fourLetterWords = (_connection, code) => {
    seen.push(code)
    return 0
  }
  const peer = harness.connect()
  peer.receive(connectRequest(), peer.frame('ping'))
  harness.sync()
  assert.deepEqual(seen, [45])
})

test('requests keep a session alive, auth does not', () => {
  const harness = new Harness()
  const [peer, authenticating] = [harness.client(), harness.client()]
  const { session } = peer.connection
  const before = session.expiresAtMs
  harness.clock.advance(5000)
  authenticating.receive(requestFrame(-4, 'auth', { type: 0, scheme: 'digest', auth: Buffer.from('bob:secret') }))
  assert.equal(authenticating.connection.session.expiresAtMs, before)
  peer.send('ping')
  assert.ok(session.expiresAtMs > before)
})

test('random bytes never get further than a reply or the end of the connection', () => {
  const harness = new Harness()
  let seed = 7
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return (seed >>> 8) % below
  }
  for (let round = 0; round < 3000; round++) {
    const peer = round % 3 === 0 ? harness.connect() : harness.client()
    const body = Buffer.alloc(random(80))
    for (let i = 0; i < body.length; i++) body[i] = random(4) > 0 ? random(3) : random(256)
    // Mostly operations that exist, with little integers where counts and lengths may stand.
    const opcodes = [
      1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 14, 15, 16, 17, 18, 19, 21, 22, 101, 103, 104, 105, 106, 107, 100, 102,
    ]
    if (body.length >= 8) body.writeInt32BE(opcodes[random(opcodes.length)] as number, 4)
    peer.receive(bytes(body.length), body)
    harness.sync()
    peer.socket.close()
  }
  assert.equal(harness.processor.inProcess, 0)
  assert.equal(harness.clients.register.all.size, 0)
  assert.deepEqual(harness.client().ask('ping'), ['-2'])
})
