import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { nodeClock } from '@vivarium/env/node'
import { Operation } from '@vivarium/protocol'
import { type ConfigValues, createServerConfig, StartError, startServer } from '../../dist/index.js'
import { create } from '../protocol/requests.ts'
import { TestClient } from '../protocol/test-client.ts'
import { RecordedLog } from '../standalone/recorded-log.ts'
import { temporaryDirectory } from '../standalone/standalone.ts'
import { fixture, fixtureBytes, fixtureText, PASSWORD } from './fixtures.ts'
import { connector, hasty, SecureServer } from './secure-server.ts'

const NO_FILES = { 'ssl.keyStore.location': '', 'ssl.trustStore.location': '' }
const escaped = (file: string): string => fixtureText(file).trim().replaceAll('\n', '\\n')
const base64 = (file: string): string => fixtureBytes(file).toString('base64')
const PEM = { ...NO_FILES, 'ssl.keyStore.inline': escaped('server.pem'), 'ssl.trustStore.inline': escaped('ca.pem') }

const STORES: Readonly<Record<string, Record<string, string>>> = {
  PEM,
  'locked PEM': { ...PEM, 'ssl.keyStore.inline': escaped('encrypted.pem'), 'ssl.keyStore.password': PASSWORD },
  'PKCS#12': {
    ...NO_FILES,
    'ssl.keyStore.inline': base64('server.p12'),
    'ssl.keyStore.password': PASSWORD,
    'ssl.trustStore.inline': base64('trust.p12'),
    'ssl.trustStore.password': PASSWORD,
  },
  JKS: {
    ...NO_FILES,
    'ssl.keyStore.inline': base64('server.jks'),
    'ssl.keyStore.password': PASSWORD,
    'ssl.trustStore.inline': base64('trust.jks'),
    'ssl.trustStore.password': PASSWORD,
  },
}

for (const [kind, settings] of Object.entries(STORES)) {
  test(`${kind} may stand in zoo.cfg`, async (t) => {
    const server = await SecureServer.start(t, settings)
    const client = await server.client('alice.pem')
    const { clientInfo } = await client.get(Operation.whoAmI)
    assert.equal(clientInfo?.[1]?.user, 'CN=alice,OU=ops,O=acme')
    await client.close()
    await assert.rejects(server.client('stranger.pem'))
  })
}

test('the password of a store in zoo.cfg may be in a file', async (t) => {
  const passwordPath = join(temporaryDirectory(t), 'password')
  writeFileSync(passwordPath, `${PASSWORD}\n`)
  const settings = { ...PEM, 'ssl.keyStore.inline': base64('server.jks'), 'ssl.keyStore.passwordPath': passwordPath }
  await (await (await SecureServer.start(t, settings)).client('alice.pem')).close()
})

test('revoked certificates may be listed in zoo.cfg', async (t) => {
  const settings = { ...PEM, 'ssl.trustStore.inline': escaped('ca-with-list.pem'), 'ssl.crl': 'true' }
  const server = await SecureServer.start(t, settings)
  await assert.rejects(server.client('alice.pem'))
  await server.log.until(/^warn: Refused a client: .*revoked/)
})

const PROGRAM: Readonly<Record<string, ConfigValues>> = {
  texts: { clientTlsKeyStoreInline: fixtureText('server.pem'), clientTlsTrustStoreInline: fixtureText('ca.pem') },
  bytes: {
    clientTlsKeyStoreInline: fixtureBytes('server.p12'),
    clientTlsKeyStorePassword: PASSWORD,
    clientTlsTrustStoreInline: new Uint8Array(fixtureBytes('ca.pem')),
  },
}

for (const [kind, stores] of Object.entries(PROGRAM)) {
  test(`a program may give stores as ${kind}`, async (t) => {
    const common = { dataDir: temporaryDirectory(t), clientPort: 0, clientPortAddress: '127.0.0.1' }
    const secure = { secureClientPort: 0, secureClientPortAddress: '127.0.0.1' }
    const config = createServerConfig({ ...common, ...secure, ...stores })
    const server = await startServer({ config, env: { log: new RecordedLog() } })
    t.after(() => server.close())
    const address = { host: '127.0.0.1', port: server.secureAddress?.port ?? 0 }
    const client = await TestClient.over(connector('alice.pem'), address)
    await client.do('create', create('/x'))
    await client.close()
  })
}

