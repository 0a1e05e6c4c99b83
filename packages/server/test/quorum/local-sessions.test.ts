import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpCode } from '@vivarium/protocol'
import { create, encode, requestFrame } from '../protocol/requests.ts'
import type { TestClient } from '../protocol/test-client.ts'
import { startEnsemble, type TestEnsemble } from './ensemble.ts'

const LOCAL = { localSessionsEnabled: true }
const UPGRADING = { ...LOCAL, localSessionsUpgradingEnabled: true }
const EPHEMERAL = 1

/** What an operation that needs an ephemeral znode is answered with, whichever way it is asked for. */
function multiOf(...paths: readonly [path: string, flags: number][]): Uint8Array {
  const parts = paths.map(([path, flags]) => {
    const header = Buffer.from([0, 0, 0, OpCode.create, 0, 0xff, 0xff, 0xff, 0xff])
    return Buffer.concat([header, encode('create', create(path, { flags }))])
  })
  return Buffer.concat([...parts, Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 0xff, 0xff, 0xff, 0xff])])
}

const lastZxid = (ensemble: TestEnsemble, sid: number): number => ensemble.server(sid).database.tree.lastProcessedZxid

/** Whether the member gives the session of this client back. */
async function givesBack(ensemble: TestEnsemble, sid: number, { session }: TestClient): Promise<boolean> {
  const { sessionId, passwd } = session
  return (await ensemble.client(sid, { sessionId, passwd })).session.timeOut > 0
}

test('a local session begins and ends without a transaction, and only its own server gives it back', async (t) => {
  const ensemble = await startEnsemble(t, 3, LOCAL, 1)
  const before = ensemble.sids.map((sid) => lastZxid(ensemble, sid))
  for (const sid of ensemble.sids) {
    const client = await ensemble.client(sid)
    assert.equal(BigInt.asUintN(64, client.session.sessionId) >> 56n, BigInt(sid), 'the id tells the server')
    assert.ok(await givesBack(ensemble, sid, client))
    for (const other of ensemble.sids.filter((other) => other !== sid)) {
      assert.ok(!(await givesBack(ensemble, other, client)), `server ${other} knows a session of server ${sid}`)
    }
    const back = await ensemble.client(sid, client.session)
    await ensemble.run(back.close())
    assert.ok(!(await givesBack(ensemble, sid, client)), 'it is over')
  }
  for (const sid of ensemble.sids) {
    assert.equal(lastZxid(ensemble, sid), before[sid - 1])
    assert.equal(ensemble.server(sid).database.sessions.size, 0)
  }
})

test('without upgrading, a local session writes what it likes, but for ephemeral znodes', async (t) => {
  const ensemble = await startEnsemble(t, 3, LOCAL, 1)
  for (const sid of ensemble.sids) {
    const client = await ensemble.client(sid)
    await ensemble.run(client.do('create', create(`/s${sid}`)))
    assert.equal(
      await ensemble.run(client.code('create', create(`/e${sid}`, { flags: EPHEMERAL }))),
      'EPHEMERALONLOCALSESSION',
    )
    assert.equal(
      await ensemble.run(client.code('create2', create(`/e${sid}`, { flags: 3 }))),
      'EPHEMERALONLOCALSESSION',
    )
    const some = await ensemble.run(client.askBytes(OpCode.multi, multiOf([`/m${sid}`, 0], [`/e${sid}`, EPHEMERAL])))
    assert.equal(some.code, 'EPHEMERALONLOCALSESSION')
    const none = await ensemble.run(client.askBytes(OpCode.multi, multiOf([`/n${sid}`, 0])))
    assert.equal(none.code, 'OK')
    assert.equal(await ensemble.run(client.code('createContainer', create(`/c${sid}`, { flags: 4 }))), 'OK')
    // What cannot be read is refused for that.
    assert.equal((await ensemble.run(client.askBytes(OpCode.create, Buffer.from([0, 0])))).code, 'MARSHALLINGERROR')
    await ensemble.run(client.close())
  }
  const reader = await ensemble.client(3)
  const expected = ensemble.sids.flatMap((sid) => [`c${sid}`, `n${sid}`, `s${sid}`])
  assert.deepEqual(await ensemble.run(reader.children('/')), [...expected.sort(), 'zookeeper'])
  await ensemble.assertEqual()
})

