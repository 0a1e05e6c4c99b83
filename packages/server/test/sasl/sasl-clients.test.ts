import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { CLIENT_DIGEST_MD5, DigestMd5Client, OpCode, Operation } from '@vivarium/protocol'
import { StartError } from '../../dist/index.js'
import { acl, bytesOf, create, look } from '../protocol/requests.ts'
import type { Answer, TestClient } from '../protocol/test-client.ts'
import { type Standalone, startStandalone, temporaryDirectory } from '../standalone/standalone.ts'

const JAAS = `Server {
  org.apache.zookeeper.server.auth.DigestLoginModule required
  user_super="admin" user_bob="secret" user_root="rootsecret" "user_zk/host@REALM"="kerberos";
};`

const PROVIDER = { 'authProvider.1': 'org.apache.zookeeper.server.auth.SASLAuthenticationProvider' }

function start(t: TestContext, settings: Readonly<Record<string, string>> = {}, jaas = JAAS): Promise<Standalone> {
  const path = join(temporaryDirectory(t), 'jaas.conf')
  writeFileSync(path, jaas)
  return startStandalone(t, { ...PROVIDER, 'java.security.auth.login.config': path, ...settings })
}

const send = (client: TestClient, token: Uint8Array | null): Promise<Answer> =>
  client.askBytes(
    OpCode.sasl,
    bytesOf((w) => w.buffer(token)),
  )

const EMPTY = new Uint8Array(0)

/** Goes through the exchange; returns the last answer. */
async function authenticate(client: TestClient, user: string, password: string): Promise<Answer> {
  const exchange = new DigestMd5Client({ user, password }, CLIENT_DIGEST_MD5, 'Y25vbmNl')
  const challenge = await send(client, EMPTY)
  assert.deepEqual([challenge.code, challenge.zxid], ['OK', 0])
  const answer = await send(client, exchange.respond(challenge.body.buffer() ?? EMPTY))
  const token = answer.body.buffer()
  if (token !== null) assert.equal(exchange.respond(token), null)
  return answer
}

async function identities(client: TestClient): Promise<string[]> {
  const { clientInfo } = await client.get(Operation.whoAmI)
  return (clientInfo ?? []).map((info) => `${info?.authScheme}:${info?.user}`)
}

test('a client that knows the password has an identity that ACLs can name', async (t) => {
  const server = await start(t)
  const [bob, other] = [await server.client(), await server.client()]
  assert.equal((await authenticate(bob, 'bob', 'secret')).code, 'OK')
  assert.deepEqual(await identities(bob), ['ip:127.0.0.1', 'sasl:bob'])
  await bob.do('create', create('/bobs', { acl: [acl(31, 'sasl', 'bob')] }))
  await bob.do('create', create('/own', { acl: [acl(31, 'auth', '')] }))
  for (const path of ['/bobs', '/own']) {
    assert.equal(await bob.code('getData', look(path)), 'OK')
    assert.equal(await other.code('getData', look(path)), 'NOAUTH')
  }
})

for (const [user, password] of [
  ['bob', 'guess'],
  ['eve', 'secret'],
  ['super', ''],
] as const) {
  test(`${user} with the password "${password}" is told so, and closed`, async (t) => {
    const server = await start(t)
    const client = await server.client()
    const answer = await authenticate(client, user, password)
    assert.equal(answer.code, 'AUTHFAILED')
    assert.equal(answer.body.remaining, 0)
    assert.deepEqual(await client.untilClosed(), [])
    assert.equal(await server.metric('auth_failed_count'), '1')
  })
}

test('clients that fail may stay, without an identity', async (t) => {
  const server = await start(t, { allowSaslFailedClients: 'true' })
  const client = await server.client()
  const answer = await authenticate(client, 'bob', 'guess')
  assert.equal(answer.code, 'OK')
  assert.deepEqual(await identities(client), ['ip:127.0.0.1'])
})

