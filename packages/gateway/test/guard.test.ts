import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { ask } from './ask.ts'
import { started } from './started.ts'

const gateway = await started({ allowedHosts: ['zk.example.com'], limits: { bodyBytes: 10_000 } })
after(() => gateway[Symbol.asyncDispose]())
const { port, get, put, post } = gateway
await post('/znode?path=/z', { data: 'before' })

const unchanged = async (): Promise<void> => assert.equal((await get('/znode?path=/z')).json.data, 'before')

test('what another site lets a browser send changes nothing', async () => {
  const path = '/api/v1/znode?path=/z'
  const body = { data: 'evil' }
  const foreign: Record<string, string>[] = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  for (const headers of foreign) {
    assert.equal((await ask(port, 'PUT', path, { body, headers })).json.code, 'CrossSite')
    assert.equal((await ask(port, 'DELETE', path, { headers })).json.code, 'CrossSite')
  }
  // What forms and simple requests send: no preflight asks before.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', '']) {
    const { status } = await ask(port, 'PUT', path, { body, headers: { 'content-type': type } })
    assert.ok([400, 415].includes(status), `${type}: ${status}`)
  }
  const preflight = await ask(port, 'OPTIONS', path, { headers: { origin: 'http://evil.example' } })
  assert.equal(preflight.headers['access-control-allow-origin'], undefined)
  await unchanged()
})

test('a name that points here is not enough to be called by it', async () => {
  for (const host of ['evil.example', `evil.example:${port}`]) {
    const answer = await ask(port, 'GET', '/api/v1/znode?path=/z', { headers: { host } })
    assert.deepEqual([answer.status, answer.json.code], [421, 'HostNotAllowed'])
  }
  for (const host of ['zk.example.com', `localhost:${port}`]) {
    assert.equal((await ask(port, 'GET', '/api/v1/znode?path=/z', { headers: { host } })).status, 200)
  }
})

test('input that is too long, or no input, is told so', async () => {
  assert.equal((await put('/znode?path=/z', { data: 'x'.repeat(20_000) })).status, 413)
  assert.equal((await get(`/znode?path=/${'x'.repeat(5000)}`)).status, 400)
  assert.equal((await get(`/znode?path=/${'x'.repeat(100_000)}`)).status, 431)
  assert.equal((await get('/children?path=/&limit=1001')).status, 400)
  assert.equal((await get('/children?path=/&limit=0')).status, 400)
  assert.equal((await put('/znode?path=/z', '{"data":')).status, 400)
  assert.equal((await put('/znode?path=/z', '{"__proto__":{"data":"x"}}')).status, 400)
  for (const path of ['', '/znode', '/znode?path=', '/znode?path=z', '/znode?path=/z/', '/znode?path=/../z', '/%']) {
    const { status } = await get(path)
    assert.ok(status === 400 || status === 404, `${path}: ${status}`)
  }
  const method = await ask(port, 'PATCH', '/api/v1/znode?path=/z')
  assert.deepEqual([method.status, method.headers.allow], [405, 'GET, PUT, POST, DELETE'])
  await unchanged()
})

test('an address whose bytes are no text is no name of a znode', async () => {
  for (const bytes of ['%ff', '%ed%a0%80', '%', '%zz', '%c0%af']) {
    const answer = await post(`/znode?path=/${bytes}`, { data: 'x' })
    assert.deepEqual([answer.status, answer.json.code], [400, 'BadRequest'], bytes)
  }
  assert.deepEqual((await get('/children?path=/')).json.children.map(({ name }: { name: string }) => name).sort(), [
    'z',
    'zookeeper',
  ])
  const packed = await put('/znode?path=/z', { data: 'x' }, { 'content-encoding': 'gzip' })
  assert.deepEqual([packed.status, packed.headers['accept-encoding']], [415, 'identity'])
  await unchanged()
})

test('there is a problem for everything that is answered without a route', async () => {
  for (const path of ['/', '/api', '/api/v2', '/nothing', '/console/', '/api/v1/znodes']) {
    const answer = await ask(port, 'GET', path)
    assert.deepEqual(
      [answer.status, answer.headers['content-type'], answer.json.code],
      [404, 'application/problem+json', 'NotFound'],
      path,
    )
  }
  const long = await get(`/znode?path=/${'x'.repeat(100_000)}`)
  assert.deepEqual([long.headers['content-type'], long.json.status], ['application/problem+json', 431])
})

/** What is answered to bytes, until the connection ends. */
function answerTo(...parts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', (part: string) => {
      text += part
      const next = parts[1]
      if (next !== undefined && text.includes('event: ready')) socket.write(next)
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
    socket.write(parts[0] ?? '')
  })
}

test('bytes that are no request are answered with a problem, and end no more than their connection', async () => {
  for (const bytes of [
    'nonsense\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'PUT /x HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
  ]) {
    const answer = await answerTo(bytes)
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/, bytes)
    assert.match(answer, /content-type: application\/problem\+json/)
    assert.equal(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).status, 400)
  }
  // In the midst of a stream nothing is said: it would be taken for something of the stream.
  const stream = await answerTo(`GET /api/v1/events?path=/z HTTP/1.1\r\nhost: localhost\r\n\r\n`, 'nonsense\r\n\r\n')
  assert.doesNotMatch(stream, /400|problem/)
  await unchanged()
})

test('answers say that they are no pages, and not to be kept', async () => {
  for (const { headers } of [await get('/znode?path=/z'), await get('/znode?path=/none'), await get('/%')]) {
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['cache-control'], 'no-store')
    assert.match(String(headers['content-security-policy']), /^default-src 'none'/)
  }
})

test('a gateway that only reads refuses every write before it looks at it', async () => {
  await using reading = await started({ readOnly: true })
  const { json } = await ask(reading.port, 'GET', '/api/openapi.json')
  let writes = 0
  for (const [path, operations] of Object.entries<Record<string, unknown>>(json.paths)) {
    for (const method of Object.keys(operations).filter((each) => each !== 'get')) {
      writes++
      const answer = await ask(reading.port, method.toUpperCase(), path.replace(/\{\w+\}/, 'x'))
      assert.equal(answer.json.code, 'ReadOnly', `${method} ${path}`)
    }
  }
  assert.ok(writes >= 8)
  assert.equal((await reading.get('/status')).json.writable, false)
})

test('only so many identities are connected, and the longest unused makes room', async () => {
  await using small = await started({ limits: { identities: 2 } })
  for (const user of ['a', 'b', 'c', 'a']) {
    const { authorization } = { authorization: `Basic ${Buffer.from(`${user}:x`).toString('base64')}` }
    assert.equal((await small.get('/whoami', { authorization })).status, 200)
  }
})

test('servers that are away are a problem, not a silence', async () => {
  await using gone = await started({ limits: { requestTimeoutMs: 200 } })
  await gone.server.kill()
  const { status, json } = await gone.get('/znode?path=/z')
  assert.ok(status === 503 || status === 504)
  assert.equal(json.status, status)
  assert.notEqual((await gone.get('/status')).json.state, 'connected')
})

test('every operation is described, with what it answers', async () => {
  const { json } = await ask(port, 'GET', '/api/openapi.json')
  assert.equal(json.openapi, '3.1.0')
  const operations = Object.values<Record<string, { operationId?: string; responses: object }>>(json.paths).flatMap(
    (methods) => Object.values(methods),
  )
  assert.ok(operations.every(({ operationId, responses }) => operationId !== undefined && 'default' in responses))
  const ids = operations.map(({ operationId }) => operationId)
  assert.equal(new Set(ids).size, ids.length)
})
