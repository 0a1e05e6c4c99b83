import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { OpCode, Operation } from '@vivarium/protocol'
import { auth, create, encode, look, requestFrame } from './requests.ts'
import { TestClient } from './test-client.ts'
import { startTestServer } from './test-server.ts'

const server = await startTestServer({ tickTime: '100', minSessionTimeout: '1000', maxSessionTimeout: '60000' })
const patient = await startTestServer({ localSessionsEnabled: 'true' })
after(() => Promise.all([server.close(), patient.close()]))

const SHORT = { timeOut: 1000 }

/** Waits until the session of `other` is gone, while this client goes on asking. */
async function askUntilGone(client: TestClient, path: string): Promise<void> {
  while ((await client.code('exists', look(path))) === 'OK') await client.do('ping')
}

test('a session that is not heard of expires: its ephemeral znodes go, and its connection is closed without a word', async () => {
  const watcher = await server.client()
  const client = await TestClient.connect(server.port, SHORT)
  await client.do('create', create('/expires', { flags: 1 }))
  await watcher.do('exists', look('/expires', true))
  assert.equal(await watcher.nextEvent(), 'NodeDeleted /expires')
  assert.deepEqual(await client.untilClosed(), [])
  const again = await client.reconnect()
  assert.deepEqual([again.session.timeOut, again.session.sessionId], [0, 0n], 'it learns of it when it comes back')
  assert.deepEqual(await again.untilClosed(), [])
})

test('any request keeps a session alive, a ping included', async () => {
  for (const name of ['ping', 'whoAmI'] as const) {
    const alive = await TestClient.connect(server.port, SHORT)
    const silent = await TestClient.connect(server.port, SHORT)
    await silent.do('create', create('/silent', { flags: 1 }))
    await alive.do('create', create('/alive', { flags: 1 }))
    const watcher = await server.client()
    await watcher.do('exists', look('/silent', true))
    let over = false
    const told = watcher.nextEvent().finally(() => {
      over = true
    })
    while (!over) await alive.do(name)
    assert.equal(await told, 'NodeDeleted /silent')
    assert.equal(await alive.code('exists', look('/alive')), 'OK')
    await alive.close()
  }
})

test('auth does not keep a session alive', async () => {
  const client = await TestClient.connect(server.port, SHORT)
  let answered = 0
  for (;;) {
    client.connection.send(requestFrame(-4, OpCode.auth, encode('auth', auth('digest', 'bob:secret'))))
    const answer = await client.reply()
    if (answer === null) break
    assert.equal(answer.code, 'OK')
    answered++
  }
  assert.ok(answered > 0)
  assert.equal((await client.reconnect()).session.timeOut, 0)
})

test('a session without a connection lives on until it expires', async () => {
  const client = await TestClient.connect(server.port, SHORT)
  await client.do('create', create('/orphan', { flags: 1 }))
  client.connection.destroy()
  const watcher = await server.client()
  await watcher.do('exists', look('/orphan', true))
  assert.equal(await watcher.nextEvent(), 'NodeDeleted /orphan')
})

test('the end of a session takes the ephemeral znodes with it that are still on their way', async () => {
  const client = await patient.client()
  client.connection.send(
    ...['/way-1', '/way-2', '/way-3'].map((path, i) =>
      requestFrame(i + 1, OpCode.create, encode('create', create(path, { flags: 1 }))),
    ),
    requestFrame(4, OpCode.closeSession),
  )
  const answers = await client.untilClosed()
  assert.deepEqual(
    answers.map(({ xid, code }) => `${xid} ${code}`),
    ['1 OK', '2 OK', '3 OK', '4 OK'],
  )
  const other = await patient.client()
  for (const path of ['/way-1', '/way-2', '/way-3']) assert.equal(await other.code('exists', look(path)), 'NONODE')
})

test('a session that was closed is gone', async () => {
  const client = await patient.client()
  await client.close()
  assert.equal((await client.reconnect()).session.timeOut, 0)
})

test('a connection that ends leaves the session, and the writes that it sent', async () => {
  const client = await patient.client()
  await client.do('create', create('/left', { flags: 1 }))
  client.connection.destroy()
  const again = await client.reconnect()
  assert.equal((await again.stat('/left')).ephemeralOwner, client.session.sessionId)
  assert.deepEqual((await again.get(Operation.getEphemerals, { prefixPath: null })).ephemerals, ['/left'])
})

test('a server on its own knows no local sessions, whatever its configuration says', async () => {
  const client = await patient.client()
  await client.do('create', create('/global', { flags: 1 }))
  await patient.restart()
  const again = await TestClient.connect(patient.port, {
    sessionId: client.session.sessionId,
    passwd: client.session.passwd,
  })
  assert.equal(again.session.sessionId, client.session.sessionId)
})

test('a session that comes back in time is as it was', async () => {
  const client = await TestClient.connect(server.port, SHORT)
  await client.do('create', create('/back', { flags: 1 }))
  client.connection.destroy()
  const again = await client.reconnect({ timeOut: 60_000 })
  assert.equal(again.session.timeOut, 60_000)
  const other = await TestClient.connect(server.port, SHORT)
  await other.do('create', create('/front', { flags: 1 }))
  await askUntilGone(again, '/front')
  assert.equal(await again.code('exists', look('/back')), 'OK', 'the new timeout holds')
})
