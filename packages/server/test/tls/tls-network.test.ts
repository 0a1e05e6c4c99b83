import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import type { Socket, SocketHandler } from '@vivarium/env'
import { createTlsContext, fetchBytes, type Revocation, TlsNetwork } from '@vivarium/env/node'
import { fixtureText } from './fixtures.ts'

/** Does with revocation as it is told. */
class Told implements Revocation {
  readonly shown: string[] = []
  readonly #problem: Promise<string | null>

  constructor(problem: Promise<string | null>) {
    this.#problem = problem
  }

  problemWith(presented: Parameters<Revocation['problemWith']>[0]): Promise<string | null> {
    this.shown.push(presented.map(({ subject }) => subject.split('\n').at(-1)).join(' < '))
    return this.#problem
  }
}

const GOOD = Promise.resolve(null)

function network(revocation: Revocation | null, refused: (reason: string) => void = () => {}): TlsNetwork {
  const server = fixtureText('server.pem')
  const trusted = [fixtureText('ca.pem')]
  const context = createTlsContext({
    certificates: server,
    key: server,
    trusted,
    resumable: false,
    protocols: ['TLSv1.3'],
    ciphers: ['TLS_AES_128_GCM_SHA256'],
  })
  return new TlsNetwork({
    context: () => context,
    revocation: () => revocation,
    clientAuth: 'need',
    plaintext: 'refused',
    dials: 'encrypted',
    handshakeMs: 5000,
    handshakeLimit: null,
    refuseClient: () => null,
    refuseServer: () => null,
    refused,
  })
}

/** Hands on what it is told. */
function handler(told: (what: string) => void): SocketHandler {
  return {
    secured: () => told('secured'),
    data: (bytes, start, end) => told(Buffer.from(bytes.subarray(start, end)).toString()),
    drained() {},
    closed: () => told('closed'),
  }
}

/** One network listens, and the other calls it and says something at once. */
async function meet(t: TestContext, called: TlsNetwork, calling: TlsNetwork) {
  const told: string[] = []
  let wake = (): void => {}
  const listener = await called.listen({ port: 0, host: '127.0.0.1' }, () =>
    handler((what) => {
      told.push(what)
      wake()
    }),
  )
  t.after(() => listener.close())
  const until = async (what: string): Promise<void> => {
    while (!told.includes(what)) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const own: string[] = []
  const socket = await calling.connect(
    { host: '127.0.0.1', port: listener.port, timeoutMs: 5000 },
    handler((what) => own.push(what)),
  )
  t.after(() => socket.destroy())
  socket.write(Buffer.from('at once'), 0, 7)
  return { told, until }
}

test('what a client says before it is clear that it was not revoked waits', async (t) => {
  let clear: (problem: null) => void = () => {}
  const revocation = new Told(
    new Promise((resolve) => {
      clear = resolve
    }),
  )
  const called = network(revocation)
  const { told, until } = await meet(t, called, network(null))
  while (revocation.shown.length === 0) await new Promise(setImmediate)
  assert.deepEqual([told, revocation.shown, called.handshakes], [[], ['CN=localhost < CN=Test authority'], 1])
  clear(null)
  await until('at once')
  assert.deepEqual([told, called.handshakes], [['secured', 'at once'], 0])
})

test('a client that was revoked is told nothing, and says nothing', async (t) => {
  const reasons: string[] = []
  const called = network(new Told(Promise.resolve('it was revoked')), (reason) => reasons.push(reason))
  const { told, until } = await meet(t, called, network(null))
  await until('closed')
  assert.deepEqual([told, reasons, called.handshakes], [['closed'], ['it was revoked'], 0])
})

test('a server that was revoked is not spoken with', async (t) => {
  const revoked = network(new Told(Promise.resolve('it was revoked')))
  await assert.rejects(meet(t, network(null), revoked), /it was revoked/)
  const good = new Told(GOOD)
  const { until } = await meet(t, network(null), network(good))
  await until('at once')
  assert.deepEqual(good.shown, ['CN=localhost < CN=Test authority'])
})

test('nothing is read while reading is paused, and everything afterwards, in its order', async (t) => {
  const sent = Buffer.from(Array.from({ length: 1 << 20 }, (_, i) => i * 7 + (i >> 8)))
  const received: Buffer[] = []
  let paused = false
  let finish = (): void => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const listener = await network(null).listen({ port: 0, host: '127.0.0.1' }, (socket) => ({
    data(bytes, start, end) {
      assert.equal(paused, false)
      received.push(Buffer.from(bytes.subarray(start, end)))
      if (received.reduce((sum, { length }) => sum + length, 0) === sent.length) return finish()
      // What one read from the network brings is several records.
      paused = true
      socket.pause()
      setImmediate(() => {
        paused = false
        socket.resume()
      })
    },
    drained() {},
    closed() {},
  }))
  t.after(() => listener.close())
  const nobody = handler(() => {})
  const socket = await network(null).connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 5000 }, nobody)
  t.after(() => socket.destroy())
  socket.write(sent, 0, sent.length)
  await finished
  assert.ok(Buffer.concat(received).equals(sent))
})

