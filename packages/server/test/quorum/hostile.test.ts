import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Socket } from '@vivarium/env'
import fc from 'fast-check'
import { decodeInitialMessage, encodeInitialMessage } from '../../dist/quorum/initial-message.js'
import { create } from '../protocol/requests.ts'
import { startEnsemble, type TestEnsemble } from './ensemble.ts'

/** A connection to a port of a member, and what becomes of it. */
async function intrude(ensemble: TestEnsemble, port: number): Promise<{ socket: Socket; closed: () => boolean }> {
  let closed = false
  const handler = {
    data() {},
    drained() {},
    closed() {
      closed = true
    },
  }
  const socket = await ensemble.run(ensemble.network.host('x').connect({ host: 's3', port, timeoutMs: 1000 }, handler))
  return { socket, closed: () => closed }
}

const send = (socket: Socket, bytes: Uint8Array): boolean => socket.write(bytes, 0, bytes.length)

test('the first message of an election connection reads as it was written', () => {
  const member = { host: 'zk1', quorumPort: 1, electionPort: 3888 }
  const bytes = encodeInitialMessage(7, [member], false)
  assert.deepEqual(decodeInitialMessage(bytes, bytes.length), {
    message: { sid: 7n, addresses: [{ host: 'zk1', port: 3888 }] },
    length: bytes.length,
  })
  for (let end = 0; end < bytes.length; end++) assert.equal(decodeInitialMessage(bytes, end), null)
  const anywhere = encodeInitialMessage(7, [{ ...member, host: '0.0.0.0' }], false)
  const decoded = decodeInitialMessage(anywhere, anywhere.length)
  assert.ok(decoded !== null && typeof decoded !== 'string')
  assert.equal(decoded.message.addresses, null, 'nobody can be called back there (ZOOKEEPER-2164)')
  const two = encodeInitialMessage(7, [member, { ...member, host: '::1' }], true)
  const both = decodeInitialMessage(two, two.length)
  assert.ok(both !== null && typeof both !== 'string')
  assert.deepEqual(both.message.addresses?.[1], { host: '::1', port: 3888 })
})

test('whatever bytes come first on the election port are a message, too few, or wrong', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const decoded = decodeInitialMessage(bytes, bytes.length)
      assert.ok(decoded === null || typeof decoded === 'string' || decoded.length <= bytes.length)
    }),
  )
})

test('nonsense on the ports for servers costs its sender the connection, and nobody else anything', async (t) => {
  const ensemble = await startEnsemble(t)
  const client = await ensemble.client(1)
  const hello = encodeInitialMessage(99, [{ host: 'x', quorumPort: 1, electionPort: 2 }], false)
  const lengths = [-1, 0, 524_289, 0x7fff_ffff].map((length) => {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(length)
    return bytes
  })
  for (const length of lengths) {
    const { socket, closed } = await intrude(ensemble, 3888)
    send(socket, Buffer.concat([hello, length]))
    await ensemble.until(closed)
  }
  // A notification that is none costs nothing but a line in the log.
  const { socket } = await intrude(ensemble, 3888)
  send(socket, Buffer.concat([hello, Buffer.from([0, 0, 0, 5, 1, 2, 3, 4, 5])]))
  const sample = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 200 }), 50)
  for (const port of [3888, 2888]) {
    for (const bytes of sample) {
      const stranger = await intrude(ensemble, port)
      send(stranger.socket, bytes)
    }
  }
  await ensemble.run(client.do('create', create('/still')))
  await ensemble.pass(30_000)
  assert.equal(await ensemble.settled(), 3)
  await ensemble.assertEqual()
})

test('who says nothing on the election port is closed after a while, and there cannot be too many of them', async (t) => {
  const ensemble = await startEnsemble(t)
  const strangers: Awaited<ReturnType<typeof intrude>>[] = []
  for (let i = 0; i < 140; i++) strangers.push(await intrude(ensemble, 3888))
  await ensemble.pass(0)
  assert.equal(strangers.filter(({ closed }) => closed()).length, 12)
  await ensemble.until(() => strangers.every(({ closed }) => closed()))
  assert.equal(await ensemble.settled(), 3)
})
