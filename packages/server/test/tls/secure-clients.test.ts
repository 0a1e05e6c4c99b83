import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import tls from 'node:tls'
import { Operation } from '@vivarium/protocol'
import { StartError } from '../../dist/index.js'
import { RawConnection } from '../protocol/raw-connection.ts'
import { create, look } from '../protocol/requests.ts'
import type { TestClient } from '../protocol/test-client.ts'
import { temporaryDirectory } from '../standalone/standalone.ts'
import { fixture, fixtureBytes, PASSWORD } from './fixtures.ts'
import { connector, hasty, SecureServer } from './secure-server.ts'

/** Who the server takes the client for. */
async function identities(client: TestClient): Promise<string[]> {
  const { clientInfo } = await client.get(Operation.whoAmI)
  return (clientInfo ?? []).map((info) => `${info?.authScheme}:${info?.user}`)
}

/** A client that is turned away, at the latest by its first session. */
const refused = (attempt: Promise<TestClient>): Promise<void> => assert.rejects(attempt)

test('a client with a certificate is known by its subject', async (t) => {
  const server = await SecureServer.start(t)
  const client = await server.client('alice.pem')
  assert.deepEqual(await identities(client), ['ip:127.0.0.1', 'x509:CN=alice,OU=ops,O=acme'])
  await client.close()
})

