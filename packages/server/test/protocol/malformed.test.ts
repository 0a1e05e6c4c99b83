import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { OpCode, type OperationName, type Writer } from '@vivarium/protocol'
import {
  acl,
  at,
  bytesOf,
  connectFrame,
  create,
  encode,
  framed,
  look,
  multi,
  requestFrame,
  set,
  setAcl,
} from './requests.ts'
import { startTestServer } from './test-server.ts'

const server = await startTestServer({ extendedTypesEnabled: 'true' })
after(() => server.close())

const OPEN = [acl(31, 'world', 'anyone')]
const NO_WATCHES = { relativeZxid: 0, dataWatches: ['/'], existWatches: [], childWatches: [] }
const REQUESTS: readonly (readonly [OperationName, Uint8Array])[] = [
  ['create', encode('create', create('/x'))],
  ['create2', encode('create2', create('/x'))],
  ['createContainer', encode('createContainer', create('/x'))],
  ['createTTL', encode('createTTL', create('/x', { flags: 5, ttl: 9 }))],
  ['delete', encode('delete', at('/x'))],
  ['exists', encode('exists', look('/x'))],
  ['getData', encode('getData', look('/x'))],
  ['setData', encode('setData', set('/x'))],
  ['getACL', encode('getACL', { path: '/x' })],
  ['setACL', encode('setACL', setAcl('/x', OPEN))],
  ['getChildren', encode('getChildren', look('/x'))],
  ['getChildren2', encode('getChildren2', look('/x'))],
  ['sync', encode('sync', { path: '/x' })],
  ['multi', multi(['create', create('/x')])],
  ['multiRead', multi(['getData', look('/x')])],
  ['checkWatches', encode('checkWatches', { path: '/x', type: 1 })],
  ['removeWatches', encode('removeWatches', { path: '/x', type: 1 })],
  ['setWatches', encode('setWatches', NO_WATCHES)],
  ['setWatches2', encode('setWatches2', { ...NO_WATCHES, persistentWatches: [], persistentRecursiveWatches: [] })],
  ['addWatch', encode('addWatch', { path: '/x', mode: 0 })],
  ['getEphemerals', encode('getEphemerals', { prefixPath: '/x' })],
  ['getAllChildrenNumber', encode('getAllChildrenNumber', { path: '/x' })],
]

test('what is no message at all closes the connection', async () => {
  const hello = Uint8Array.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])
  for (const bytes of [Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.from('stop it'), hello]) {
    const connection = await server.connect()
    connection.send(bytes)
    assert.deepEqual(await connection.untilClosed(), { frames: [], rest: '' })
  }
})

test('a ConnectRequest that is cut off closes the connection', async () => {
  const whole = connectFrame().subarray(4)
  for (const length of [0, 4, 12, 16, 23, 24, 28, 43]) {
    const connection = await server.connect()
    connection.send(framed(whole.subarray(0, length)))
    assert.deepEqual((await connection.untilClosed()).frames, [], `${length} bytes`)
  }
  const password = await server.connect()
  password.send(
    framed(
      bytesOf((w) => {
        w.raw(whole, 0, 24)
        w.int(0x7fff_ffff)
        w.raw(whole, 28)
      }),
    ),
  )
  assert.deepEqual((await password.untilClosed()).frames, [])
})

test('a request that is cut off is answered with MARSHALLINGERROR, and the connection stays', async () => {
  const client = await server.client()
  for (const [name, body] of REQUESTS) {
    for (let length = 0; length < body.length; length++) {
      const { code, body: rest } = await client.askBytes(OpCode[name], body.subarray(0, length))
      assert.equal(code, 'MARSHALLINGERROR', `${name} of ${length} bytes`)
      if (name !== 'multiRead') assert.equal(rest.remaining, 0)
    }
  }
  assert.equal(await client.code('exists', look('/x')), 'NONODE')
})

test('of writes that cannot be read only a multi uses up a zxid', async () => {
  const client = await server.client()
  const { zxid } = await client.ask('ping')
  for (const name of ['create', 'setData', 'delete', 'setACL'] as const) await client.askBytes(OpCode[name])
  assert.equal((await client.ask('ping')).zxid, zxid)
  await client.askBytes(OpCode.multi)
  assert.equal((await client.ask('ping')).zxid, zxid + 1)
})

