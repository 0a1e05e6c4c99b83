import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ConnectResponse, OpCode, Operation, Reader, sessionPassword, TELNET_CLOSE } from '@vivarium/protocol'
import { bytesOf, connectFrame, create, encode, framed, look, requestFrame } from './requests.ts'
import { TestClient } from './test-client.ts'
import { deviation, startTestServer } from './test-server.ts'

const server = await startTestServer({
  tickTime: '1000',
  minSessionTimeout: '3000',
  maxSessionTimeout: '9000',
  'jute.maxbuffer': '5000',
  '4lw.commands.whitelist': 'ruok,isro',
})
after(() => server.close())

const ZEROS = new Uint8Array(16)
/** What a client is told of a session that is gone. */
const GONE = { protocolVersion: 0, timeOut: 0, sessionId: 0n, passwd: Buffer.from(ZEROS), readOnly: false }

test('a ConnectRequest is answered with a session, in frames and byte order as Java has them', async () => {
  const connection = await server.connect()
  connection.send(connectFrame({ protocolVersion: 4711, timeOut: 5000, readOnly: true }))
  const bytes = (await connection.frame()) as Uint8Array
  assert.equal(bytes.length, 37)
  const response = ConnectResponse.read(new Reader(bytes))
  assert.equal(response.protocolVersion, 0, 'whatever the client sent')
  assert.equal(response.timeOut, 5000)
  assert.equal(response.sessionId >> 56n, 1n, 'the id of a standalone server')
  assert.deepEqual(new Uint8Array(response.passwd ?? ZEROS), sessionPassword(response.sessionId))
  assert.equal(response.readOnly, false, 'this server is not read-only, whatever the client would take')
  const next = await server.client()
  assert.equal(next.session.sessionId, response.sessionId + 1n, 'ids count up')
})

test('a client before 3.4 sends no readOnly byte and gets none', async () => {
  const connection = await server.connect()
  connection.send(connectFrame({}, false))
  assert.equal((await connection.frame())?.length, 36)
  connection.send(requestFrame(1, OpCode.exists, encode('exists', look('/'))))
  assert.ok(await connection.frame())
  const other = await server.connect()
  other.send(connectFrame({ sessionId: 77n }, false))
  assert.equal((await other.frame())?.length, 36, 'nor with a refusal')
})

test('timeouts are negotiated into the bounds', async () => {
  const given = async (timeOut: number) => (await TestClient.connect(server.port, { timeOut })).session.timeOut
  assert.equal(await given(3000), 3000)
  assert.equal(await given(2999), 3000)
  assert.equal(await given(-1), 3000)
  assert.equal(await given(0x7fff_ffff), 9000)
})

test('a session is given back to who knows its password, with the timeout that is asked for now', async () => {
  const client = await server.client()
  assert.equal(client.session.timeOut, 9000)
  client.connection.destroy()
  const again = await client.reconnect({ timeOut: 4000 })
  assert.equal(again.session.sessionId, client.session.sessionId)
  assert.equal(again.session.timeOut, 4000)
  assert.deepEqual(again.session.passwd, client.session.passwd)
  assert.equal(await again.code('exists', look('/')), 'OK')
})

test('a session that comes back closes the connection that it had, without a word', async () => {
  const client = await server.client()
  const again = await client.reconnect()
  assert.equal(again.session.sessionId, client.session.sessionId)
  assert.deepEqual(await client.untilClosed(), [])
  assert.equal(await again.code('exists', look('/')), 'OK')
})

test('who asks for a session that is gone, or not his, gets zeros and is closed', async () => {
  const { sessionId } = (await server.client()).session
  const wrong = Uint8Array.from(sessionPassword(sessionId), (byte, i) => (i === 15 ? byte ^ 1 : byte))
  const refused = [
    { sessionId, passwd: wrong },
    { sessionId, passwd: null },
    { sessionId, passwd: sessionPassword(sessionId).subarray(0, 15) },
    { sessionId: 0x100_0000_0000_4711n, passwd: sessionPassword(0x100_0000_0000_4711n) },
  ]
  for (const request of refused) {
    const connection = await server.connect()
    connection.send(connectFrame(request))
    const { frames } = await connection.untilClosed()
    assert.deepEqual(
      frames.map((frame) => ConnectResponse.read(new Reader(frame))),
      [GONE],
    )
  }
})

deviation('who does not know the password does not end the connection of the session', async () => {
  const client = await server.client()
  const { sessionId } = client.session
  const connection = await server.connect()
  connection.send(connectFrame({ sessionId }))
  assert.equal((await connection.untilClosed()).frames.length, 1)
  assert.equal(await client.code('exists', look('/')), 'OK')
})

test('a client that has seen a later zxid is closed without a word, before its password is looked at', async () => {
  const { sessionId } = (await server.client()).session
  const lastZxidSeen = Number.MAX_SAFE_INTEGER
  for (const request of [{}, { sessionId }, { sessionId, passwd: sessionPassword(sessionId) }]) {
    const connection = await server.connect()
    connection.send(connectFrame({ ...request, lastZxidSeen }))
    assert.deepEqual((await connection.untilClosed()).frames, [])
  }
  const client = await server.client()
  const { zxid } = await client.ask('exists', look('/'))
  const connection = await server.connect()
  connection.send(connectFrame({ lastZxidSeen: zxid }))
  assert.ok(await connection.frame(), 'the last zxid of this server is not later')
})

test('requests may follow the ConnectRequest at once', async () => {
  const connection = await server.connect()
  connection.send(
    connectFrame(),
    requestFrame(1, OpCode.create, encode('create', create('/pipelined'))),
    requestFrame(2, OpCode.exists, encode('exists', look('/pipelined'))),
  )
  assert.equal((await connection.frame())?.length, 37)
  for (const xid of [1, 2]) {
    const reply = new Reader((await connection.frame()) as Uint8Array)
    assert.equal(reply.int(), xid)
    reply.zxid()
    assert.equal(reply.int(), 0)
  }
})

