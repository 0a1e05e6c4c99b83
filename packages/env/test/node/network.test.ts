import assert from 'node:assert/strict'
import net from 'node:net'
import { after, before, test } from 'node:test'
import type { Listener, Socket } from '../../dist/index.js'
import { NodeNetwork } from '../../dist/node/index.js'

/** An accepted connection, with what happened to it. */
class Peer {
  readonly socket: Socket
  received = Buffer.alloc(0)
  drains = 0
  error: Error | null = null
  readonly closed: Promise<void>
  #close: () => void = () => {}
  #wake: () => void = () => {}

  constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise((resolve) => {
      this.#close = resolve
    })
  }

  readonly handler = {
    data: (bytes: Uint8Array, start: number, end: number) => {
      // A copy: the bytes are the network's again once this returns.
      this.received = Buffer.concat([this.received, Buffer.from(bytes.subarray(start, end))])
      this.#wake()
    },
    drained: () => {
      this.drains++
      this.#wake()
    },
    closed: (error: Error | null) => {
      this.error = error
      this.#close()
      this.#wake()
    },
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

const network = new NodeNetwork()
let listener: Listener
let nextPeer: (peer: Peer) => void = () => {}

before(async () => {
  listener = await network.listen({ host: '127.0.0.1', port: 0 }, (socket) => {
    const peer = new Peer(socket)
    nextPeer(peer)
    return peer.handler
  })
})
after(() => listener.close())

async function connected(): Promise<[client: net.Socket, peer: Peer]> {
  const accepted = new Promise<Peer>((resolve) => {
    nextPeer = resolve
  })
  const client = net.connect(listener.port, '127.0.0.1').on('error', () => {})
  return [client, await accepted]
}

test('bytes go both ways, and the addresses are known', async () => {
  const [client, peer] = await connected()
  assert.equal(peer.socket.remoteAddress, '127.0.0.1')
  assert.equal(peer.socket.remotePort, client.localPort)
  client.write('ping')
  await peer.until(() => peer.received.length === 4)
  const answer = Buffer.from('..pong..')
  assert.equal(peer.socket.write(answer, 2, 6), true)
  answer.fill(0) // Taken by the kernel: ours again.
  const [data] = await once<Buffer>(client, 'data')
  assert.equal(String(data), 'pong')
  client.destroy()
  await peer.closed
})

test('what arrives on one connection is not seen by another, though all share a read buffer', async () => {
  const [a, peerA] = await connected()
  const [b, peerB] = await connected()
  for (let i = 0; i < 100; i++) {
    a.write(`a${i};`)
    b.write(`b${i};`)
  }
  const all = (name: string) => Array.from({ length: 100 }, (_, i) => `${name}${i};`).join('')
  await peerA.until(() => peerA.received.length === all('a').length)
  await peerB.until(() => peerB.received.length === all('b').length)
  assert.equal(String(peerA.received), all('a'))
  assert.equal(String(peerB.received), all('b'))
  a.destroy()
  b.destroy()
})

test('a peer that ends its side is closed', async () => {
  const [client, peer] = await connected()
  client.end('last words')
  await peer.closed
  assert.equal(String(peer.received), 'last words')
  assert.equal(peer.error, null)
})

test('a reset closes the connection with its error', async () => {
  const [client, peer] = await connected()
  client.resetAndDestroy()
  await peer.closed
  assert.equal((peer.error as NodeJS.ErrnoException | null)?.code, 'ECONNRESET')
})

test('end sends what is queued, then closes', async () => {
  const [client, peer] = await connected()
  const bytes = Buffer.alloc(8 << 20, 'x')
  peer.socket.write(bytes, 0, bytes.length)
  peer.socket.end()
  let received = 0
  client.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  await once(client, 'end')
  assert.equal(received, bytes.length)
  await peer.closed
})

test('what the kernel does not take is counted, and drained once it does', async () => {
  const [client, peer] = await connected()
  client.pause()
  const bytes = Buffer.alloc(32 << 20)
  assert.equal(peer.socket.write(bytes, 0, bytes.length), false)
  assert.ok(peer.socket.pendingBytes > 0)
  assert.equal(peer.drains, 0)
  client.resume()
  await peer.until(() => peer.drains === 1)
  assert.equal(peer.socket.pendingBytes, 0)
  client.destroy()
  await peer.closed
})

test('what is written while much is pending follows it, in order, and ends what is sent', async () => {
  const [client, peer] = await connected()
  client.pause()
  const parts = [
    Buffer.from('first;'),
    Buffer.alloc(16 << 20, 'x'),
    Buffer.from(';middle;'),
    Buffer.alloc(1 << 20, 'y'),
  ]
  const taken = parts.map((part) => peer.socket.write(part, 0, part.length))
  assert.deepEqual(taken, [true, false, false, false])
  assert.ok(peer.socket.pendingBytes > 1 << 20)
  peer.socket.end()
  const chunks: Buffer[] = []
  client.on('data', (chunk: Buffer) => chunks.push(chunk))
  client.resume()
  await once(client, 'end')
  assert.ok(Buffer.concat(chunks).equals(Buffer.concat(parts)))
  await peer.closed
  assert.equal(peer.error, null)
})

test('a peer that ends its side while much is pending still gets all of it', async () => {
  const accepted = new Promise<Peer>((resolve) => {
    nextPeer = resolve
  })
  const client = net.connect({ port: listener.port, host: '127.0.0.1', allowHalfOpen: true })
  const peer = await accepted
  client.pause()
  const bytes = Buffer.alloc(16 << 20, 'x')
  assert.equal(peer.socket.write(bytes, 0, bytes.length), false)
  assert.equal(peer.socket.write(bytes, 0, 1000), false)
  client.end('bye')
  await peer.until(() => peer.received.length === 3)
  let received = 0
  client.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  client.resume()
  await once(client, 'end')
  assert.equal(received, bytes.length + 1000)
  await peer.closed
  assert.equal(peer.error, null)
})

test('a connection that is destroyed with bytes pending ends without an error', async () => {
  const [client, peer] = await connected()
  client.pause()
  const bytes = Buffer.alloc(16 << 20)
  assert.equal(peer.socket.write(bytes, 0, bytes.length), false)
  peer.socket.destroy()
  await peer.closed
  assert.equal(peer.error, null)
  client.destroy()
})

test('a write to a peer that has reset its connection closes it with that error', async () => {
  const [client, peer] = await connected()
  // Not read, so that nobody but the write can notice.
  peer.socket.pause()
  client.resetAndDestroy()
  await once(client, 'close')
  const bytes = Buffer.from('too late')
  for (let i = 0; i < 3; i++) peer.socket.write(bytes, 0, bytes.length)
  await peer.closed
  assert.match((peer.error as NodeJS.ErrnoException).code ?? '', /^(EPIPE|ECONNRESET)$/)
})

test('a peer that resets its connection with bytes pending closes it with that error', async () => {
  const [client, peer] = await connected()
  client.pause()
  const bytes = Buffer.alloc(16 << 20)
  assert.equal(peer.socket.write(bytes, 0, bytes.length), false)
  client.resetAndDestroy()
  await peer.closed
  assert.match((peer.error as NodeJS.ErrnoException).code ?? '', /^(EPIPE|ECONNRESET)$/)
})

test('a paused socket delivers nothing until it is resumed', async () => {
  const [client, peer] = await connected()
  peer.socket.pause()
  await new Promise<void>((resolve) => client.write('early', () => resolve()))
  // Another connection's round trip shows that the loop had every chance to deliver.
  const [other, otherPeer] = await connected()
  other.write('x')
  await otherPeer.until(() => otherPeer.received.length === 1)
  assert.equal(peer.received.length, 0)
  peer.socket.resume()
  await peer.until(() => peer.received.length === 5)
  client.destroy()
  other.destroy()
})

test('a port in use is refused with the system’s error', async () => {
  const again = network.listen({ host: '127.0.0.1', port: listener.port }, () => new Peer({} as Socket).handler)
  await assert.rejects(again, { code: 'EADDRINUSE' })
})

test('connect reaches a listener, and reports one that is not there', async () => {
  const accepted = new Promise<Peer>((resolve) => {
    nextPeer = resolve
  })
  const own = new Peer({} as Socket)
  const socket = await network.connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 5000 }, own.handler)
  const peer = await accepted
  socket.write(Buffer.from('hello'), 0, 5)
  await peer.until(() => peer.received.length === 5)
  peer.socket.destroy()
  await own.closed

  const unused = await network.listen({ host: '127.0.0.1', port: 0 }, () => own.handler)
  await unused.close()
  const refused = network.connect({ host: '127.0.0.1', port: unused.port, timeoutMs: 5000 }, own.handler)
  await assert.rejects(refused, { code: 'ECONNREFUSED' })
})

