import assert from 'node:assert/strict'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { AuditRecord } from '@vivarium/core'
import { KeeperOp } from '@vivarium/protocol'
import { auditLine } from '../../dist/audit/audit-line.js'
import { StartError } from '../../dist/index.js'
import { acl, at, auth, bytesOf, create, encode, multi, set, setAcl } from '../protocol/requests.ts'
import { type Standalone, startStandalone, temporaryDirectory } from '../standalone/standalone.ts'

async function start(
  t: TestContext,
  settings: Readonly<Record<string, string>> = {},
): Promise<{ server: Standalone; file: string }> {
  const file = join(temporaryDirectory(t), 'audit.log')
  return { server: await startStandalone(t, { 'audit.enable': 'true', 'audit.file': file, ...settings }), file }
}

const SERVER = userInfo().username

/** What a client did, as Apache 3.9.5 writes it; `SESSION` stands for its session. */
const EXPECTED = `
user=${SERVER}	operation=serverStart	result=success
session=SESSION	user=127.0.0.1	ip=127.0.0.1	operation=create	znode=/a	znode_type=persistent	result=success
session=SESSION	user=127.0.0.1,bob	ip=127.0.0.1	operation=create	znode=/a/n-0000000000	znode_type=ephemeral_sequential	result=success
session=SESSION	user=127.0.0.1,bob	ip=127.0.0.1	operation=create	znode=/none/x	znode_type=persistent	result=failure
session=SESSION	user=127.0.0.1,bob	ip=127.0.0.1	operation=setData	znode=/a	result=success
session=SESSION	user=127.0.0.1,bob	ip=127.0.0.1	operation=setData	znode=/a	result=failure
session=SESSION	user=127.0.0.1,bob	ip=127.0.0.1	operation=setAcl	znode=/a	acl=world:anyone:cdrwaip:10.0.0.1:r	result=success
session=SESSION	user=127.0.0.1,bob	ip=127.0.0.1	operation=create	znode=/m	znode_type=persistent	result=success
session=SESSION	user=127.0.0.1,bob	ip=127.0.0.1	operation=setData	znode=/m	result=success
session=SESSION	user=127.0.0.1,bob	ip=127.0.0.1	operation=delete	znode=/m	result=success
session=SESSION	user=127.0.0.1,bob	ip=127.0.0.1	operation=multiOperation	result=failure
session=SESSION	user=127.0.0.1,bob	ip=127.0.0.1	operation=delete	znode=/b	result=failure
session=SESSION	user=${SERVER}	operation=ephemeralZNodeDeletionOnSessionCloseOrExpire	znode=/a/n-0000000000	result=success
user=${SERVER}	operation=serverStop	result=invoked
`.trim()

async function act(server: Standalone): Promise<string> {
  const client = await server.client()
  await client.do('create', create('/a'))
  await client.do('auth', auth('digest', 'bob:secret'))
  await client.do('create', create('/a/n-', { flags: 3 }))
  assert.equal(await client.code('create', create('/none/x')), 'NONODE')
  await client.do('setData', set('/a'))
  assert.equal(await client.code('setData', set('/a', 'x', 7)), 'BADVERSION')
  await client.do('setACL', setAcl('/a', [acl(31, 'world', 'anyone'), acl(1, 'ip', '10.0.0.1')]))
  await client.do('multi', multi(['create', create('/m')], ['setData', set('/m')], ['delete', at('/m')]))
  await client.ask('multi', multi(['create', create('/m')], ['delete', at('/b')]))
  assert.equal(await client.code('delete', at('/b')), 'NONODE')
  // Reads are not audited.
  await client.children('/')
  const { sessionId } = client.session
  await client.close()
  return `0x${sessionId.toString(16)}`
}

test('who changes what is written down as Apache does it', async (t) => {
  const { server, file } = await start(t)
  const session = await act(server)
  await server.close()
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  const front = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (INFO|ERROR) o\.a\.z\.a\.Slf4jAuditLogger: /
  for (const line of lines) assert.equal(front.exec(line)?.[1], line.endsWith('failure') ? 'ERROR' : 'INFO')
  const texts = lines.map((line) => line.replace(front, '').replaceAll(session, 'SESSION'))
  assert.deepEqual(texts, EXPECTED.split('\n'))
})

