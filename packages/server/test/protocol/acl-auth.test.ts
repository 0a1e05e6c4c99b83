import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type ACL, digestId, OpCode, Operation, Perm } from '@vivarium/protocol'
import { acl, at, auth, bytesOf, create, encode, look, requestFrame, set, setAcl } from './requests.ts'
import type { TestClient } from './test-client.ts'
import { startTestServer } from './test-server.ts'

const server = await startTestServer({ 'DigestAuthenticationProvider.superDigest': digestId('super:power') })
const others: { close(): Promise<void> }[] = [server]
after(() => Promise.all(others.map((other) => other.close())))

const other = async (properties: Readonly<Record<string, string>>) => {
  const started = await startTestServer(properties)
  others.push(started)
  return started
}

async function authenticated(credentials: string): Promise<TestClient> {
  const client = await server.client()
  await client.do('auth', auth('digest', credentials))
  return client
}

const listOf = async (client: TestClient, path: string) => (await client.get(Operation.getACL, { path })).acl

test('each permission allows what it is for, and nothing else', async () => {
  const owner = await authenticated('owner:secret')
  const client = await server.client()
  const everything = acl(31, 'digest', digestId('owner:secret'))
  const allowed: Record<string, string[]> = {}
  for (const [name, perms] of Object.entries({ ...Perm, NONE: 0 })) {
    const path = `/perm-${name}`
    await owner.do('create', create(path))
    await owner.do('create', create(`${path}/old`))
    await owner.do('setACL', setAcl(path, [everything, acl(perms, 'world', 'anyone')]))
    allowed[name] = []
    for (const [operation, request] of [
      ['getData', look(path)],
      ['getChildren', look(path)],
      ['exists', look(path)],
      ['getACL', { path }],
      ['setData', set(path)],
      ['create', create(`${path}/new`)],
      ['delete', at(`${path}/old`)],
      ['setACL', setAcl(path, [everything])],
    ] as const) {
      const code = await client.code(operation, request)
      assert.ok(code === 'OK' || code === 'NOAUTH', code)
      if (code === 'OK') allowed[name].push(operation)
    }
  }
  const reads = ['getData', 'getChildren', 'exists', 'getACL']
  assert.deepEqual(allowed, {
    READ: reads,
    WRITE: ['setData'],
    CREATE: ['create'],
    DELETE: ['delete'],
    ADMIN: ['getACL', 'setACL'],
    ALL: [...reads, 'setData', 'create', 'delete', 'setACL'],
    NONE: [],
  })
})

test('lists are not inherited', async () => {
  const owner = await authenticated('owner:secret')
  await owner.do('create', create('/closed', { acl: [acl(31, 'digest', digestId('owner:secret'))] }))
  await owner.do('create', create('/closed/open'))
  const client = await server.client()
  assert.equal(await client.code('getData', look('/closed')), 'NOAUTH')
  assert.equal(await client.code('getData', look('/closed/open')), 'OK')
})

test('lists are kept as they were given, without duplicates; bits that mean nothing stay', async () => {
  const client = await server.client()
  const list = [
    acl(31, 'world', 'anyone'),
    acl(1, 'ip', '10.0.0.0/8'),
    acl(-1, 'digest', 'bob:hash'),
    acl(64, 'ip', '::1'),
  ]
  await client.do('create', create('/kept', { acl: [...list, list[0] as ACL, list[2] as ACL] }))
  assert.deepEqual(await listOf(client, '/kept'), list)
})

test('auth stands for all that the connection has authenticated as, but its address', async () => {
  const client = await server.client()
  assert.equal(await client.code('create', create('/auth', { acl: [acl(31, 'auth', '')] })), 'INVALIDACL')
  await client.do('auth', auth('digest', 'bob:secret'))
  await client.do('auth', auth('digest', 'ann:secret'))
  await client.do('create', create('/auth', { acl: [acl(1, 'world', 'anyone'), acl(31, 'auth', 'ignored')] }))
  const [first, ...rest] = (await listOf(client, '/auth')) ?? []
  assert.deepEqual(first, acl(1, 'world', 'anyone'))
  assert.deepEqual(rest.map(({ perms, id }) => `${perms} ${id.scheme} ${id.id}`).sort(), [
    `31 digest ${digestId('ann:secret')}`,
    `31 digest ${digestId('bob:secret')}`,
  ])
})

test('characters beyond the basic plane come back as Java writes them: two surrogates of three bytes each', async () => {
  const client = await server.client()
  await client.do('create', create('/smile'))
  const stored = async (utf8: string) => {
    const request = encode(
      'setACL',
      setAcl('/smile', [acl(31, 'world', 'anyone'), acl(1, 'digest', 'a'.repeat(utf8.length))]),
    )
    await client.do('setACL', Buffer.from(Buffer.from(request).toString('latin1').replace(/a{4,}/, utf8), 'latin1'))
    return Buffer.from((await client.ask('getACL', { path: '/smile' })).body.bytes).toString('latin1')
  }
  assert.ok((await stored('\xf0\x9f\x98\x80:x')).includes('\0\0\0\x08\xed\xa0\xbd\xed\xb8\x80:x'))
  // It does not take them so itself: such bytes are no UTF-8.
  assert.ok((await stored('\xed\xa0\xbd\xed\xb8\x80:x')).includes('\xef\xbf\xbd\xef\xbf\xbd:x'))
})