test('lengths and counts that cannot be cost nothing', async () => {
  const client = await server.client()
  const bad = async (name: OperationName, write: (writer: Writer) => void) =>
    assert.equal(await client.code(name, bytesOf(write)), 'MARSHALLINGERROR', name)
  for (const [name] of REQUESTS) {
    if (name.startsWith('setWatches') || name.startsWith('multi')) continue
    for (const length of [-2, -0x8000_0000, 0x7fff_ffff]) {
      await bad(name, (w) => {
        w.int(length)
        w.raw(new Uint8Array(30))
      })
    }
  }
  for (const count of [1000, 0x7fff_ffff]) {
    await bad('create', (w) => {
      w.string('/x')
      w.buffer(null)
      w.int(count)
    })
    await bad('setWatches', (w) => {
      w.long(0n)
      w.int(count)
    })
  }
})

test('a count below -1 is an empty list', async () => {
  const client = await server.client()
  const request = bytesOf((w) => {
    w.string('/x')
    w.buffer(null)
    w.int(-2)
    w.int(0)
  })
  assert.equal(await client.code('create', request), 'INVALIDACL')
})

test('null where a path has to be is answered with an error', async () => {
  const client = await server.client()
  for (const name of ['create', 'create2', 'createContainer'] as const) {
    assert.equal(await client.code(name, create(null)), 'MARSHALLINGERROR', name)
  }
  for (const name of ['exists', 'getData', 'getChildren', 'getChildren2', 'getACL', 'getAllChildrenNumber'] as const) {
    assert.equal(await client.code(name, look(null)), 'MARSHALLINGERROR', name)
  }
  assert.equal(await client.code('createTTL', create(null, { flags: 5, ttl: 5 })), 'MARSHALLINGERROR')
  assert.equal(await client.code('delete', at(null)), 'MARSHALLINGERROR')
  // These look at the path as a whole first.
  assert.equal(await client.code('setData', set(null)), 'BADARGUMENTS')
  assert.equal(await client.code('setACL', setAcl(null, OPEN)), 'BADARGUMENTS')
})

test('an entry of a list with a null id is answered with MARSHALLINGERROR', async () => {
  const client = await server.client()
  assert.equal(await client.code('create', create('/x', { acl: [acl(31, 'world', null)] })), 'MARSHALLINGERROR')
})

test('a multi with an operation that does not exist, or without its end, is refused as a whole', async () => {
  const client = await server.client()
  const header = (type: number) =>
    bytesOf((w) => {
      w.int(type)
      w.bool(false)
      w.int(-1)
    })
  for (const type of [0, 9, 11, 20, 99, -1, 0x7fff_ffff]) {
    assert.equal(await client.code('multi', Buffer.concat([header(type), new Uint8Array(40)])), 'MARSHALLINGERROR')
  }
  const whole = multi(['create', create('/x')])
  assert.equal(await client.code('multi', whole.subarray(0, -9)), 'MARSHALLINGERROR')
  assert.equal(await client.code('exists', look('/x')), 'NONODE')
})

test('a flood of pings is answered', async () => {
  const client = await server.client()
  client.connection.send(...Array.from({ length: 5000 }, () => requestFrame(-2, OpCode.ping)))
  for (let i = 0; i < 5000; i++) assert.equal((await client.reply())?.xid, -2)
})

test('random bytes end in a reply or the end of the connection, and others do not notice', async () => {
  const witness = await server.client()
  let seed = 1
  const random = (limit: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((seed / 2 ** 32) * limit)
  }
  const opcodes = [...REQUESTS.map(([name]) => OpCode[name]), OpCode.auth, OpCode.sasl, OpCode.reconfig, OpCode.ping]
  let client = await server.client()
  for (let i = 0; i < 2000; i++) {
    const body = Uint8Array.from({ length: random(40) }, () => (random(2) === 0 ? 0 : random(256)))
    client.connection.send(requestFrame(i, opcodes[random(opcodes.length)] as number, body))
    if ((await client.reply()) === null) client = await server.client()
  }
  await witness.do('exists', look('/'))
})
