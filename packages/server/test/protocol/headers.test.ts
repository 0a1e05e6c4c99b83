import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { OpCode, Operation, Reader } from '@vivarium/protocol'
import { at, auth, create, encode, look, requestFrame, set } from './requests.ts'
import { startTestServer } from './test-server.ts'

const server = await startTestServer()
after(() => server.close())

const EXISTS = encode('exists', look('/'))

test('xids are echoed and not checked', async () => {
  const client = await server.client()
  for (const xid of [1, 1, 0, 0x7fff_ffff, -0x8000_0000, -1, -2, -8, 5]) {
    client.connection.send(requestFrame(xid, OpCode.exists, EXISTS))
    const frame = new Reader((await client.connection.frame()) as Uint8Array)
    assert.equal(frame.int(), xid)
  }
})

test('a ping is answered as one whatever its xid, with a header only', async () => {
  const client = await server.client()
  for (const xid of [-2, 7, 0]) {
    const answer = await client.askBytes(OpCode.ping, undefined, xid)
    assert.equal(answer.xid, -2)
    assert.equal(answer.code, 'OK')
    assert.equal(answer.body.remaining, 0)
  }
})

test('setWatches has an xid like any other', async () => {
  const client = await server.client()
  const body = encode('setWatches', { relativeZxid: 0, dataWatches: [], existWatches: [], childWatches: [] })
  for (const xid of [-8, 12]) {
    const answer = await client.askBytes(OpCode.setWatches, body, xid)
    assert.deepEqual([answer.xid, answer.code, answer.body.remaining], [xid, 'OK', 0])
  }
})

test('the zxid of a reply is the last that was applied: that of a write is its own', async () => {
  const client = await server.client()
  const created = await client.ask('create2', create('/zxid'))
  const { stat } = Operation.create2.response.read(created.body)
  assert.equal(created.zxid, stat.czxid)
  const read = await client.ask('exists', look('/zxid'))
  assert.equal(read.zxid, created.zxid)
  assert.equal((await client.ask('ping')).zxid, created.zxid)
  assert.equal((await client.ask('sync', { path: '/' })).zxid, created.zxid, 'a sync is no transaction')
  const failed = await client.ask('create', create('/zxid'))
  assert.equal(failed.code, 'NODEEXISTS')
  assert.equal(failed.zxid, created.zxid + 1, 'a write that fails is one')
})

test('auth and sasl are answered with zxid 0, an operation that does not exist with -1', async () => {
  const client = await server.client()
  await client.do('create', create('/auth-zxid'))
  assert.equal((await client.ask('auth', auth('digest', 'bob:secret'))).zxid, 0)
  assert.equal((await client.ask('sasl', { token: new Uint8Array(0) })).zxid, 0)
  client.connection.send(requestFrame(77, 10))
  const [answer, ...more] = await client.untilClosed()
  assert.deepEqual([answer?.xid, answer?.zxid, answer?.code, more.length], [77, -1, 'UNIMPLEMENTED', 0])
})

test('an error has no body', async () => {
  const client = await server.client()
  const requests = [
    ['getData', look('/none')],
    ['getChildren2', look('/none')],
    ['create2', create('/none/x')],
    ['setData', set('/none')],
    ['removeWatches', { path: '/none', type: 1 }],
  ] as const
  for (const [name, request] of requests) {
    const { code, body } = await client.ask(name, request)
    assert.notEqual(code, 'OK')
    assert.equal(body.remaining, 0)
  }
})

test('replies come in the order of the requests, reads behind writes and errors among them', async () => {
  const client = await server.client()
  const frames: Uint8Array[] = []
  for (let i = 0; i < 200; i++) {
    const path = `/order-${i}`
    frames.push(requestFrame(10 * i + 1, OpCode.create, encode('create', create(path))))
    frames.push(requestFrame(10 * i + 2, OpCode.getData, encode('getData', look(path))))
    frames.push(requestFrame(10 * i + 3, OpCode.setData, encode('setData', set(path, 'x', 9))))
    frames.push(requestFrame(10 * i + 4, OpCode.sync, encode('sync', { path })))
    frames.push(requestFrame(10 * i + 5, OpCode.delete, encode('delete', at(path))))
    frames.push(requestFrame(10 * i + 6, OpCode.exists, encode('exists', look(path))))
  }
  client.connection.send(...frames)
  const expected = ['OK', 'OK', 'BADVERSION', 'OK', 'OK', 'NONODE']
  let last = 0
  for (let i = 0; i < 200; i++) {
    for (const [j, code] of expected.entries()) {
      const answer = await client.reply()
      assert.deepEqual([answer?.xid, answer?.code], [10 * i + j + 1, code])
      assert.ok((answer?.zxid ?? 0) >= last, 'zxids never go back')
      last = answer?.zxid ?? 0
    }
  }
})

test('closeSession is answered, then the connection is closed, and what comes behind it is not looked at', async () => {
  const client = await server.client()
  client.connection.send(
    requestFrame(1, OpCode.create, encode('create', create('/closing'))),
    requestFrame(2, OpCode.closeSession),
    requestFrame(3, OpCode.create, encode('create', create('/closed'))),
  )
  const answers = await client.untilClosed()
  assert.deepEqual(
    answers.slice(0, 2).map(({ xid, code }) => [xid, code]),
    [
      [1, 'OK'],
      [2, 'OK'],
    ],
  )
  assert.equal(answers[1]?.body.remaining, 0)
  const other = await server.client()
  assert.equal(await other.code('exists', look('/closing')), 'OK')
  assert.equal(await other.code('exists', look('/closed')), 'NONODE')
})