test('which lists are refused', async () => {
  const client = await authenticated('bob:secret')
  const cases: [readonly ACL[] | null, string][] = [
    [[], 'INVALIDACL'],
    [null, 'INVALIDACL'],
    [[acl(31, 'world', 'somebody')], 'INVALIDACL'],
    [[acl(31, 'super', '')], 'INVALIDACL'],
    [[acl(31, 'sasl', 'bob')], 'INVALIDACL'],
    [[acl(31, 'x509', 'CN=bob')], 'INVALIDACL'],
    [[acl(31, 'ensemble', 'a')], 'INVALIDACL'],
    [[acl(31, null, 'bob')], 'INVALIDACL'],
    [[acl(31, 'digest', 'no colon')], 'INVALIDACL'],
    [[acl(31, 'digest', 'a:b:c')], 'INVALIDACL'],
    [[acl(31, 'digest', 'a:b')], 'OK'],
    [[acl(31, 'ip', '10.0.0.256')], 'INVALIDACL'],
    [[acl(31, 'ip', '10.0.0.1/33')], 'INVALIDACL'],
    [[acl(31, 'ip', '10.0.0')], 'INVALIDACL'],
    [[acl(31, 'ip', '10.0.0.1/32')], 'OK'],
    [[acl(31, 'ip', '::1/129')], 'INVALIDACL'],
    [[acl(31, 'ip', 'fe80::/10')], 'OK'],
    [[acl(31, 'world', 'anyone'), acl(31, 'mine', 'x')], 'INVALIDACL'],
  ]
  for (const [i, [list, code]] of cases.entries()) {
    assert.equal(await client.code('create', create(`/list-${i}`, { acl: list })), code, JSON.stringify(list))
  }
})

test('an address is an identity, and blocks of addresses are matched by their bits', async () => {
  const client = await server.client()
  const cases = [
    ['127.0.0.1', 'OK'],
    ['127.0.0.0/8', 'OK'],
    ['126.0.0.0/7', 'OK'],
    ['128.0.0.0/8', 'NOAUTH'],
    ['0.0.0.0/0', 'OK'],
    ['127.0.0.2', 'NOAUTH'],
    ['::/0', 'NOAUTH'],
  ] as const
  for (const [i, [id, code]] of cases.entries()) {
    await client.do('create', create(`/ip-${i}`, { acl: [acl(1, 'ip', id)] }))
    assert.equal(await client.code('getData', look(`/ip-${i}`)), code, id)
  }
  await client.do('auth', auth('ip', 'whatever'))
  assert.equal((await client.get(Operation.whoAmI)).clientInfo?.length, 1)
})

test('a name and a password are an identity, whatever they are, and hold for what comes behind them', async () => {
  const bob = await authenticated('bob:secret')
  await bob.do('create', create('/bobs', { acl: [acl(31, 'auth', '')] }))
  assert.equal(await (await authenticated('bob:wrong')).code('getData', look('/bobs')), 'NOAUTH')
  const client = await server.client()
  client.connection.send(
    requestFrame(1, OpCode.getData, encode('getData', look('/bobs'))),
    requestFrame(-4, OpCode.auth, encode('auth', auth('digest', 'bob:secret'))),
    requestFrame(2, OpCode.getData, encode('getData', look('/bobs'))),
  )
  const codes: Record<number, string | undefined> = {}
  for (let i = 0; i < 3; i++) {
    const answer = await client.reply()
    if (answer?.xid === -4) assert.deepEqual([answer.zxid, answer.code, answer.body.remaining], [0, 'OK', 0])
    codes[answer?.xid ?? 0] = answer?.code
  }
  assert.equal(codes[2], 'OK')
  for (const odd of ['', ':', 'bob', 'bob:a:b', 'zoë:pässword', '\u{1f600}:x'])
    await client.do('auth', auth('digest', odd))
})

test('who may not administer a list sees no hashes in it', async () => {
  const bob = await authenticated('bob:secret')
  const list = [acl(31, 'digest', digestId('bob:secret')), acl(1, 'world', 'anyone'), acl(1, 'ip', '10.0.0.1')]
  await bob.do('create', create('/redacted', { acl: list }))
  assert.deepEqual(await listOf(bob, '/redacted'), list)
  const seen = await listOf(await server.client(), '/redacted')
  assert.deepEqual(seen, [acl(31, 'digest', 'bob:x'), ...list.slice(1)])
})

test('the superuser may do everything', async () => {
  const bob = await authenticated('bob:secret')
  await bob.do('create', create('/super', { acl: [acl(1, 'auth', '')] }))
  const root = await authenticated('super:power')
  await root.do('setData', set('/super'))
  await root.do('setACL', setAcl('/super', [acl(1, 'digest', 'nobody:x')]))
  await root.do('getData', look('/super'))
  const infos = (await root.get(Operation.whoAmI)).clientInfo ?? []
  assert.deepEqual(infos.map(({ authScheme, user }) => `${authScheme} ${user}`).sort(), [
    'digest super',
    'ip 127.0.0.1',
    'super ',
  ])
  const fake = await authenticated('super:wrong')
  assert.equal(await fake.code('getData', look('/super')), 'NOAUTH')
})