test('a file is read again beside a store in zoo.cfg', async (t) => {
  const store = join(temporaryDirectory(t), 'store.pem')
  copyFileSync(fixture('server.pem'), store)
  const settings = { ...PEM, 'ssl.keyStore.inline': '', 'ssl.keyStore.location': store, 'client.certReload': 'true' }
  const server = await SecureServer.start(t, settings, { clock: hasty })
  assert.equal(await server.nameShown(), 'localhost')
  copyFileSync(fixture('renewed.pem'), store)
  await server.log.until(/^info: The certificates have been replaced/)
  assert.equal(await server.nameShown(), 'renewed')
  await (await server.client('alice.pem')).close()
})

test('nothing is looked at again where nothing is a file', async (t) => {
  const asked: string[] = []
  const clock = {
    ...nodeClock,
    after(ms: number, fire: () => void) {
      asked.push(`${ms}`)
      return nodeClock.after(ms, fire)
    },
  }
  await SecureServer.start(t, { 'client.certReload': 'true' }, { clock })
  assert.ok(asked.includes('2000'))
  asked.length = 0
  await SecureServer.start(t, { ...PEM, 'client.certReload': 'true' }, { clock })
  assert.ok(!asked.includes('2000'))
})

const torn = fixtureText('server.pem').replace(/(PRIVATE KEY-----\n)./, '$1!')
const wrongKey = fixtureText('server.pem').replace(/(PRIVATE KEY-----\n.{20})..../, '$1AAAA')

const UNFIT: readonly (readonly [what: string, settings: Record<string, string>, message: RegExp])[] = [
  ['no store', NO_FILES, /^ssl\.keyStore\.location is not set, nor ssl\.keyStore\.inline$/],
  [
    'a file besides',
    { ...PEM, 'ssl.keyStore.location': fixture('server.pem') },
    /^ssl\.keyStore\.inline is set, and so is ssl\.keyStore\.location: a store is in one place$/,
  ],
  [
    'garbage',
    { ...PEM, 'ssl.keyStore.inline': 'aGVsbG8=' },
    /^ssl\.keyStore\.inline cannot be used: it is neither PEM/,
  ],
  [
    'a path',
    { ...PEM, 'ssl.keyStore.inline': '/etc/server.pem' },
    /^ssl\.keyStore\.inline: what is there is not allowed/,
  ],
  ['a torn key', { ...PEM, 'ssl.keyStore.inline': torn.replaceAll('\n', '\\n') }, /there is no private key in it$/],
  [
    'a damaged key',
    { ...PEM, 'ssl.keyStore.inline': wrongKey.replaceAll('\n', '\\n') },
    /^ssl\.keyStore\.inline cannot/,
  ],
  ['a wrong password', { ...STORES.JKS, 'ssl.keyStore.password': 'x' }, /inline cannot be used: .*password/],
  [
    'no authority',
    { ...PEM, 'ssl.trustStore.inline': '' },
    /^ssl\.clientAuth=need needs ssl\.trustStore\.location or \.inline/,
  ],
  ['a key alone to believe', { ...PEM, 'ssl.trustStore.inline': escaped('ca.key') }, /no trusted certificate in it$/],
  ['a type that is not known', { ...PEM, 'ssl.keyStore.type': 'BCFKS' }, /^ssl\.keyStore\.type=BCFKS is not supported/],
]

for (const [what, settings, message] of UNFIT) {
  test(`a server does not start with ${what}, and shows nothing of it`, async (t) => {
    await assert.rejects(SecureServer.start(t, settings), (error: Error) => {
      assert.match(error.message, message)
      const said = error.stack + JSON.stringify(error) + String((error.cause as Error | undefined)?.stack)
      for (const part of [settings['ssl.keyStore.inline'], settings['ssl.trustStore.inline']]) {
        const middle = part?.slice(60, 90)
        assert.ok(!middle || !said.includes(middle))
      }
      return true
    })
  })
}

test('a program may not give a store twice', async (t) => {
  const stores = {
    clientTlsKeyStoreInline: fixtureText('server.pem'),
    clientTlsKeyStoreLocation: fixture('server.pem'),
  }
  const config = createServerConfig({ dataDir: temporaryDirectory(t), secureClientPort: 0, ...stores })
  await assert.rejects(startServer({ config, env: { log: new RecordedLog() } }), (error) => {
    assert.ok(error instanceof StartError)
    assert.equal(error.code, 'CONFIG')
    assert.match(error.message, /^ssl\.keyStore\.inline is set, and so is/)
    return true
  })
})
