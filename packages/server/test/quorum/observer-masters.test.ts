import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LearnerSessions } from '@vivarium/core'
import { OpCode } from '@vivarium/protocol'
import type { ObserverView } from '../../dist/admin/view.js'
import { create, encode, requestFrame } from '../protocol/requests.ts'
import { lineOf, startDynamic } from './dynamic-ensemble.ts'
import { startEnsemble, type TestEnsemble } from './ensemble.ts'

const MASTERS = { observerMasterPort: 2889 }
const EPHEMERAL = 1

/** How many observers each of the voters serves. */
const served = (ensemble: TestEnsemble, voters: Iterable<number> = ensemble.quorum.voters): number[] =>
  [...voters].map((sid) => ensemble.server(sid).metrics.synced_observers.source?.() as number)

test('observers are served by followers, and do all that they do with a leader', async (t) => {
  const ensemble = await startEnsemble(t, 3, MASTERS, 2)
  const [first = 0, second = 0, leader] = served(ensemble)
  assert.deepEqual([first + second, leader], [2, 0])
  for (const sid of [4, 5]) {
    const client = await ensemble.client(sid)
    client.connection.send(
      requestFrame(1, OpCode.create, encode('create', create(`/a${sid}`))),
      requestFrame(2, OpCode.sync, encode('sync', { path: '/' })),
      requestFrame(3, OpCode.getData, encode('getData', { path: `/a${sid}`, watch: false })),
      requestFrame(4, OpCode.create, encode('create', create(`/a${sid}`))),
    )
    const codes: unknown[] = []
    for (let i = 0; i < 4; i++) codes.push((await ensemble.run(client.reply()))?.code)
    assert.deepEqual(codes, ['OK', 'OK', 'OK', 'NODEEXISTS'])
  }
  const elsewhere = await ensemble.client(3)
  await ensemble.run(elsewhere.do('create', create('/elsewhere')))
  await ensemble.assertEqual()
  for (const sid of [1, 2]) {
    const client = await ensemble.client(sid)
    // What the follower asks for itself is not mistaken for what its observers do.
    await ensemble.run(client.do('sync', { path: '/' }))
    await ensemble.run(client.do('create', create(`/f${sid}`)))
  }
  await ensemble.assertEqual()
})

test('sessions live on observers of followers as on any other server', async (t) => {
  const ensemble = await startEnsemble(t, 3, MASTERS, 2)
  const [kept, quiet] = [await ensemble.client(4, { timeOut: 4000 }), await ensemble.client(4, { timeOut: 4000 })]
  await ensemble.run(kept.do('create', create('/kept', { flags: EPHEMERAL })))
  await ensemble.run(quiet.do('create', create('/quiet', { flags: EPHEMERAL })))
  for (let i = 0; i < 10; i++) {
    await ensemble.pass(1000)
    await ensemble.run(kept.do('ping'))
  }
  assert.deepEqual(await ensemble.run(kept.children('/')), ['kept', 'zookeeper'], 'the leader hears of its pings')
  assert.deepEqual(await ensemble.run(quiet.untilClosed()), [])
  let client = kept
  for (const sid of [5, 1, 2, 4, 3]) {
    client = await ensemble.client(sid, { ...kept.session, timeOut: 4000 })
    assert.equal(client.session.sessionId, kept.session.sessionId, `on server ${sid}`)
    await ensemble.run(client.do('setData', { path: '/kept', data: Buffer.from(String(sid)), version: -1 }))
    const unknown = await ensemble.client(sid, quiet.session)
    assert.equal(unknown.session.timeOut, 0)
  }
  await ensemble.run(client.close())
  await ensemble.assertEqual()
  assert.equal(ensemble.server(4).database.tree.ephemeralCount, 0)
})

test('a follower tells its leader at once of whom its observers have heard', async (t) => {
  const ensemble = await startEnsemble(t, 3, MASTERS, 1)
  const master = ensemble.server(served(ensemble).indexOf(1) + 1)
  const client = await ensemble.client(4)
  await ensemble.pass(2000)
  const heard = t.mock.method(master.pipeline?.sessions as LearnerSessions, 'touchElsewhere')
  const told = t.mock.method(ensemble.server(3).pipeline?.sessions as LearnerSessions, 'touch')
  for (let phaseMs = 0; phaseMs < 1000; phaseMs += 190) {
    await ensemble.pass(phaseMs)
    for (const { mock } of [heard, told]) mock.resetCalls()
    await ensemble.run(client.do('ping'))
    await ensemble.until(() => heard.mock.callCount() > 0)
    await ensemble.pass(10)
    assert.equal(told.mock.callCount(), 1)
  }
})