const REQUIRED: readonly Readonly<Record<string, string>>[] = [
  { sessionRequireClientSASLAuth: 'true' },
  { 'enforce.auth.enabled': 'true', 'enforce.auth.schemes': 'digest, sasl' },
]

for (const settings of REQUIRED) {
  test(`only those who authenticate are served: ${Object.keys(settings)[0]}`, async (t) => {
    const server = await start(t, { ...settings, allowSaslFailedClients: 'true' })
    const [bob, eve, nobody] = [await server.client(), await server.client(), await server.client()]
    await authenticate(bob, 'bob', 'secret')
    assert.equal(await bob.code('exists', look('/')), 'OK')
    assert.equal((await authenticate(eve, 'bob', 'guess')).code, 'SESSIONCLOSEDREQUIRESASLAUTH')
    assert.deepEqual(await eve.untilClosed(), [])
    assert.equal(await nobody.code('ping'), 'SESSIONCLOSEDREQUIRESASLAUTH')
    assert.deepEqual(await nobody.untilClosed(), [])
  })
}

test('super users may do everything', async (t) => {
  const server = await start(t, {
    superUser: 'bob',
    'superUser.other': 'root',
    'SASLAuthenticationProvider.superPassword': 'another',
  })
  const owner = await server.client()
  await owner.do('create', create('/closed', { acl: [acl(31, 'digest', 'nobody:x')] }))
  const read = async (user: string, password: string): Promise<string> => {
    const client = await server.client()
    await authenticate(client, user, password)
    return client.code('getData', look('/closed'))
  }
  assert.equal(await read('bob', 'secret'), 'OK')
  assert.equal(await read('root', 'rootsecret'), 'OK')
  // Its password is the other one; and it is only above what other SASL users own.
  assert.equal(await read('super', 'another'), 'NOAUTH')
})

test('an id may stand for every SASL user', async (t) => {
  const server = await start(t, { letAnySaslUserDoX: 'anybody' })
  const bob = await server.client()
  await authenticate(bob, 'bob', 'secret')
  await bob.do('create', create('/shared', { acl: [acl(31, 'sasl', 'anybody')] }))
  assert.equal(await bob.code('getData', look('/shared')), 'OK')
})

test('hosts and realms may be left out of ids', async (t) => {
  const server = await start(t, {
    'kerberos.removeHostFromPrincipal': 'true',
    'kerberos.removeRealmFromPrincipal': 'true',
  })
  const client = await server.client()
  await authenticate(client, 'zk/host@REALM', 'kerberos')
  assert.deepEqual(await identities(client), ['ip:127.0.0.1', 'sasl:zk'])
})

test('an exchange is over when it is over', async (t) => {
  const server = await start(t)
  const client = await server.client()
  await authenticate(client, 'bob', 'secret')
  assert.equal((await send(client, EMPTY)).code, 'AUTHFAILED')
})

test('without users for clients no mechanism is offered', async (t) => {
  const server = await start(t, {}, 'QuorumServer { DigestLoginModule required user_a="b"; };')
  const answer = await send(await server.client(), EMPTY)
  assert.equal(answer.code, 'OK')
  assert.equal(answer.body.buffer(), null)
})

for (const [settings, jaas, message] of [
  [{ 'java.security.auth.login.config': '/none' }, JAAS, /=\/none cannot be read: .*ENOENT/],
  [{}, 'Server {', /jaas\.conf: line 1: a login module in Server is expected/],
  [{}, 'Server { a.Krb5LoginModule required; };', /Server does not name its principal/],
  [{ sessionRequireClientSASLAuth: 'true', 'authProvider.1': 'DigestAuthenticationProvider' }, JAAS, /no provider/],
] as const) {
  test(`a server does not start: ${message.source}`, async (t) => {
    await assert.rejects(start(t, settings, jaas), (error) => {
      assert.ok(error instanceof StartError, String(error))
      assert.match(error.message, message)
      return true
    })
  })
}
