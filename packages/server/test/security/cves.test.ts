import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { certifies } from '@vivarium/env/node'
import { digestId, Operation, Perm } from '@vivarium/protocol'
import { createServerConfig, loadConfig } from '../../dist/index.js'
import { parseAuthToLocal } from '../../dist/sasl/auth-to-local.js'
import { authorizationId } from '../../dist/sasl/authorization-id.js'
import { acl, at, auth, create, look, set, setAcl } from '../protocol/requests.ts'
import { type Standalone, startStandalone } from '../standalone/standalone.ts'
import { fixtureText } from '../tls/fixtures.ts'

/** What must not be seen anywhere; also fit for a store in base64. */
const CANARY = 'c4nary+secret'
const ADMIN = { 'admin.serverPort': 0, 'admin.serverAddress': '127.0.0.1' }

const adminUrl = ({ server }: Standalone, path: string): string =>
  `http://127.0.0.1:${server.http.admin?.port}/commands/${path}`

test('CVE-2014-0085, CVE-2026-24308: secrets are neither logged nor told', async (t) => {
  const secrets = {
    'DigestAuthenticationProvider.superDigest': `super:${CANARY}`,
    'SASLAuthenticationProvider.superPassword': CANARY,
    'ssl.keyStore.inline': CANARY,
    'ssl.trustStore.inline': CANARY,
    'ssl.quorum.keyStore.inline': CANARY,
    'ssl.quorum.trustStore.inline': CANARY,
    'ssl.keyStore.password': CANARY,
    'ssl.trustStore.password': CANARY,
    'ssl.quorum.keyStore.password': CANARY,
    'ssl.quorum.trustStore.password': CANARY,
    // Written as nobody reads it.
    'zookeeper.ssl.keyStore.inline': CANARY,
    'ssl.keystore.pasword': CANARY,
  }
  const lines = Object.entries(secrets).map(([key, value]) => `${key}=${value}\n`)
  const loaded = loadConfig({ path: 'zoo.cfg', text: `dataDir=/data\nclientPort=1\n${lines.join('')}` })
  assert.ok(!JSON.stringify([loaded.entries, loaded.messages, loaded.config?.initialConfig]).includes(CANARY))

  const server = await startStandalone(t, { ...ADMIN, ...secrets })
  const client = await server.client()
  await client.do('auth', auth('digest', `user:${CANARY}`))
  await client.ask('auth', auth('nonsense', CANARY))
  for (const command of ['configuration', 'initial_configuration', 'environment', 'system_properties', 'connections']) {
    assert.ok(!(await (await fetch(adminUrl(server, command))).text()).includes(CANARY), command)
  }
  for (const word of ['conf', 'envi', 'cons']) assert.ok(!(await server.word(word)).includes(CANARY), word)
  assert.ok(!server.log.lines.join('\n').includes(CANARY))
})

test('CVE-2017-5637: words that cost much are off unless they are asked for', () => {
  const { fourLetterWords } = createServerConfig({})
  assert.deepEqual(
    fourLetterWords.filter((word) => word !== 'srvr'),
    [],
  )
})

test('CVE-2019-0201: who may not change a list sees no hash in it', async (t) => {
  const server = await startStandalone(t)
  const owner = await server.client()
  await owner.do('auth', auth('digest', 'owner:secret'))
  const hash = digestId('owner:secret')
  await owner.do('create', create('/read', { acl: [acl(31, 'digest', hash), acl(Perm.READ, 'world', 'anyone')] }))
  await owner.do('create', create('/none', { acl: [acl(31, 'digest', hash), acl(Perm.WRITE, 'world', 'anyone')] }))
  const client = await server.client()
  const { acl: shown } = await client.get(Operation.getACL, { path: '/read' })
  assert.equal(shown?.[0]?.id.id, 'owner:x')
  assert.equal(await client.code('getACL', { path: '/none' }), 'NOAUTH')
  assert.equal((await owner.get(Operation.getACL, { path: '/read' })).acl?.[0]?.id.id, hash)
})

test('CVE-2023-44981: a name without a part is no other name', () => {
  const toLocal = parseAuthToLocal('DEFAULT') ?? []
  const rules = { removeHost: true, removeRealm: true, realm: null, toLocal }
  for (const name of ['eve@EVIL', 'zookeeper//@X', '@', 'zookeeper@a@b', '/zk1@REALM']) {
    assert.notEqual(authorizationId(name, rules), 'zookeeper', name)
  }
})

