import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Wire } from '../dist/index.js'

/** Both ends of one connection through a wire. */
async function through(t: TestContext): Promise<{ wire: Wire; near: Socket; far: Socket }> {
  const server = createServer({ noDelay: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const wire = await Wire.start((server.address() as AddressInfo).port)
  const accepted = once(server, 'connection')
  const near = connect({ port: wire.port, host: '127.0.0.1', noDelay: true })
  const [far] = (await accepted) as [Socket]
  for (const socket of [near, far]) socket.on('error', () => {})
  t.after(async () => {
    near.destroy()
    far.destroy()
    await wire.close()
    server.close()
  })
  return { wire, near, far }
}

async function bytes(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  return chunk.toString()
}

test('what goes in comes out, and an end is an end', async (t) => {
  const { near, far } = await through(t)
  near.write('forth')
  assert.equal(await bytes(far), 'forth')
  far.write('back')
  assert.equal(await bytes(near), 'back')
  far.resume()
  near.end('last')
  await once(far, 'close')
})

test('a black hole swallows one way, an end included, and gives it back', async (t) => {
  const { near, far, wire } = await through(t)
  const heard: string[] = []
  far.on('data', (chunk) => heard.push(String(chunk)))
  wire.block('forth')
  near.write('held')
  far.write('still')
  assert.equal(await bytes(near), 'still')
  near.destroy()
  await once(near, 'close')
  assert.deepEqual([heard, far.destroyed], [[], false])
  wire.heal()
  await once(far, 'close')
  assert.deepEqual(heard, ['held'])
})

test('a cut ends what there is, and a refusal what comes, too', async (t) => {
  const { near, far, wire } = await through(t)
  near.resume()
  far.resume()
  wire.cut()
  await Promise.all([once(near, 'close'), once(far, 'close')])
  wire.refuse()
  const another = connect({ port: wire.port, host: '127.0.0.1' })
  another.on('error', () => {})
  another.resume()
  await once(another, 'close')
  wire.heal()
  const third = connect({ port: wire.port, host: '127.0.0.1' })
  await once(third, 'connect')
  third.destroy()
})

test('what is delayed comes late and in order', async (t) => {
  const { near, far, wire } = await through(t)
  wire.delay(100, 'forth')
  const before = performance.now()
  near.write('one')
  far.write('at once')
  await bytes(near) // What was written before it has come to the wire.
  wire.delay(0)
  near.write(' two')
  let heard = ''
  for await (const chunk of far) {
    heard += chunk
    if (heard.length === 7) break
  }
  assert.equal(heard, 'one two')
  assert.ok(performance.now() - before >= 99)
})

test('more than there is room for slows the sender down, and all of it arrives', async (t) => {
  const { near, far, wire } = await through(t)
  wire.block()
  const sent = Buffer.alloc(8 << 20, 'x')
  near.end(sent)
  wire.heal()
  let length = 0
  for await (const chunk of far) length += (chunk as Buffer).length
  assert.equal(length, sent.length)
})