test('a frame length that cannot be closes the connection before the frame is there', async () => {
  for (const length of [-1, -0x8000_0000, 5001, 0x7fff_ffff, 0x4745_5420]) {
    const greeting = await server.connect()
    greeting.send(bytesOf((w) => w.int(length)))
    assert.deepEqual(await greeting.untilClosed(), { frames: [], rest: '' })
    const client = await server.client()
    client.connection.send(bytesOf((w) => w.int(length)))
    assert.deepEqual(await client.untilClosed(), [])
  }
})

test('a frame may be as long as jute.maxbuffer says', async () => {
  const client = await server.client()
  const request = create('/large', { data: '' })
  const room = 5000 - 8 - encode('create', request).length
  await client.do('create', { ...request, data: new Uint8Array(room) })
  assert.equal((await client.stat('/large')).dataLength, room)
  client.connection.send(
    requestFrame(9, OpCode.setData, encode('setData', { path: '/large', data: new Uint8Array(5000), version: -1 })),
  )
  assert.deepEqual(await client.untilClosed(), [])
})

test('a reply may be longer than jute.maxbuffer: it is for the client to refuse it', async () => {
  const client = await server.client()
  await client.do('create', create('/wide'))
  for (let i = 0; i < 60; i++) await client.do('create', create(`/wide/${String(i).padStart(100, '0')}`))
  const { code, body } = await client.ask('getChildren', look('/wide'))
  assert.equal(code, 'OK')
  assert.ok(body.remaining > 6000)
})

test('what follows a request in its frame is ignored', async () => {
  const client = await server.client()
  await client.do('create', Buffer.concat([encode('create', create('/trailing')), new Uint8Array(9)]))
  await client.do('exists', Buffer.concat([encode('exists', look('/trailing')), new Uint8Array(9)]))
  await client.do('ping', new Uint8Array(9))
})

test('a frame without room for a header closes the connection', async () => {
  for (let length = 0; length < 8; length++) {
    const client = await server.client()
    client.connection.send(framed(new Uint8Array(length)))
    assert.deepEqual(await client.untilClosed(), [])
  }
})

test('four-letter words are looked for in the first bytes of a connection only', async () => {
  const word = async (text: string) => {
    const connection = await server.connect()
    connection.send(Buffer.from(text))
    return (await connection.untilClosed()).rest
  }
  assert.equal(await word('ruok'), 'imok')
  assert.equal(await word('isro'), 'rw')
  assert.equal(await word('wchs'), 'wchs is not executed because it is not in the whitelist.\n')
  const telnet = await server.connect()
  telnet.send(bytesOf((w) => w.int(TELNET_CLOSE)))
  assert.deepEqual(await telnet.untilClosed(), {
    frames: [],
    rest: 'telnet close is not executed because it is not in the whitelist.\n',
  })
  const client = await server.client()
  client.connection.send(Buffer.from('ruok'))
  assert.deepEqual(await client.untilClosed(), [], 'here it is the length of a frame')
})

test('a second ConnectRequest is read as a request: an operation that does not exist', async () => {
  const client = await server.client()
  client.connection.send(connectFrame())
  const [answer, ...more] = await client.untilClosed()
  assert.equal(answer?.code, 'UNIMPLEMENTED')
  assert.equal(more.length, 0)
})

test('connections from one address are limited, and those beyond reset', async () => {
  const limited = await startTestServer({ maxClientCnxns: '2' })
  try {
    const first = await limited.client()
    const second = await limited.client()
    const third = await limited.connect()
    assert.deepEqual((await third.untilClosed()).frames, [])
    await second.close()
    // There is room again, as soon as the server has seen the end of the second.
    let fourth = await limited.connect()
    for (fourth.send(connectFrame()); (await fourth.frame()) === null; fourth.send(connectFrame())) {
      fourth = await limited.connect()
    }
    assert.equal(await first.code('exists', look('/')), 'OK')
  } finally {
    await limited.close()
  }
})

test('connections in all are limited', async () => {
  const limited = await startTestServer({ maxCnxns: '1' })
  try {
    const first = await limited.client()
    const second = await limited.connect()
    assert.deepEqual((await second.untilClosed()).frames, [])
    assert.equal(await first.code('exists', look('/')), 'OK')
  } finally {
    await limited.close()
  }
})

test('a connection that never asks for a session is closed', async () => {
  const impatient = await startTestServer({ 'nio.sessionlessCnxnTimeout': '100' })
  try {
    const silent = await impatient.connect()
    const hesitant = await impatient.connect()
    hesitant.send(connectFrame().subarray(0, 20))
    const client = await impatient.client()
    assert.deepEqual((await silent.untilClosed()).frames, [])
    assert.deepEqual((await hesitant.untilClosed()).frames, [])
    assert.equal(await client.code('exists', look('/')), 'OK')
  } finally {
    await impatient.close()
  }
})

test('sessions and their passwords outlive the server', async () => {
  const durable = await startTestServer()
  try {
    const client = await durable.client()
    await client.do('create', create('/mine', { flags: 1 }))
    const { sessionId, passwd } = client.session
    await durable.restart()
    const again = await TestClient.connect(durable.port, { sessionId, passwd })
    assert.equal(again.session.sessionId, sessionId)
    assert.equal((await again.get(Operation.getData, look('/mine'))).stat.ephemeralOwner, sessionId)
    const other = await durable.client()
    assert.notEqual(other.session.sessionId, sessionId)
  } finally {
    await durable.close()
  }
})
