import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { nodeClock } from '@vivarium/env/node'
import type { StartOptions } from '../../dist/index.js'
import { RecordedLog } from '../standalone/recorded-log.ts'
import { type Standalone, startStandalone, temporaryDirectory } from '../standalone/standalone.ts'
import { fixture, fixtureBytes } from '../tls/fixtures.ts'

const ADMIN = {
  'admin.serverPort': 0,
  'admin.serverAddress': '127.0.0.1',
  'ssl.quorum.keyStore.location': fixture('server.pem'),
  'ssl.quorum.trustStore.location': fixture('ca.pem'),
}
const SECURE = { ...ADMIN, 'admin.forceHttps': 'true' }
const CERTIFIED = { ...SECURE, 'admin.needClientAuth': 'true' }

interface Answer {
  readonly status: number | undefined
  readonly strict: string | undefined
  /** The name that the server has shown; undefined in the clear. */
  readonly name: string | undefined
  readonly text: string
}

interface Asking {
  readonly certificate?: string
  readonly headers?: Record<string, string>
  readonly plain?: boolean
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
}

/** Asks the admin server something, over a connection of its own. */
function ask(standalone: Standalone, path: string, asking: Asking = {}): Promise<Answer> {
  const { certificate, headers = {}, plain = false, maxVersion } = asking
  const shown = certificate === undefined ? {} : { cert: fixtureBytes(certificate), key: fixtureBytes(certificate) }
  const port = standalone.server.http.admin?.port
  const options = {
    host: '127.0.0.1',
    port,
    path,
    headers,
    agent: false,
    ca: fixtureBytes('ca.pem'),
    maxVersion,
    ...shown,
  }
  return new Promise((resolve, reject) => {
    const answered = async (response: IncomingMessage): Promise<void> => {
      const name = plain ? undefined : String((response.socket as TLSSocket).getPeerCertificate().subject.CN)
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += chunk
      resolve({ status: response.statusCode, strict: response.headers['strict-transport-security'], name, text })
    }
    const asked = plain ? plainRequest(options) : request(options)
    asked
      .on('response', (response) => answered(response).catch(reject))
      .on('error', reject)
      .end()
  })
}

const start = (
  t: TestContext,
  settings: Record<string, string | number>,
  env?: StartOptions['env'],
): Promise<Standalone> => startStandalone(t, settings, env)

for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`commands are answered over ${maxVersion}`, async (t) => {
    const { status, strict, name, text } = await ask(await start(t, SECURE), '/commands/ruok', { maxVersion })
    assert.deepEqual([status, strict, name], [200, 'max-age=86400; includeSubDomains', 'localhost'])
    assert.match(text, /"command" : "ruok"/)
  })
}

test('the stores of the admin server may stand in zoo.cfg', async (t) => {
  const inline = (file: string): string => fixtureBytes(file).toString('base64')
  const standalone = await start(t, {
    ...CERTIFIED,
    'ssl.quorum.keyStore.location': '',
    'ssl.quorum.keyStore.inline': inline('server.pem'),
    'ssl.quorum.trustStore.location': '',
    'ssl.quorum.trustStore.inline': inline('ca.pem'),
  })
  assert.equal((await ask(standalone, '/commands/ruok', { certificate: 'alice.pem' })).status, 200)
  await assert.rejects(ask(standalone, '/commands/ruok', { certificate: 'stranger.pem' }))
  const shown = (await ask(standalone, '/commands/initial_configuration', { certificate: 'alice.pem' })).text
  assert.match(shown, /ssl\.quorum\.keyStore\.inline=\(set\)/)
  assert.ok(!shown.includes(inline('server.pem').slice(100, 120)))
})

test('admin.forceHttps leaves nobody in the clear', async (t) => {
  const standalone = await start(t, SECURE)
  await assert.rejects(ask(standalone, '/commands/ruok', { plain: true }), { code: /ECONNRESET|EPIPE/ })
  await standalone.log.until(/^warn: Refused a visitor of the admin server: it does not begin with a TLS handshake/)
  assert.equal((await ask(standalone, '/commands/ruok')).status, 200)
})