test('auth that fails is answered with AUTHFAILED, and the connection closed', async () => {
  for (const [scheme, credentials] of [
    ['unknown', 'x'],
    ['sasl', 'x'],
    ['x509', 'x'],
    ['super', ''],
    ['world', 'anyone'],
    ['', ''],
    [null, 'x'],
    ['digest', null],
  ] as const) {
    const client = await server.client()
    client.connection.send(requestFrame(-4, OpCode.auth, encode('auth', auth(scheme, credentials))))
    const answers = await client.untilClosed()
    assert.deepEqual(
      answers.map(({ xid, zxid, code }) => [xid, zxid, code]),
      [[-4, 0, 'AUTHFAILED']],
      `${scheme} ${credentials}`,
    )
  }
})

test('an auth or SASL packet that cannot be read closes the connection', async () => {
  for (const opcode of [OpCode.auth, OpCode.sasl]) {
    for (const body of [new Uint8Array(3), bytesOf((w) => w.int(-2)), bytesOf((w) => w.int(1000))]) {
      const client = await server.client()
      client.connection.send(requestFrame(-4, opcode, body))
      assert.deepEqual(await client.untilClosed(), [])
    }
  }
})

test('SASL without a mechanism is answered with success, and nothing to say', async () => {
  const client = await server.client()
  const { code, zxid, body } = await client.ask('sasl', { token: Buffer.from('anything') })
  assert.deepEqual([code, zxid, body.int(), body.remaining], ['OK', 0, -1, 0])
  assert.equal((await client.get(Operation.whoAmI)).clientInfo?.length, 1)
})

test('digest may be another hash, or switched off', async () => {
  const hashed = await other({ 'DigestAuthenticationProvider.digestAlg': 'SHA-256' })
  const client = await hashed.client()
  await client.do('auth', auth('digest', 'bob:secret'))
  await client.do('create', create('/sha256', { acl: [acl(31, 'auth', '')] }))
  assert.deepEqual(await listOf(client, '/sha256'), [acl(31, 'digest', digestId('bob:secret', 'sha256'))])
  const off = await other({ 'DigestAuthenticationProvider.enabled': 'false' })
  const another = await off.client()
  assert.equal(await another.code('create', create('/x', { acl: [acl(31, 'digest', 'a:b')] })), 'INVALIDACL')
  another.connection.send(requestFrame(-4, OpCode.auth, encode('auth', auth('digest', 'bob:secret'))))
  assert.equal((await another.untilClosed())[0]?.code, 'AUTHFAILED')
})

test('skipACL lets everybody do everything', async () => {
  const skipping = await other({ skipACL: 'yes' })
  const client = await skipping.client()
  await client.do('create', create('/skip', { acl: [acl(1, 'digest', 'nobody:x')] }))
  await client.do('setData', set('/skip'))
  await client.do('setACL', setAcl('/skip', [acl(0, 'world', 'anyone')]))
  await client.do('getData', look('/skip'))
  await client.do('setData', set('/zookeeper/config'))
})

test('where authentication is enforced, nothing goes before it', async () => {
  const strict = await other({ 'enforce.auth.enabled': 'true', 'enforce.auth.schemes': 'digest' })
  for (const [opcode, body] of [
    [OpCode.getData, encode('getData', look('/'))],
    [OpCode.ping, new Uint8Array(0)],
    [OpCode.closeSession, new Uint8Array(0)],
  ] as const) {
    const client = await strict.client()
    client.connection.send(requestFrame(3, opcode, body), requestFrame(4, OpCode.exists, encode('exists', look('/'))))
    const answers = await client.untilClosed()
    assert.deepEqual(
      answers.map(({ xid, zxid, code }) => [xid, zxid, code]),
      [[3, 0, 'SESSIONCLOSEDREQUIRESASLAUTH']],
    )
  }
  const client = await strict.client()
  await client.do('auth', auth('digest', 'anybody:x'))
  await client.do('getData', look('/'))
})

test('the scheme ensemble turns away clients that mean another ensemble', async () => {
  const named = await other({
    'authProvider.ensemble': 'org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider',
    ensembleAuthName: 'green,blue',
  })
  for (const name of ['green', 'blue', '']) {
    const client = await named.client()
    await client.do('auth', auth('ensemble', name))
    assert.equal((await client.get(Operation.whoAmI)).clientInfo?.length, 1, 'no identity')
  }
  const client = await named.client()
  client.connection.send(requestFrame(-4, OpCode.auth, encode('auth', auth('ensemble', 'red'))))
  assert.deepEqual(await client.untilClosed(), [])
  const again = await named.client()
  assert.equal(await again.code('create', create('/x', { acl: [acl(31, 'ensemble', 'green')] })), 'INVALIDACL')
})
