import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { ZooKeeper } from '@vivarium/client'
import { eventually, type StartOptions, startEnsemble, type TestEnsemble, type TestServer } from '../dist/index.js'

const WHERE: readonly (readonly [string, StartOptions])[] = [
  ['in this process', {}],
  ['in processes of their own', { separate: true }],
]

const withoutRole = (server: TestServer): Promise<true> =>
  eventually('it serves nobody', async () => ((await server.mode()) === null ? true : null))

const follows = (server: TestServer): Promise<true> =>
  eventually('it follows', async () => ((await server.mode()) === 'follower' ? true : null))

for (const [where, options] of WHERE) {
  test(`a leader that is cut off gives way, and follows when it is back: members ${where}`, async () => {
    await using ensemble = await startEnsemble(3, options)
    const zk = await ensemble.connect({ sessionTimeoutMs: 30_000 })
    await zk.create('/a')
    const old = await ensemble.leader()
    ensemble.isolate(old)
    await withoutRole(old)
    const next = await ensemble.leader()
    assert.notEqual(next.sid, old.sid)
    await zk.create('/b', { retry: true })
    ensemble.heal()
    await follows(old)
    const there = await ZooKeeper.connect(old.address)
    await there.sync('/')
    assert.notEqual(await there.exists('/b'), null)
    await there.close()
  })
}

test('a member that is killed catches up', async () => {
  await using ensemble = await startEnsemble(3, { separate: true })
  const zk = await ensemble.connect({ sessionTimeoutMs: 30_000 })
  const leader = await ensemble.leader()
  await leader.kill()
  await zk.create('/a', { retry: true })
  await leader.start()
  await follows(leader)
})

test('a leader that nobody hears is left, and one that hears nobody, too', async () => {
  await using ensemble = await startEnsemble(3)
  for (const way of ['from', 'to'] as const) {
    const leader = await ensemble.settled()
    for (const member of ensemble.members) {
      if (member === leader) continue
      if (way === 'from') ensemble.silence(leader, member)
      else ensemble.silence(member, leader)
    }
    await withoutRole(leader)
    ensemble.heal()
  }
  await ensemble.settled()
})

test('what members say can be late', async () => {
  await using ensemble = await startEnsemble(3)
  const zk = await ensemble.connect()
  const ms = 300
  for (const one of ensemble.members)
    for (const other of ensemble.members) if (one !== other) ensemble.delay(one, other, ms)
  const before = performance.now()
  await zk.create('/a')
  assert.ok(performance.now() - before >= 2 * ms, 'a proposal and an acknowledgement')
})

test('a client can be cut off from some members, and finds others', async () => {
  await using ensemble = await startEnsemble(3)
  const link = await ensemble.newLink()
  const zk = await ZooKeeper.connect(link.connectString, { sessionTimeoutMs: 30_000 })
  const { session } = zk
  for (const { sid } of ensemble.members) {
    link.to(sid).refuse()
    await zk.create(`/${sid}`, { retry: true })
    link.to(sid).heal()
  }
  assert.equal(zk.session, session)
  await zk.close()
})

test('a session expires at whichever member its client is', async () => {
  await using ensemble = await startEnsemble(3)
  const zk = await ensemble.connect()
  const { session } = zk
  await ensemble.expire(zk)
  await zk.sync('/', { acrossSessions: true })
  assert.equal(session?.isLive, false)
})

test('observers observe, and nothing is left behind', async () => {
  let ensemble: TestEnsemble
  {
    await using started = await startEnsemble(4, { observers: 1 })
    ensemble = started
    await ensemble.settled()
    assert.equal(await ensemble.member(4).mode(), 'observer')
  }
  assert.deepEqual(
    ensemble.members.filter(({ directory, isRunning }) => isRunning || existsSync(directory)),
    [],
  )
})