test('with upgrading, a session that wants an ephemeral znode becomes one that all know', async (t) => {
  const ensemble = await startEnsemble(t, 3, UPGRADING, 1)
  for (const sid of ensemble.sids) {
    const client = await ensemble.client(sid)
    const { sessionId } = client.session
    // All at once: replies come in order, and what comes before the upgrade is the same session's.
    client.connection.send(
      requestFrame(1, OpCode.create, encode('create', create(`/plain${sid}`))),
      requestFrame(2, OpCode.multi, multiOf([`/m${sid}`, 0], [`/e${sid}`, EPHEMERAL])),
      requestFrame(3, OpCode.create, encode('create', create(`/f${sid}`, { flags: EPHEMERAL }))),
      requestFrame(4, OpCode.exists, encode('exists', { path: `/f${sid}`, watch: false })),
    )
    for (let xid = 1; xid <= 4; xid++) {
      const reply = await ensemble.run(client.reply())
      assert.deepEqual([reply?.xid, reply?.code], [xid, 'OK'])
    }
    await ensemble.assertEqual()
    assert.deepEqual([...ensemble.server(sid).database.sessions.keys()], [sessionId])
    assert.equal(ensemble.server(sid).pipeline?.locals?.size, 0)
    const moved = await ensemble.client((sid % 3) + 1, client.session)
    assert.equal(moved.session.sessionId, sessionId)
    assert.equal((await ensemble.run(moved.stat(`/e${sid}`))).ephemeralOwner, sessionId)
    await ensemble.run(moved.close())
    await ensemble.assertEqual()
    assert.equal(ensemble.server(sid).database.tree.ephemeralCount, 0)
  }
})

test('an upgraded session expires everywhere when its client falls silent', async (t) => {
  const ensemble = await startEnsemble(t, 3, UPGRADING)
  for (const sid of [1, 3]) {
    const client = await ensemble.client(sid, { timeOut: 4000 })
    await ensemble.run(client.do('create', create('/e', { flags: EPHEMERAL })))
    for (let i = 0; i < 10; i++) {
      await ensemble.pass(1000)
      await ensemble.run(client.do('ping'))
    }
    assert.ok(ensemble.server(2).database.tree.find('/e') >= 0, 'its pings are heard of at the leader')
    assert.deepEqual(await ensemble.run(client.untilClosed()), [])
    await ensemble.until(() => ensemble.server(2).database.tree.find('/e') < 0)
    await ensemble.assertEqual()
  }
})

test('a silent local session ends at its own server, and is told of nowhere', async (t) => {
  const ensemble = await startEnsemble(t, 3, LOCAL)
  for (const sid of [1, 3]) {
    const before = lastZxid(ensemble, 3)
    const client = await ensemble.client(sid, { timeOut: 4000 })
    for (let i = 0; i < 10; i++) {
      await ensemble.pass(1000)
      await ensemble.run(client.do('ping'))
    }
    const hex = `0x${BigInt.asUintN(64, client.session.sessionId).toString(16)}`
    const dump = await ensemble.word(sid, 'dump')
    assert.match(dump, new RegExp(`^Local Session Sets \\(\\d+\\)/\\(1\\):\\n(?:.*\\n)*?\\t${hex}\\n`, 'm'))
    assert.match(dump, sid === 3 ? /^Global Session Sets \(\d+\)\/\(0\):$/m : /^Global Sessions\(0\):$/m)
    const mntr = await ensemble.word(sid, 'mntr')
    assert.ok(mntr.includes('zk_local_sessions\t1\n') && mntr.includes('zk_global_sessions\t0\n'))
    assert.deepEqual(await ensemble.run(client.untilClosed()), [], 'its connection is closed')
    assert.ok(!(await givesBack(ensemble, sid, client)))
    assert.equal(lastZxid(ensemble, 3), before)
  }
})

test('a local session outlives an election, and what it asked for before it ends is answered', async (t) => {
  const ensemble = await startEnsemble(t, 3, LOCAL)
  const client = await ensemble.client(1, { timeOut: 4000 })
  ensemble.crash(3)
  assert.equal(await ensemble.settled(), 2)
  const back = await ensemble.client(1, client.session)
  assert.equal(back.session.sessionId, client.session.sessionId)
  back.connection.send(
    requestFrame(1, OpCode.create, encode('create', create('/last'))),
    requestFrame(2, OpCode.closeSession, new Uint8Array(0)),
    requestFrame(3, OpCode.create, encode('create', create('/too-late'))),
  )
  for (let xid = 1; xid <= 2; xid++) {
    const reply = await ensemble.run(back.reply())
    assert.deepEqual([reply?.xid, reply?.code], [xid, 'OK'])
  }
  assert.deepEqual(await ensemble.run(back.untilClosed()), [])
  const reader = await ensemble.client(2)
  assert.deepEqual(await ensemble.run(reader.children('/')), ['last', 'zookeeper'])
})
