import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { sendPieces } from '../../dist/http/send-pieces.js'

/** Asks a server that answers as it is told, and has both ends. */
async function asked(t: TestContext, answer: (response: ServerResponse) => void): Promise<Socket> {
  const server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.after(() => {
    socket.destroy()
    server.close()
  })
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  return socket
}

async function bodyOf(socket: Socket): Promise<string> {
  let text = ''
  for await (const bytes of socket) text += bytes
  return text.slice(text.indexOf('\r\n\r\n') + 4)
}

test('what is one piece leaves in one write', async (t) => {
  const socket = await asked(t, (response) => void sendPieces(response, ['whole']))
  assert.equal(await bodyOf(socket), 'whole')
})

test('pieces arrive in their order, each as it comes, and there may be none', async (t) => {
  const several = await asked(t, (response) => void sendPieces(response, ['a', Buffer.from('b'), 'c']))
  assert.equal(await bodyOf(several), '1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n')
  const none = await asked(t, (response) => void sendPieces(response, []))
  assert.equal(await bodyOf(none), '')
})

test('who takes nothing is not sent everything, and what was begun is ended once he has gone', async (t) => {
  let made = 0
  let ended = (): void => {}
  const end = new Promise<void>((resolve) => {
    ended = resolve
  })
  const pieces = (function* (): Iterable<string> {
    try {
      for (; made < 1_000_000; made++) yield 'x'.repeat(65_536)
    } finally {
      ended()
    }
  })()
  const socket = await asked(t, (response) => void sendPieces(response, pieces))
  await once(socket, 'readable')
  socket.destroy()
  await end
  assert.ok(made < 1_000_000)
})