test("the bytes of a write are the caller's own again when it returns true", async (t) => {
  const received: string[] = []
  let wake = (): void => {}
  const listener = await network(null).listen({ port: 0, host: '127.0.0.1' }, () =>
    handler((what) => {
      received.push(what)
      wake()
    }),
  )
  t.after(() => listener.close())
  const nobody = handler(() => {})
  const socket = await network(null).connect({ host: '127.0.0.1', port: listener.port, timeoutMs: 5000 }, nobody)
  t.after(() => socket.destroy())
  const bytes = Buffer.alloc(5)
  for (const text of ['first', 'again', 'third']) {
    bytes.write(text)
    assert.equal(socket.write(bytes, 0, bytes.length), true)
  }
  bytes.fill('x')
  while (received.join('') !== 'securedfirstagainthird') {
    await new Promise<void>((resolve) => {
      wake = resolve
    })
  }
})

test('who sends without end takes turns with others', async (t) => {
  const told: string[] = []
  let wake = (): void => {}
  let spoken = (): void => {}
  let count = 0
  const listener = await network(null).listen({ port: 0, host: '127.0.0.1' }, () => {
    const who = count++ === 0 ? 'greedy' : 'modest'
    return {
      data(_bytes, start, end) {
        if (who === 'greedy') spoken()
        for (let i = start; i < end; i += 1024) told.push(who)
        wake()
      },
      drained() {},
      closed() {},
    }
  })
  t.after(() => listener.close())
  const dial = async (): Promise<Socket> => {
    const options = { host: '127.0.0.1', port: listener.port, timeoutMs: 5000 }
    const nobody = handler(() => {})
    const socket = await network(null).connect(options, nobody)
    t.after(() => socket.destroy())
    return socket
  }
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  const greedy = await dial()
  const modest = await dial()
  const hello = Buffer.from('hello')
  modest.write(hello, 0, hello.length)
  await until(() => told.includes('modest'))
  told.length = 0
  spoken = () => {
    modest.write(hello, 0, hello.length)
    spoken = () => {}
  }
  const much = Buffer.alloc(8 << 20)
  greedy.write(much, 0, much.length)
  await until(() => told.includes('modest'))
  const before = told.indexOf('modest')
  assert.ok(before <= 256, `after ${before} KiB of the other one`)
  await until(() => told.length > 8 << 10)
})

test('what is said about certificates is fetched by HTTP, within limits', async (t) => {
  const server = createServer((request, response): unknown => {
    if (request.url === '/none') return response.writeHead(404).end('no')
    if (request.url === '/elsewhere') return response.writeHead(302, { location: '/' }).end()
    let body = ''
    request.on('data', (piece) => {
      body += piece
    })
    return request.on('end', () => response.end(`${request.method} ${request.headers['content-type'] ?? ''} ${body}`))
  }).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const url = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${path}`
  const text = async (...args: Parameters<typeof fetchBytes>): Promise<string> =>
    Buffer.from(await fetchBytes(...args)).toString()
  assert.equal(await text(url(''), { mostBytes: 100 }), 'GET  ')
  const body = { type: 'a/b', bytes: Buffer.from('question') }
  assert.equal(await text(url(''), { body, mostBytes: 100 }), 'POST a/b question')
  await assert.rejects(text(url(''), { mostBytes: 3 }), /more than 3 bytes/)
  await assert.rejects(text(url('none'), { mostBytes: 100 }), /status 404/)
  await assert.rejects(text(url('elsewhere'), { mostBytes: 100 }), /status 302/)
  await assert.rejects(text('file:///etc/passwd', { mostBytes: 100 }), /not to be had by HTTP/)
  await assert.rejects(text('http://', { mostBytes: 100 }))
  await assert.rejects(text('http://127.0.0.1:1/', { mostBytes: 100 }), /ECONNREFUSED/)
})