test('TLS 1.3 alone is spoken unless more is enabled, as by Apache', async (t) => {
  const server = await SecureServer.start(t)
  const old = { host: '127.0.0.1', port: server.port, maxVersion: 'TLSv1.2', ca: fixtureBytes('ca.pem') } as const
  const code = await new Promise((resolve) => tls.connect(old).on('error', (error) => resolve(Object(error).code)))
  assert.equal(code, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
})

for (const [protocols, version] of [
  ['TLSv1.2,TLSv1.3', 'TLSv1.3'],
  ['TLSv1.2', 'TLSv1.2'],
] as const) {
  test(`${version} is spoken with ${protocols} enabled`, async (t) => {
    const server = await SecureServer.start(t, { 'ssl.enabledProtocols': protocols, 'ssl.clientAuth': 'none' })
    const socket = tls.connect({ host: '127.0.0.1', port: server.port, ca: fixtureBytes('ca.pem') })
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    assert.equal(socket.getProtocol(), version)
    socket.destroy()
  })
}

for (const [store, trust] of [
  ['server.p12', 'trust.p12'],
  ['server-java.p12', 'trust-openssl.p12'],
  ['server.jks', 'trust.jks'],
  ['encrypted.pem', 'ca.pem'],
] as const) {
  test(`certificates may be in ${store} and ${trust}`, async (t) => {
    const secret = join(temporaryDirectory(t), 'password')
    writeFileSync(secret, `${PASSWORD}\n`)
    const server = await SecureServer.start(t, {
      'ssl.keyStore.location': fixture(store),
      'ssl.keyStore.password': PASSWORD,
      'ssl.trustStore.location': fixture(trust),
      'ssl.trustStore.password': 'the file wins',
      'ssl.trustStore.passwordPath': secret,
    })
    await (await server.client('alice.pem')).close()
  })
}

const UNFIT: readonly (readonly [who: string, certificate: string | null, settings: Record<string, string>])[] = [
  ['has no certificate', null, {}],
  ['has one that nobody trusted vouches for', 'stranger.pem', {}],
  ['has one that nobody trusted vouches for, where none is needed', 'stranger.pem', { 'ssl.clientAuth': 'want' }],
  ['has a revoked one', 'alice.pem', { 'ssl.crl': 'true', 'ssl.trustStore.location': fixture('ca-with-list.pem') }],
  ['is not where its certificate says', 'alice.pem', { 'ssl.clientHostnameVerification': 'true' }],
]

for (const [who, certificate, settings] of UNFIT) {
  test(`a client is refused that ${who}`, async (t) => {
    const server = await SecureServer.start(t, settings)
    await refused(server.client(certificate))
    await server.log.until(/^warn: Refused a client: .*"address":"127\.0\.0\.1"/)
  })
}

test('a certificate is compared with where the client is, if that is asked for', async (t) => {
  const settings = { 'ssl.clientHostnameVerification': 'true' }
  const server = await SecureServer.start(t, settings)
  await (await server.client('server.pem')).close()
})

for (const clientAuth of ['want', 'none']) {
  test(`with clientAuth=${clientAuth} nobody needs a certificate`, async (t) => {
    const server = await SecureServer.start(t, { 'ssl.clientAuth': clientAuth })
    assert.deepEqual(await identities(await server.client(null)), ['ip:127.0.0.1'])
    const known = clientAuth === 'want' ? ['x509:CN=alice,OU=ops,O=acme'] : []
    assert.deepEqual(await identities(await server.client('alice.pem')), ['ip:127.0.0.1', ...known])
  })
}

test('the super user of certificates may do everything', async (t) => {
  const server = await SecureServer.start(t, { 'X509AuthenticationProvider.superUser': 'CN=root,O=acme' })
  const [alice, root] = [await server.client('alice.pem'), await server.client('root.pem')]
  const own = [{ perms: 31, id: { scheme: 'x509', id: 'CN=alice,OU=ops,O=acme' } }]
  await alice.do('create', create('/own', { acl: own }))
  const plain = await server.standalone.client()
  assert.equal(await plain.code('getData', look('/own')), 'NOAUTH')
  assert.equal(await alice.code('getData', look('/own')), 'OK')
  assert.equal(await root.code('getData', look('/own')), 'OK')
  assert.deepEqual(await identities(root), ['ip:127.0.0.1', 'super:', 'x509:CN=root,O=acme'])
})

test('an auth request of the scheme x509 says what the certificate has said', async (t) => {
  const server = await SecureServer.start(t, { 'ssl.clientAuth': 'want' })
  const auth = { type: 0, scheme: 'x509', auth: new Uint8Array(0) }
  assert.equal(await (await server.client('alice.pem')).code('auth', auth), 'OK')
  assert.equal(await (await server.client(null)).code('auth', auth), 'AUTHFAILED')
})

test('a session is taken along to another connection, and the TLS session is, too', async (t) => {
  const server = await SecureServer.start(t)
  const pem = fixtureBytes('alice.pem')
  const options = { host: '127.0.0.1', port: server.port, ca: fixtureBytes('ca.pem'), cert: pem, key: pem }
  const first = tls.connect(options)
  const session = await new Promise<Buffer>((resolve) => first.once('session', resolve))
  first.destroy()
  const second = tls.connect({ ...options, session })
  await new Promise((resolve) => second.once('secureConnect', resolve))
  assert.equal(second.isSessionReused(), true)
  second.destroy()
})

test('what is no handshake is refused at the secure port', async (t) => {
  const server = await SecureServer.start(t)
  const connection = await RawConnection.open(server.port)
  connection.send(Buffer.from('ruok'))
  assert.deepEqual(await connection.untilClosed(), { frames: [], rest: '' })
  await server.log.until(/Refused a client: it does not begin with a TLS handshake/)
})

test('who begins no handshake, or does not finish it, is given up', async (t) => {
  const server = await SecureServer.start(t, { 'ssl.handshakeDetectionTimeoutMillis': 50 })
  const closed = [Buffer.alloc(0), Buffer.from([0x16, 3, 1, 2, 0])].map(async (bytes) => {
    const connection = await RawConnection.open(server.port)
    connection.send(bytes)
    await connection.untilClosed()
  })
  await Promise.all(closed)
})

test('there may be too many handshakes', async (t) => {
  const server = await SecureServer.start(t, { 'netty.server.outstandingHandshake.limit': 1 })
  const half = await RawConnection.open(server.port)
  half.send(Buffer.from([0x16, 3, 1, 2, 0]))
  while ((await server.standalone.metric('outstanding_tls_handshake')) !== '1');
  await refused(server.client('alice.pem'))
  assert.equal(await server.standalone.metric('tls_handshake_exceeded'), '1')
  half.destroy()
  while ((await server.standalone.metric('outstanding_tls_handshake')) !== '0');
  await (await server.client('alice.pem')).close()
})

test('one port takes encrypted and plain connections, if told to', async (t) => {
  const server = await SecureServer.start(t, { 'client.portUnification': 'true' })
  const { port } = server.standalone
  await (await server.client('alice.pem', {}, port)).close()
  await (await server.standalone.client()).close()
  assert.equal(await server.standalone.word('ruok'), 'imok')
  await refused(server.client('stranger.pem', {}, port))
})

test('much goes through an encrypted connection, both ways', async (t) => {
  const server = await SecureServer.start(t)
  const client = await server.client('alice.pem')
  const data = 'x'.repeat(1_000_000)
  await client.do('create', create('/large', { data }))
  for (let i = 0; i < 20; i++) {
    assert.equal((await client.data('/large'))?.length, data.length)
  }
  await client.close()
})

test('four-letter words are answered through TLS', async (t) => {
  const server = await SecureServer.start(t)
  const connection = await RawConnection.over(connector('alice.pem'), { host: '127.0.0.1', port: server.port })
  connection.send(Buffer.from('conf'))
  const { rest } = await connection.untilClosed()
  assert.match(rest, /^secureClientPort=0$/m)
})

test('new certificates are shown to new connections, and old ones stay', async (t) => {
  const directory = temporaryDirectory(t)
  const store = join(directory, 'store.pem')
  copyFileSync(fixture('server.pem'), store)
  const server = await SecureServer.start(
    t,
    { 'ssl.keyStore.location': store, 'client.certReload': 'true' },
    { clock: hasty },
  )
  const client = await server.client('alice.pem')
  assert.equal(await server.nameShown(), 'localhost')
  writeFileSync(store, 'rubbish')
  await server.log.until(/^error: The certificates that have changed are of no use, and the old ones stay/)
  assert.equal(await server.nameShown(), 'localhost')
  copyFileSync(fixture('renewed.pem'), store)
  await server.log.until(/^info: The certificates have been replaced/)
  assert.equal(await server.nameShown(), 'renewed')
  await client.do('create', create('/still'))
  await client.close()
})

const MISCONFIGURED: readonly (readonly [settings: Record<string, string>, message: RegExp])[] = [
  [{ 'ssl.keyStore.location': '' }, /^ssl\.keyStore\.location is not set, nor ssl\.keyStore\.inline$/],
  [{ 'ssl.keyStore.location': '/none.pem' }, /^ssl\.keyStore\.location=\/none\.pem cannot be used: .*ENOENT/],
  [{ 'ssl.keyStore.location': fixture('ca.pem') }, /ca\.pem cannot be used: there is no private key in it$/],
  [{ 'ssl.keyStore.location': fixture('server.p12') }, /server\.p12 cannot be used: the password is wrong/],
  [{ 'ssl.keyStore.type': 'BCFKS' }, /^ssl\.keyStore\.type=BCFKS is not supported/],
  [{ 'ssl.trustStore.location': '' }, /^ssl\.clientAuth=need needs ssl\.trustStore\.location/],
  [{ 'ssl.trustStore.location': fixture('ca.key') }, /there is no trusted certificate in it$/],
  [{ 'ssl.protocol': 'TLSv1' }, /^ssl\.protocol: TLSv1\.2 and TLSv1\.3 are spoken$/],
  [{ 'ssl.ciphersuites': 'TLS_FOO' }, /^ssl\.ciphersuites: TLS_FOO cannot be had$/],
]

for (const [settings, message] of MISCONFIGURED) {
  test(`a server does not start with ${JSON.stringify(settings).replaceAll(fixture(''), '')}`, async (t) => {
    await assert.rejects(SecureServer.start(t, settings), (error) => {
      assert.ok(error instanceof StartError, String(error))
      assert.equal(error.code, 'CONFIG')
      assert.match(error.message, message)
      return true
    })
  })
}

test('a client that leaves in the middle of its handshake leaves nothing behind', async (t) => {
  const server = await SecureServer.start(t)
  const socket = connect({ host: '127.0.0.1', port: server.port }, () => {
    socket.write(Buffer.from([0x16, 3, 1, 2, 0]))
    socket.resetAndDestroy()
  })
  const left = (): Promise<string | undefined> => server.standalone.metric('num_alive_connections')
  // The one that asks is one.
  while ((await left()) !== '1');
  assert.equal(await server.standalone.metric('outstanding_tls_handshake'), '0')
})