test('the file may be JSON', async (t) => {
  const { server, file } = await start(t, { 'audit.format': 'json' })
  const session = await act(server)
  await server.close()
  const entries = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.equal(entries.length, EXPECTED.split('\n').length)
  const { time, ...second } = entries[1]
  assert.ok(Date.parse(time) > 0)
  assert.deepEqual(second, {
    level: 'info',
    session,
    user: '127.0.0.1',
    ip: '127.0.0.1',
    operation: 'create',
    znode: '/a',
    znode_type: 'persistent',
    result: 'success',
  })
})

test('without a file it is among the other messages', async (t) => {
  const server = await startStandalone(t, { 'audit.enable': 'true' })
  await (await server.client()).do('create', create('/a'))
  await server.log.until(/^info: audit: session=0x.*operation=create\tznode=\/a\tznode_type=persistent\tresult=success/)
})

test('a file is gone on with, and may be emptied', async (t) => {
  const file = join(temporaryDirectory(t), 'audit.log')
  writeFileSync(file, 'before\n')
  const server = await startStandalone(t, { 'audit.enable': 'true', 'audit.file': file })
  const client = await server.client()
  await client.do('create', create('/a'))
  while (!readFileSync(file, 'utf8').includes('znode=/a')) await new Promise((resolve) => setImmediate(resolve))
  assert.match(readFileSync(file, 'utf8'), /^before\n/)
  truncateSync(file)
  await client.do('create', create('/b'))
  await server.close()
  assert.match(readFileSync(file, 'utf8'), /^\d{4}.*znode=\/b.*\n.*serverStop/)
})

test('a file that cannot be written keeps the server from starting', async (t) => {
  await assert.rejects(startStandalone(t, { 'audit.enable': 'true', 'audit.file': '/none/audit.log' }), StartError)
})

test("ClickHouse Keeper's operations are what they come to", async (t) => {
  const { server, file } = await start(t, { 'keeper.extensions.enabled': 'true' })
  const client = await server.client()
  const path = (text: string): Uint8Array =>
    bytesOf((w) => {
      w.string(text)
      w.int(100)
    })
  await client.askBytes(KeeperOp.createIfNotExists, encode('create', create('/k', { flags: 2 })))
  await client.askBytes(KeeperOp.createIfNotExists, encode('create', create('/k')))
  // The second time there is nothing to be done.
  await client.askBytes(KeeperOp.createIfNotExists, encode('create', create('/k')))
  await client.do('create', create('/k/below'))
  await client.askBytes(KeeperOp.removeRecursive, path('/k'))
  await client.askBytes(KeeperOp.removeRecursive, path('/zookeeper'))
  await server.close()
  const told = readFileSync(file, 'utf8').matchAll(/operation=((?:create|delete|multi).*)/g)
  assert.deepEqual(
    Array.from(told, ([, text]) => text?.replaceAll('\t', ' ')),
    [
      'create znode=/k0000000000 znode_type=persistent_sequential result=success',
      'create znode=/k znode_type=persistent result=success',
      'create znode=/k/below znode_type=persistent result=success',
      'delete znode=/k/below result=success',
      'delete znode=/k result=success',
      'delete znode=/zookeeper result=failure',
    ],
  )
})

test('a start that fails is written down', async (t) => {
  const file = join(temporaryDirectory(t), 'audit.log')
  const audited = { 'audit.enable': 'true', 'audit.file': file }
  await assert.rejects(startStandalone(t, { ...audited, secureClientPort: 0 }), /ssl\.keyStore\.location is not set/)
  assert.match(readFileSync(file, 'utf8'), /operation=serverStart\tresult=failure\n$/)
})

test('nobody breaks out of a field, or a line', () => {
  const record: AuditRecord = {
    session: 1n,
    user: 'eve\nresult=success\ttab\u2028',
    ip: null,
    operation: 'create',
    znode: null,
    znodeType: null,
    acl: null,
    result: 'failure',
  }
  const line = 'session=0x1\tuser=eve\\u000aresult=success\\u0009tab\\u2028\toperation=create\tresult=failure'
  assert.equal(auditLine(record), line)
})
