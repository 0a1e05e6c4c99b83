import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpCode } from '@vivarium/protocol'
import { healthOf } from '../../dist/http/health.js'
import { create } from '../protocol/requests.ts'
import { startEnsemble, type TestEnsemble } from './ensemble.ts'

const READ_ONLY = { readOnlyModeEnabled: true }
const readOnly = { readOnly: true }

/** Server 1, which serves only those who read: the others are gone. */
async function cutOff(ensemble: TestEnsemble): Promise<void> {
  ensemble.crash(3)
  ensemble.crash(2)
  await ensemble.until(() => ensemble.server(1).mode === 'read-only')
}

test('a server without a quorum answers reads to who asks for that, and refuses everything else', async (t) => {
  const ensemble = await startEnsemble(t, 3, READ_ONLY)
  const writer = await ensemble.client(1)
  await ensemble.run(writer.do('create', create('/before', { data: 'x' })))
  await cutOff(ensemble)
  const zxid = ensemble.server(1).database.tree.lastProcessedZxid

  const client = await ensemble.client(1, readOnly)
  assert.deepEqual([client.session.readOnly, client.session.timeOut], [true, 20_000])
  assert.equal(await ensemble.run(client.data('/before')), 'x')
  assert.equal(await ensemble.run(client.code('create', create('/after'))), 'NOTREADONLY')
  assert.equal(await ensemble.run(client.code('create', create('/after', { flags: 1 }))), 'NOTREADONLY')
  assert.equal(await ensemble.run(client.code('delete', { path: '/before', version: -1 })), 'NOTREADONLY')
  assert.equal(await ensemble.run(client.code('sync', { path: '/' })), 'NOTREADONLY')
  assert.equal((await ensemble.run(client.askBytes(OpCode.multi))).code, 'NOTREADONLY')
  await ensemble.run(client.do('ping'))
  const back = await ensemble.client(1, { ...client.session, readOnly: true })
  assert.equal(back.session.sessionId, client.session.sessionId, 'it comes back to its session')
  await ensemble.run(back.close())
  const expired = await ensemble.client(1, { ...client.session, readOnly: true })
  assert.deepEqual([expired.session.timeOut, expired.session.readOnly], [0, true])

  await assert.rejects(ensemble.client(1), /the server refused the connection/)
  await assert.rejects(
    ensemble.client(1, { ...writer.session, readOnly: true }),
    /the server refused/,
    'it lives elsewhere',
  )
  await assert.rejects(ensemble.client(1, { ...readOnly, lastZxidSeen: zxid + 1 }), /the server refused/)
  assert.equal(ensemble.server(1).database.tree.lastProcessedZxid, zxid)
})

test('it begins after a grace period, and ends with the first leader', async (t) => {
  const ensemble = await startEnsemble(t, 3, READ_ONLY)
  ensemble.crash(3)
  ensemble.crash(2)
  await ensemble.until(() => ensemble.server(1).mode === 'looking')
  await ensemble.pass(1900)
  assert.equal(ensemble.server(1).mode, 'looking')
  await ensemble.pass(200)
  assert.equal(ensemble.server(1).mode, 'read-only')
  const reader = await ensemble.client(1, readOnly)
  await ensemble.start(2)
  await ensemble.settled()
  assert.deepEqual(await ensemble.run(reader.untilClosed()), [], 'who reads is sent away')
  const gone = await ensemble.client(1, { ...reader.session, readOnly: true })
  assert.deepEqual([gone.session.timeOut, gone.session.readOnly], [0, false])
  const writer = await ensemble.client(1, readOnly)
  assert.equal(writer.session.readOnly, false)
  await ensemble.run(writer.do('create', create('/again')))
  await ensemble.assertEqual()
})

test('an election that takes less than the grace period makes nobody read-only', async (t) => {
  const ensemble = await startEnsemble(t, 3, READ_ONLY)
  ensemble.crash(3)
  let seen = false
  await ensemble.until(() => {
    seen ||= ensemble.running.some((sid) => ensemble.server(sid).mode === 'read-only')
    return ensemble.server(2).serving && ensemble.server(1).serving && ensemble.server(2).mode === 'leader'
  })
  assert.ok(!seen)
})

test('with local sessions, one that begins read-only can be gone on with', async (t) => {
  const ensemble = await startEnsemble(t, 3, {
    ...READ_ONLY,
    localSessionsEnabled: true,
    localSessionsUpgradingEnabled: true,
  })
  const before = await ensemble.client(1, readOnly)
  await cutOff(ensemble)
  const same = await ensemble.client(1, { ...before.session, readOnly: true })
  assert.deepEqual([same.session.sessionId, same.session.readOnly], [before.session.sessionId, true])
  assert.equal(
    await ensemble.run(same.code('create', create('/e', { flags: 1 }))),
    'NOTREADONLY',
    'and is not upgraded',
  )
  await ensemble.start(2)
  await ensemble.settled()
  const after = await ensemble.client(1, { ...before.session, readOnly: true })
  assert.deepEqual([after.session.sessionId, after.session.readOnly], [before.session.sessionId, false])
  await ensemble.run(after.do('create', create('/e', { flags: 1 })))
  await ensemble.assertEqual()
})

test('administrators are told', async (t) => {
  const ensemble = await startEnsemble(t, 3, READ_ONLY)
  assert.equal(await ensemble.word(1, 'isro'), 'rw')
  await cutOff(ensemble)
  const reader = await ensemble.client(1, { ...readOnly, timeOut: 4000 })
  assert.equal(await ensemble.word(1, 'isro'), 'ro')
  const srvr = await ensemble.word(1, 'srvr')
  assert.match(srvr, /^READ-ONLY mode; serving only read-only clients$/m)
  assert.match(srvr, /^Mode: read-only$/m)
  const mntr = await ensemble.word(1, 'mntr')
  assert.match(mntr, /^zk_server_state\tread-only$/m)
  assert.ok(!mntr.includes('peer_state'))
  const conf = await ensemble.word(1, 'conf')
  assert.ok(conf.endsWith('peerType=0\n'), 'without the membership')
  assert.equal(healthOf(ensemble.server(1)).ready, false)
  assert.deepEqual(await ensemble.run(reader.untilClosed()), [], 'sessions expire as ever')
})
