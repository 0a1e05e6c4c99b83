import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePort, Link, type SingleServer, startServer } from '@vivarium/testing'
import { ZooKeeper, type ZooKeeperOptions } from '../../dist/index.js'

type Tls = NonNullable<ZooKeeperOptions['tls']>

/** Keys and certificates of the server's tests, and what opens them. */
const FIXTURES = fileURLToPath(new URL('../../../server/test/tls/fixtures/', import.meta.url))
const PASSWORD = 'changeit'
const fixture = (name: string): string => join(FIXTURES, name)

let server: SingleServer
let port: number

before(async () => {
  port = await freePort()
  server = await startServer({
    config: {
      secureClientPort: String(port),
      'ssl.keyStore.location': fixture('server.pem'),
      'ssl.trustStore.location': fixture('ca.pem'),
    },
  })
})

after(() => server.close())

/** Whom the servers take the client for by its certificate. */
async function subject(zk: ZooKeeper): Promise<string | undefined> {
  return (await zk.whoAmI()).find(({ scheme }) => scheme === 'x509')?.user
}

for (const [how, tls, user] of [
  ['PEM', { certFile: fixture('alice.pem'), keyFile: fixture('alice.pem') }, 'CN=alice,OU=ops,O=acme'],
  ['PKCS#12', { pfxFile: fixture('server.p12'), passphrase: PASSWORD }, 'CN=localhost,OU=zoo,O=acme'],
  [
    'PKCS#12 in memory',
    { pfx: readFileSync(fixture('server-3des.p12')), passphrase: PASSWORD },
    'CN=localhost,OU=zoo,O=acme',
  ],
] satisfies [string, Tls, string][]) {
  test(`a client shows its certificate, from ${how}`, async () => {
    await using zk = await ZooKeeper.connect(`localhost:${port}`, { tls: { caFile: fixture('ca.pem'), ...tls } })
    assert.equal(await subject(zk), user)
  })
}

/** Why the first attempt to connect fails. */
async function refusal(tls: Tls): Promise<string> {
  const name = 'refused'
  let listener: (message: unknown) => void = () => {}
  const told = new Promise<string>((resolve) => {
    listener = (message) => {
      const { client, cause } = message as { client: string; cause: Error }
      if (client === name) resolve(cause.message)
    }
  })
  subscribe('vivarium:client:disconnect', listener)
  const zk = new ZooKeeper(`localhost:${port}`, { name, tls })
  try {
    return await told
  } finally {
    unsubscribe('vivarium:client:disconnect', listener)
    await zk.close()
  }
}

test('a server is believed only with a certificate that one who is trusted has signed, for its name', async () => {
  const own = { certFile: fixture('alice.pem'), keyFile: fixture('alice.pem') }
  assert.match(await refusal(own), /unable to (get|verify)|self-signed/)
  assert.match(await refusal({ ...own, caFile: fixture('other-ca.pem') }), /unable to (get|verify)|self-signed/)
  const trusting = { ...own, caFile: fixture('ca.pem') }
  assert.match(await refusal({ ...trusting, serverName: 'elsewhere.example' }), /elsewhere\.example/)
  assert.match(await refusal({ ...trusting, certFile: fixture('none.pem') }), /ENOENT/)
  const anyName = { ...trusting, serverName: 'elsewhere.example', verifyHostname: false }
  await using zk = await ZooKeeper.connect(`localhost:${port}`, { tls: anyName })
  assert.equal(await subject(zk), 'CN=alice,OU=ops,O=acme')
})

test('a certificate that is replaced is shown on the next connection, in the same session', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'vivarium-tls-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const own = join(folder, 'own.pem')
  copyFileSync(fixture('alice.pem'), own)
  await using link = await Link.start(new Map([[1, port]]))
  const tls = { caFile: fixture('ca.pem'), certFile: own, keyFile: own }
  await using zk = await ZooKeeper.connect(link.connectString, { tls })
  const { session } = zk
  assert.equal(await subject(zk), 'CN=alice,OU=ops,O=acme')
  copyFileSync(fixture('root.pem'), own)
  link.cut()
  assert.equal(await subject(zk), 'CN=root,O=acme')
  assert.equal(zk.session, session)
})