test('CVE-2024-23944: watches tell nothing of what cannot be read', async (t) => {
  const server = await startStandalone(t)
  const [owner, spy] = [await server.client(), await server.client()]
  await owner.do('auth', auth('digest', 'owner:secret'))
  const own = [acl(31, 'digest', digestId('owner:secret'))]
  await owner.do('create', create('/tree'))
  // Persistent and recursive, and the older kinds, on what is there and what is not.
  await spy.do('addWatch', { path: '/tree', mode: 1 })
  await spy.do('addWatch', { path: '/tree/secret', mode: 0 })
  await spy.ask('exists', look('/tree/secret', true))
  await owner.do('create', create('/tree/secret', { acl: own }))
  await owner.do('setData', set('/tree/secret'))
  await owner.do('create', create('/tree/secret/below', { acl: own }))
  await owner.do('delete', at('/tree/secret/below'))
  await owner.do('setACL', setAcl('/tree/secret', own))
  await owner.do('delete', at('/tree/secret'))
  assert.deepEqual(
    (await spy.events()).filter((event) => event.includes('/tree/')),
    [],
  )
  await owner.do('create', create('/tree/open'))
  assert.deepEqual(await spy.events(), ['NodeCreated /tree/open'])
})

test('CVE-2024-51504: the admin server believes no header about where a request comes from', async (t) => {
  const server = await startStandalone(t, ADMIN)
  const client = await server.client()
  await client.do('setACL', setAcl('/', [acl(31, 'ip', '10.1.2.3'), acl(Perm.ADMIN, 'world', 'anyone')]))
  for (const header of ['X-Forwarded-For', 'X-Real-IP', 'Forwarded', 'X-Client-IP']) {
    const headers = { Authorization: 'ip', [header]: header === 'Forwarded' ? 'for=10.1.2.3' : '10.1.2.3' }
    assert.equal((await fetch(adminUrl(server, 'snapshot'), { headers })).status, 403, header)
  }
})

test('CVE-2026-24281: a certificate is for what it names, whatever DNS says of an address', () => {
  const text = fixtureText('elsewhere.pem')
  const { raw } = new X509Certificate(text.slice(text.indexOf('-----BEGIN CERT')))
  assert.equal(certifies(raw, 'elsewhere.example'), true)
  // Its common name is localhost, which is what the reverse lookup says of 127.0.0.1.
  for (const host of ['localhost', '127.0.0.1', '::1', '[::1]']) assert.equal(certifies(raw, host), false, host)
  // Nor does a common name count where there is no other.
  const alice = fixtureText('alice.pem')
  const { raw: unnamed, subject } = new X509Certificate(alice.slice(alice.indexOf('-----BEGIN CERT')))
  assert.match(subject, /^CN=alice$/m)
  assert.equal(certifies(unnamed, 'alice'), false)
})

test('CVE-2025-58457: snapshot and restore need every permission', async (t) => {
  const server = await startStandalone(t, { ...ADMIN, 'admin.rateLimiterIntervalInMS': 0 })
  const client = await server.client()
  await client.do('auth', auth('digest', 'admin:secret'))
  const ask = async (command: string, method: string): Promise<number> => {
    const headers = { Authorization: 'digest admin:secret' }
    return (await fetch(adminUrl(server, command), { method, headers })).status
  }
  const grant = (perms: number): Promise<void> => {
    const id = digestId('admin:secret')
    return client.do('setACL', setAcl('/', [acl(perms | Perm.ADMIN, 'auth', ''), acl(perms, 'digest', id)]))
  }
  for (const missing of [Perm.READ, Perm.WRITE, Perm.CREATE, Perm.DELETE]) {
    await grant(Perm.ALL & ~missing)
    assert.equal(await ask('snapshot', 'GET'), 403, `snapshot without ${missing}`)
    assert.equal(await ask('restore', 'POST'), 403, `restore without ${missing}`)
  }
  await grant(Perm.ALL)
  assert.equal(await ask('snapshot?streaming=false', 'GET'), 200)
  assert.equal((await fetch(adminUrl(server, 'snapshot'))).status, 401)
})