test('admin.portUnification takes both, and counts who comes in the clear', async (t) => {
  const standalone = await start(t, { ...ADMIN, 'admin.portUnification': 'true' })
  const inTheClear = await ask(standalone, '/commands/ruok', { plain: true })
  assert.deepEqual([inTheClear.status, inTheClear.strict], [200, undefined])
  assert.equal((await ask(standalone, '/commands/ruok')).strict, 'max-age=86400; includeSubDomains')
  assert.equal(await standalone.metric('insecure_admin_count'), '1')
})

test('the body of a request in the clear comes through whole', async (t) => {
  const standalone = await start(t, { ...ADMIN, 'admin.portUnification': 'true' })
  const base = `http://127.0.0.1:${standalone.server.http.admin?.port}`
  const headers = { authorization: 'digest a:b' }
  const snapshot = await (await fetch(`${base}/commands/snapshot`, { headers })).arrayBuffer()
  const restored = await fetch(`${base}/commands/restore`, { method: 'POST', headers, body: snapshot })
  assert.equal(restored.status, 200)
})

test('with admin.needClientAuth only who has a good certificate is answered', async (t) => {
  const standalone = await start(t, CERTIFIED)
  assert.equal((await ask(standalone, '/commands/ruok', { certificate: 'alice.pem' })).status, 200)
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    await assert.rejects(ask(standalone, '/commands/ruok', { maxVersion }))
    await assert.rejects(ask(standalone, '/commands/ruok', { maxVersion, certificate: 'stranger.pem' }))
  }
  await standalone.log.until(/^warn: Refused a visitor of the admin server/)
})

test('a certificate is an identity for commands that ask for one', async (t) => {
  const headers = { authorization: 'x509' }
  const settings = { ...CERTIFIED, 'authProvider.1': 'org.apache.zookeeper.server.auth.X509AuthenticationProvider' }
  const standalone = await start(t, settings)
  const certified = await ask(standalone, '/commands/snapshot?streaming=false', { certificate: 'alice.pem', headers })
  assert.equal(certified.status, 200)
  const nobody = await start(t, { ...SECURE, 'authProvider.1': settings['authProvider.1'] })
  assert.equal((await ask(nobody, '/commands/snapshot', { headers })).status, 401)
})

test('a new certificate is shown without a restart', async (t) => {
  const store = join(temporaryDirectory(t), 'server.pem')
  copyFileSync(fixture('server.pem'), store)
  const clock = { ...nodeClock, after: (ms: number, fire: () => void) => nodeClock.after(ms / 100, fire) }
  const settings = { ...SECURE, 'ssl.quorum.keyStore.location': store, sslQuorumReloadCertFiles: 'true' }
  const standalone = await start(t, settings, { clock })
  assert.equal((await ask(standalone, '/livez')).name, 'localhost')
  copyFileSync(fixture('renewed.pem'), store)
  await standalone.log.until(/^info: The certificates have been replaced/)
  assert.equal((await ask(standalone, '/livez')).name, 'renewed')
})

test('who has not finished a handshake keeps nobody from stopping the server', async (t) => {
  const standalone = await start(t, SECURE)
  const socket = connect({ host: '127.0.0.1', port: standalone.server.http.admin?.port ?? 0 })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {}).resume()
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  socket.write(Buffer.from([0x16]))
  await ask(standalone, '/livez')
  await standalone.close()
  await closed
})

const MISCONFIGURED: readonly (readonly [settings: Record<string, string | number>, message: RegExp])[] = [
  [
    { ...ADMIN, 'admin.needClientAuth': 'true' },
    /admin\.needClientAuth needs admin\.forceHttps or admin\.portUnification/,
  ],
  [{ 'admin.forceHttps': 'true' }, /ssl\.quorum\.keyStore\.location is not set/],
  [{ ...CERTIFIED, 'ssl.quorum.trustStore.location': '' }, /needs ssl\.quorum\.trustStore\.location/],
]

for (const [settings, message] of MISCONFIGURED) {
  test(`a server does not start: ${message.source}`, async (t) => {
    await assert.rejects(start(t, settings, { log: new RecordedLog() }), message)
  })
}
