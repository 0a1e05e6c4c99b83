import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { createServerConfig, StartError, startServer } from '../../dist/index.js'
import { acl, setAcl } from '../protocol/requests.ts'
import { RecordedLog } from './recorded-log.ts'
import { startStandalone, temporaryDirectory } from './standalone.ts'

const ADMIN = { 'admin.serverPort': 0, 'admin.serverAddress': '127.0.0.1' }
const PROMETHEUS = {
  'metricsProvider.className': 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
  'metricsProvider.httpHost': '127.0.0.1',
  'metricsProvider.httpPort': 0,
}

test('commands have their JSON in the layout of Java', async (t) => {
  const { server } = await startStandalone(t, ADMIN)
  const response = await fetch(`http://127.0.0.1:${server.http.admin?.port}/commands/wchs`)
  assert.equal(
    await response.text(),
    '{\n  "num_connections" : 0,\n  "num_paths" : 0,\n  "num_total_watches" : 0,\n  "command" : "watch_summary",\n  "error" : null\n}',
  )
})

test('a server that serves is alive and ready', async (t) => {
  const { server } = await startStandalone(t, ADMIN)
  const base = `http://127.0.0.1:${server.http.admin?.port}`
  assert.equal((await fetch(`${base}/livez`)).status, 200)
  assert.equal(await (await fetch(`${base}/readyz`)).text(), 'serving (standalone)\n')
})

test('a snapshot is streamed to who may do everything on the root, and to nobody else', async (t) => {
  const { server } = await startStandalone(t, ADMIN)
  const url = `http://127.0.0.1:${server.http.admin?.port}/commands/snapshot`
  assert.equal((await fetch(url)).status, 401)
  const response = await fetch(url, { headers: { authorization: 'digest user:secret' } })
  const bytes = Buffer.from(await response.arrayBuffer())
  assert.equal(bytes.toString('latin1', 0, 4), 'ZKSN')
  assert.equal(response.headers.get('snapshot_size'), String(bytes.length))
  assert.equal(response.headers.get('last_zxid'), '0x0')
})

test('what is put on the port of the admin server sees every request first, and takes what is its own', async (t) => {
  const { server } = await startStandalone(t, ADMIN)
  const base = `http://127.0.0.1:${server.http.admin?.port}`
  server.http.admin?.extend((request, response) => {
    if (!request.url?.startsWith('/api/')) return false
    response.writeHead(200).end(`${request.method} of another`)
    return true
  })
  assert.equal(await (await fetch(`${base}/api/x`, { method: 'PUT', body: 'x' })).text(), 'PUT of another')
  assert.equal((await fetch(`${base}/livez`)).status, 200)
  assert.equal((await fetch(`${base}/other`)).status, 404)
})

test('who waits for an answer of what was put there is not idle, but who does not send all of a request is', async (t) => {
  const { server } = await startStandalone(t, { ...ADMIN, 'admin.idleTimeout': 1000 })
  const { admin } = server.http
  assert.ok(admin)
  admin.extend((request, response) => {
    request.socket.once('timeout', () => response.end('at last'))
    return true
  })
  assert.equal(await (await fetch(`http://127.0.0.1:${admin.port}/`)).text(), 'at last')
  const socket = connect(admin.port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nnot all')
  let answer = ''
  for await (const bytes of socket) answer += bytes
  assert.equal(answer, '')
})

test('where a proxy is to be believed, who asks is the last address that it names', async (t) => {
  const standalone = await startStandalone(t, {
    ...ADMIN,
    'IPAuthenticationProvider.usexforwardedfor': 'true',
  })
  const { server } = standalone
  const client = await standalone.client()
  await client.do('setACL', setAcl('/', [acl(31, 'ip', '10.1.2.3')]))
  const status = async (forwarded?: string): Promise<number> => {
    const headers = { Authorization: 'ip', ...(forwarded === undefined ? {} : { 'X-Forwarded-For': forwarded }) }
    return (await fetch(`http://127.0.0.1:${server.http.admin?.port}/commands/snapshot`, { headers })).status
  }
  assert.equal(await status(), 403)
  assert.equal(await status('10.1.2.3, 10.9.9.9'), 403)
  assert.equal(await status('10.9.9.9 , 10.1.2.3'), 200)
})

test('commands go where admin.commandURL says', async (t) => {
  const { server } = await startStandalone(t, { ...ADMIN, 'admin.commandURL': '/zk/' })
  const base = `http://127.0.0.1:${server.http.admin?.port}`
  assert.equal((await fetch(`${base}/zk/ruok`)).status, 200)
  assert.equal((await fetch(`${base}/commands/ruok`)).status, 404)
})

test('metrics for Prometheus have their types, and outlive srst', async (t) => {
  const standalone = await startStandalone(t, PROMETHEUS)
  const url = `http://127.0.0.1:${standalone.server.http.metrics?.port}/metrics`
  const client = await standalone.client()
  await standalone.word('srst')
  const text = await (await fetch(url)).text()
  assert.match(text, /^# TYPE connection_request_count counter\nconnection_request_count 1$/m)
  assert.match(text, /^# TYPE readlatency summary\nreadlatency\{quantile="0.5"\} \S+$/m)
  assert.match(text, /^vivarium_ready 1$/m)
  assert.match(text, /^process_resident_memory_bytes \d+$/m)
  await client.close()
})

test('a port in use ends the start only where the admin server was asked for', async (t) => {
  const occupant = createServer().listen(0, '127.0.0.1')
  await once(occupant, 'listening')
  t.after(() => occupant.close())
  const { port } = occupant.address() as { port: number }
  const asked = createServerConfig({ dataDir: temporaryDirectory(t), clientPort: null, adminServerPort: port })
  await assert.rejects(
    startServer({ config: asked, env: { log: new RecordedLog() } }),
    (error) => error instanceof StartError && error.code === 'ADMIN' && error.exitCode === 4,
  )
  const log = new RecordedLog()
  const server = await startServer({
    config: { ...asked, adminServerAsked: false },
    env: { log },
    adminByDefault: true,
  })
  t.after(() => server.close())
  assert.equal(server.http.admin, null)
  assert.equal(server.server.serving, true)
})

test('unless told otherwise the admin server listens for this machine only', () => {
  assert.equal(createServerConfig({ dataDir: '/data' }).adminServerAddress, '127.0.0.1')
  assert.equal(createServerConfig({ dataDir: '/data' }).adminServerAsked, false)
})