for (const forceSnapshotSync of [false, true]) {
  test(`an observer goes on with another follower${forceSnapshotSync ? ', from a snapshot' : ''}`, async (t) => {
    const ensemble = await startEnsemble(t, 3, { ...MASTERS, forceSnapshotSync }, 1)
    const writer = await ensemble.client(3)
    for (let i = 0; i < 5; i++) await ensemble.run(writer.do('create', create(`/before${i}`)))
    await ensemble.assertEqual()
    const master = served(ensemble).indexOf(1) + 1
    const client = await ensemble.client(4)
    ensemble.crash(master)
    await ensemble.until(() => !ensemble.server(4).serving)
    for (let i = 0; i < 5; i++) await ensemble.run(writer.do('create', create(`/missed${i}`)))
    await ensemble.settled()
    assert.equal(ensemble.server(3 - master).metrics.synced_observers.source?.(), 1)
    const back = await ensemble.client(4, client.session)
    assert.equal(back.session.sessionId, client.session.sessionId)
    await ensemble.run(back.do('create', create('/after')))
    await ensemble.assertEqual()
    // The history that it has got is whole: it can be gone on with, and read again.
    ensemble.crash(4)
    await ensemble.start(4)
    await ensemble.settled()
    await ensemble.assertEqual()
  })
}

test('where no follower serves observers, the leader does', async (t) => {
  const ensemble = await startEnsemble(t, 1, MASTERS, 1)
  assert.equal(ensemble.server(1).mode, 'leader')
  const client = await ensemble.client(2)
  await ensemble.run(client.do('create', create('/anyway')))
  await ensemble.assertEqual()
})

test('a new leader takes the followers, and their observers, along', async (t) => {
  const ensemble = await startEnsemble(t, 3, MASTERS, 2)
  const client = await ensemble.client(4)
  await ensemble.run(client.do('create', create('/e', { flags: EPHEMERAL })))
  ensemble.crash(3)
  assert.equal(await ensemble.settled(), 2)
  const back = await ensemble.client(4, client.session)
  await ensemble.run(back.do('create', create('/after')))
  await ensemble.start(3)
  await ensemble.settled()
  await ensemble.assertEqual()
  await ensemble.run(back.close())
  await ensemble.assertEqual()
  assert.equal(ensemble.server(5).database.tree.ephemeralCount, 0)
})

test('observers of followers hear of reconfigurations, and of new followers by them', async (t) => {
  const port = ['observerMasterPort=2889']
  const ensemble = await startDynamic(t, [1, 2, 3], port)
  ensemble.describe(4, [1, 2, 3, 4], port)
  await ensemble.start(4)
  await ensemble.settled()
  await ensemble.reconfigure(1, { joining: lineOf(4, 'observer') })
  const [one, two, three, four] = [lineOf(1), lineOf(2), lineOf(3), lineOf(4, 'observer')]
  await ensemble.agreed(one, two, three, four)
  await ensemble.until(() => served(ensemble, [1, 2]).includes(1))
  const master = served(ensemble, [1, 2]).indexOf(1) + 1
  await ensemble.reconfigure(4, { leaving: String(3 - master) })
  await ensemble.agreed(...[one, two, three, four].filter((line) => line !== lineOf(3 - master)))
  assert.deepEqual(served(ensemble, [master]), [1], 'it has not been sent away')
  await ensemble.reconfigure(4, { joining: lineOf(3 - master) })
  await ensemble.agreed(one, two, three, four)
  await ensemble.reconfigure(4, { leaving: String(master) })
  await ensemble.stop(master)
  await ensemble.settled()
  assert.deepEqual(served(ensemble, [3 - master]), [1])
  await ensemble.assertEqual()
})

for (const [who, settings] of [
  ['a follower that serves observers', MASTERS],
  ['a leader', {}],
] as const) {
  test(`${who} tells what it counts of them`, async (t) => {
    const ensemble = await startEnsemble(t, 3, settings, 1)
    const client = await ensemble.client(4)
    await ensemble.run(client.do('create', create('/a')))
    const served = (sid: number): readonly ObserverView[] => ensemble.server(sid).member?.observers ?? []
    const masters = [1, 2, 3].filter((sid) => served(sid).length > 0)
    assert.equal(masters.length, 1)
    const master = ensemble.server(masters[0] ?? 0)
    assert.equal(master.mode, who === 'a leader' ? 'leader' : 'follower')
    const observer = (): ObserverView => served(masters[0] ?? 0)[0] as ObserverView
    assert.deepEqual([observer().sid, observer().queuedPackets], [4, 0])
    // The session, and the znode.
    assert.equal(observer().figures.requests, 2)
    assert.equal(observer().figures.lastZxid, master.view.lastZxid)
    assert.ok(observer().figures.packetsReceived >= 2 && observer().figures.packetsSent >= 2)
    observer().figures.reset()
    assert.deepEqual([observer().figures.requests, observer().figures.lastZxid], [0, -1])
    await ensemble.run(client.do('create', create('/b')))
    assert.deepEqual([observer().figures.requests, observer().figures.lastZxid], [1, master.view.lastZxid])
    assert.deepEqual(served(4), [])
    const { om_proposal_process_time_ms: proposals, om_commit_process_time_ms: commits } = master.metrics
    const counted = who === 'a leader' ? 0 : 3
    assert.deepEqual([proposals.summary.count, commits.summary.count], [counted, counted])
  })
}
