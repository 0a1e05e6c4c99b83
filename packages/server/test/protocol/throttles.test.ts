import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { OpCode } from '@vivarium/protocol'
import { connectFrame, create, encode, look, requestFrame } from './requests.ts'
import type { TestClient } from './test-client.ts'
import { startTestServer } from './test-server.ts'

const servers: { close(): Promise<void> }[] = []
after(() => Promise.all(servers.map((server) => server.close())))

async function start(properties: Readonly<Record<string, string>>) {
  const server = await startTestServer(properties)
  servers.push(server)
  return server
}

/** Many writes, and a read behind each, all at once: each is answered, in its turn. */
async function flood(client: TestClient, root: string, count = 300): Promise<void> {
  const frames: Uint8Array[] = []
  for (let i = 0; i < count; i++) {
    frames.push(requestFrame(2 * i + 1, OpCode.create, encode('create', create(`${root}-${i}`))))
    frames.push(requestFrame(2 * i + 2, OpCode.exists, encode('exists', look(`${root}-${i}`))))
  }
  client.connection.send(...frames)
  for (let xid = 1; xid <= 2 * count; xid++) {
    const answer = await client.reply()
    assert.deepEqual([answer?.xid, answer?.code], [xid, 'OK'])
  }
}

test('more requests than may be outstanding wait, and are answered', async () => {
  const server = await start({ globalOutstandingLimit: '1' })
  const clients = [await server.client(), await server.client()]
  await Promise.all(clients.map((client, i) => flood(client, `/outstanding-${i}`)))
})

test('so are those that the request throttle holds back', async () => {
  const server = await start({ request_throttle_max_requests: '2', request_throttle_stall_time: '1' })
  const clients = [await server.client(), await server.client()]
  await Promise.all(clients.map((client, i) => flood(client, `/throttle-${i}`, 50)))
})

test('connections beyond the tokens of the connection throttle are closed without a word', async () => {
  const server = await start({ connection_throttle_tokens: '2', connection_throttle_fill_time: '1000000000' })
  const first = await server.client()
  await server.client()
  const third = await server.connect()
  third.send(connectFrame())
  assert.deepEqual((await third.untilClosed()).frames, [])
  await first.do('exists', look('/'))
})

test('a request larger than all large requests may be closes the connection', async () => {
  const server = await start({ largeRequestThreshold: '1000', largeRequestMaxBytes: '5000' })
  const client = await server.client()
  await client.do('create', create('/large', { data: 'x'.repeat(3000) }))
  await client.do('create', create('/large-2', { data: 'x'.repeat(3000) }))
  client.connection.send(
    requestFrame(1, OpCode.create, encode('create', create('/larger', { data: 'x'.repeat(6000) }))),
  )
  assert.deepEqual(await client.untilClosed(), [])
})