function once<T>(emitter: NodeJS.EventEmitter, event: string): Promise<T[]> {
  return new Promise((resolve) => emitter.once(event, (...args: T[]) => resolve(args)))
}

test('who sends without end takes turns with others', async (t) => {
  /** In the order in which they were told of. */
  const told: { readonly who: net.Socket; readonly length: number }[] = []
  const ports = new Map<number, net.Socket>()
  let wake: () => void = () => {}
  let spoken: () => void = () => {}
  const server = await network.listen({ host: '127.0.0.1', port: 0 }, (socket) => ({
    data(_bytes, start, end) {
      spoken()
      spoken = () => {}
      told.push({ who: ports.get(socket.remotePort) as net.Socket, length: end - start })
      wake()
    },
    drained() {},
    closed() {},
  }))
  t.after(() => server.close())
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const dial = async (): Promise<net.Socket> => {
    const socket = net.connect({ host: '127.0.0.1', port: server.port })
    t.after(() => socket.destroy())
    await new Promise((resolve) => socket.once('connect', resolve))
    ports.set(socket.localPort as number, socket)
    socket.write('hello')
    await until(() => told.some(({ who }) => who === socket))
    return socket
  }
  const [greedy, modest] = [await dial(), await dial()]
  told.length = 0
  // In the midst of what the greedy one sends.
  spoken = () => modest.write('a request')
  greedy.write(Buffer.alloc(8 << 20))
  await until(() => told.some(({ who }) => who === modest))
  const before = told.slice(
    0,
    told.findIndex(({ who }) => who === modest),
  )
  assert.ok(before.length <= 2, `after ${before.length} reads of the other one`)
  const received = (): number => told.reduce((sum, { who, length }) => (who === greedy ? sum + length : sum), 0)
  await until(() => received() === 8 << 20)
})
