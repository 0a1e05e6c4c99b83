import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Socket, SocketHandler } from '@vivarium/env'
import { SimNetwork } from '../../dist/world/network.js'
import type { SimProcess } from '../../dist/world/process.js'
import { World } from '../../dist/world/world.js'

/** Keeps what it hears, as text. */
class Ear implements SocketHandler {
  heard = ''
  ended: string | null = null
  drains = 0

  data(bytes: Uint8Array, start: number, end: number): void {
    this.heard += Buffer.from(bytes.subarray(start, end)).toString()
  }

  drained(): void {
    this.drains++
  }

  closed(error: Error | null): void {
    this.ended = error === null ? 'closed' : error.message
  }
}

interface Line {
  readonly world: World
  readonly network: SimNetwork
  readonly server: SimProcess
  readonly near: Ear
  readonly far: Ear
  readonly nearSocket: Socket
  readonly farSocket: Socket
}

async function line(seed = 1): Promise<Line> {
  const world = new World(seed)
  const network = new SimNetwork(world)
  const server = world.process('server')
  const near = new Ear()
  const far = new Ear()
  const sockets: { near?: Socket; far?: Socket } = {}
  await network.of(server, 'S').listen({ port: 1 }, (socket) => {
    sockets.far = socket
    return far
  })
  const connecting = network.of(world.process('client'), 'C').connect({ host: 'S', port: 1, timeoutMs: 1000 }, near)
  connecting.then((socket) => {
    sockets.near = socket
  })
  assert.ok(await world.run(() => sockets.near !== undefined && sockets.far !== undefined, 1000))
  return { world, network, server, near, far, nearSocket: sockets.near!, farSocket: sockets.far! }
}

const bytes = (text: string): Uint8Array => Buffer.from(text)

test('bytes arrive in order, whatever the pieces, and the writer may reuse what was taken', async () => {
  for (let seed = 1; seed < 20; seed++) {
    const { world, nearSocket, far } = await line(seed)
    const mine = bytes('one two three ')
    if (nearSocket.write(mine, 0, mine.length)) mine.fill(0)
    nearSocket.write(bytes('four'), 0, 4)
    await world.run(() => far.heard.endsWith('four'), 5000)
    assert.equal(far.heard, 'one two three four')
  }
})

test('nothing passes a link that is blocked, and everything once it is free', async () => {
  const { world, network, nearSocket, far } = await line()
  network.link('C', 'S').block()
  nearSocket.write(bytes('x'), 0, 1)
  assert.equal(await world.run(() => far.heard === 'x', 5000), false)
  network.link('C', 'S').unblock()
  assert.ok(await world.run(() => far.heard === 'x', 10_000))
})

test('a reader that pauses fills the window, then the writer', async () => {
  const { world, nearSocket, farSocket, far, near } = await line()
  farSocket.pause()
  const much = new Uint8Array(200_000).fill(65)
  assert.equal(nearSocket.write(much, 0, much.length), false)
  await world.run(() => false, world.nowMs + 1000)
  assert.ok(nearSocket.pendingBytes > 100_000)
  farSocket.resume()
  assert.ok(await world.run(() => near.drains > 0 && far.heard.length === much.length, world.nowMs + 1e6))
  assert.equal(nearSocket.pendingBytes, 0)
})

test('an end that is closed is closed at the other, after all bytes', async () => {
  const { world, nearSocket, near, far } = await line()
  nearSocket.write(bytes('bye'), 0, 3)
  nearSocket.end()
  assert.ok(await world.run(() => near.ended !== null && far.ended !== null, 5000))
  assert.deepEqual([far.heard, far.ended, near.ended], ['bye', 'closed', 'closed'])
})

test('a process that is killed leaves a closed connection, a power cut a silent one', async () => {
  const killed = await line()
  killed.server.end()
  killed.network.processEnded(killed.server, 'S', false)
  assert.ok(await killed.world.run(() => killed.near.ended !== null, 5000))

  const dark = await line()
  dark.server.end()
  dark.network.processEnded(dark.server, 'S', true)
  dark.nearSocket.write(bytes('anybody?'), 0, 8)
  assert.equal(await dark.world.run(() => dark.near.ended !== null, 20_000), false)
  dark.network.powerOn('S')
  assert.ok(await dark.world.run(() => dark.near.ended !== null, 30_000))
  assert.equal(dark.near.ended, 'the connection was reset')
})

test('a process that pauses hears everything later, in order', async () => {
  const { world, server, nearSocket, far } = await line()
  server.pause(500)
  const untilMs = world.nowMs + 500
  nearSocket.write(bytes('a'), 0, 1)
  nearSocket.write(bytes('b'), 0, 1)
  assert.equal(await world.run(() => far.heard !== '', untilMs - 1), false)
  assert.ok(await world.run(() => far.heard === 'ab', untilMs + 100))
})
