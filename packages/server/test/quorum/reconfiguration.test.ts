import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseQuorumConfig } from '@vivarium/core'
import { silentLog } from '@vivarium/env'
import { MemoryDisk } from '@vivarium/env/memory'
import { nodeDisk } from '@vivarium/env/node'
import { ConfigFiles } from '../../dist/quorum/config-files.js'
import { create } from '../protocol/requests.ts'
import { temporaryDirectory } from '../standalone/standalone.ts'
import { type DynamicEnsemble, lineOf, startDynamic } from './dynamic-ensemble.ts'

const lines = (...sids: number[]): string[] => sids.map((sid) => lineOf(sid))

/** Each server takes a write, and all have the same in the end. */
async function assertWritable(ensemble: DynamicEnsemble): Promise<void> {
  for (const sid of ensemble.running) {
    const client = await ensemble.client(sid)
    await ensemble.run(client.do('create', create('/sequential-', { flags: 2 })))
    client.connection.destroy()
  }
  await ensemble.assertEqual()
}

test('an ensemble moves its members from zoo.cfg to a file of their own', async (t) => {
  const ensemble = await startDynamic(t, [1, 2, 3])
  await ensemble.agreed(...lines(1, 2, 3))
  const files = await ensemble.files(1)
  assert.match(files.get('/zoo.cfg.bak') as string, /^server\.2=/m)
  assert.doesNotMatch(files.get('/zoo.cfg') as string, /^server/m)
  assert.match(files.get('/zoo.cfg') as string, /^initLimit=5$/m)
})

test('it grows from three to five and shrinks again, whoever is asked, and its members remember that', async (t) => {
  const ensemble = await startDynamic(t, [1, 2, 3])
  await ensemble.startJoiners(4)
  assert.deepEqual(ensemble.modes(), ['1 follower', '2 follower', '3 leader', '4 follower'])
  assert.match(await ensemble.word(3, 'mntr'), /zk_synced_non_voting_followers\t1/)
  const text = await ensemble.reconfigure(1, { joining: lineOf(4) })
  assert.match(text, /server\.4=s4:2888:3888:participant;0\.0\.0\.0:2181\nversion=10000000\w$/)
  await ensemble.agreed(...lines(1, 2, 3, 4))
  assert.match(await ensemble.word(3, 'mntr'), /zk_synced_followers\t3/)
  await ensemble.startJoiners(5)
  await ensemble.reconfigure(4, { joining: lineOf(5) })
  await ensemble.agreed(...lines(1, 2, 3, 4, 5))
  await assertWritable(ensemble)

  for (const sid of [1, 2]) ensemble.crash(sid)
  await ensemble.settled()
  await assertWritable(ensemble)
  await ensemble.start(1, 2)
  await ensemble.settled()
  await ensemble.agreed(...lines(1, 2, 3, 4, 5))

  await ensemble.reconfigure(5, { leaving: '1,2' })
  await ensemble.agreed(...lines(3, 4, 5))
  await assertWritable(ensemble)
  for (const sid of [1, 2]) await ensemble.stop(sid)
  await ensemble.settled()
  await assertWritable(ensemble)
})

test('the leader that is removed hands over without an election, and follows', async (t) => {
  const ensemble = await startDynamic(t, [1, 2, 3, 4])
  const before = ensemble.server(1).metrics.looking_count.value
  await ensemble.reconfigure(4, { leaving: '4' })
  await ensemble.settled()
  await ensemble.agreed(...lines(1, 2, 3))
  assert.equal(ensemble.server(4).mode, 'follower')
  assert.equal(ensemble.server(1).metrics.looking_count.value, before)
  await assertWritable(ensemble)
})

test('a voter becomes an observer and a voter again', async (t) => {
  const ensemble = await startDynamic(t, [1, 2, 3])
  await ensemble.reconfigure(2, { joining: lineOf(1, 'observer') })
  await ensemble.until(() => ensemble.server(1).mode === 'observer' && ensemble.server(1).serving)
  await ensemble.agreed(lineOf(1, 'observer'), ...lines(2, 3))
  await assertWritable(ensemble)
  await ensemble.reconfigure(2, { joining: lineOf(3, 'observer') })
  assert.equal(
    await ensemble.reconfigure(2, { joining: lineOf(3, 'observer') }),
    'BADARGUMENTS',
    'one voter is too few',
  )
  await ensemble.reconfigure(2, { joining: lineOf(1) })
  await ensemble.until(() => ensemble.server(1).mode === 'follower' && ensemble.server(1).serving)
  await ensemble.agreed(...lines(1, 2, 3))
  await assertWritable(ensemble)
})

test('the leader becomes an observer', async (t) => {
  const ensemble = await startDynamic(t, [1, 2, 3])
  await ensemble.reconfigure(3, { joining: lineOf(3, 'observer') })
  await ensemble.until(() => ensemble.server(3).mode === 'observer')
  await ensemble.settled()
  await ensemble.agreed(...lines(1, 2), lineOf(3, 'observer'))
  await assertWritable(ensemble)
})

test('clients find a server at another port, and those that are there stay', async (t) => {
  const ensemble = await startDynamic(t, [1, 2, 3])
  const client = await ensemble.client(1)
  await ensemble.reconfigure(2, { joining: lineOf(1, 'participant', 2182) })
  await ensemble.agreed(lineOf(1, 'participant', 2182), ...lines(2, 3))
  await ensemble.run(client.do('create', create('/by-an-old-connection')))
  assert.deepEqual(await ensemble.membersOf(1, 2182), [lineOf(1, 'participant', 2182), ...lines(2, 3)])
  await assert.rejects(ensemble.client(1), /ECONNREFUSED/)
  assert.equal(ensemble.server(1).view.clientPort, 2182)
})

test('a server whose port cannot be had keeps the one that it has', async (t) => {
  const ensemble = await startDynamic(t, [1, 2, 3])
  const taken = await ensemble.network.host('s1').listen({ port: 2182 }, () => assert.fail('nobody comes'))
  await ensemble.reconfigure(2, { joining: lineOf(1, 'participant', 2182) })
  await ensemble.agreed(lineOf(1, 'participant', 2182), ...lines(2, 3))
  assert.equal((await ensemble.membersOf(1)).length, 3)
  await taken.close()
})

test('election and quorum ports may change, also those of the leader', async (t) => {
  const ensemble = await startDynamic(t, [1, 2, 3])
  const moved = (sid: number): string => `server.${sid}=s${sid}:2889:3889:participant;0.0.0.0:2181`
  for (const sid of [3, 2, 1]) {
    await ensemble.reconfigure(2, { joining: moved(sid) })
    await ensemble.settled()
    await ensemble.agreed(...[1, 2, 3].map((other) => (other >= sid ? moved(other) : lineOf(other))))
  }
  await assertWritable(ensemble)
  const leader = await ensemble.settled()
  ensemble.crash(leader)
  await ensemble.settled()
  await assertWritable(ensemble)
})

test('a leader that moves, and is the only one that may lead, is found where it is then', async (t) => {
  const ensemble = await startDynamic(t, [1, 2], ['standaloneEnabled=false'])
  const moved = 'server.2=s2:2890:3890:participant;0.0.0.0:2181'
  await ensemble.reconfigure(2, { members: `${lineOf(1, 'observer')},${moved}` })
  await ensemble.until(() => ensemble.server(1).mode === 'observer' && ensemble.server(1).serving)
  await ensemble.agreed(lineOf(1, 'observer'), moved)
  await ensemble.stop(1)
  await ensemble.start(1)
  await ensemble.settled()
  await assertWritable(ensemble)
})

test('one server alone grows and is left alone again, where that is allowed', async (t) => {
  const alone = ['standaloneEnabled=false']
  const ensemble = await startDynamic(t, [1], alone)
  await ensemble.agreed(...lines(1))
  for (const sid of [2, 3]) ensemble.describe(sid, [1, sid], alone)
  await ensemble.start(2, 3)
  await ensemble.settled()
  await ensemble.reconfigure(1, { joining: `${lineOf(2)},${lineOf(3)}` })
  await ensemble.agreed(...lines(1, 2, 3))
  await assertWritable(ensemble)
  await ensemble.reconfigure(1, { leaving: '1,2' })
  await ensemble.settled()
  await ensemble.agreed(...lines(3))
  await assertWritable(ensemble)
  for (const sid of [1, 2]) await ensemble.stop(sid)
  ensemble.crash(3)
  await ensemble.start(3)
  await ensemble.settled()
  await assertWritable(ensemble)
})

test('a server with a smaller id than all others can join, too', async (t) => {
  const ensemble = await startDynamic(t, [5, 6, 7])
  await ensemble.startJoiners(1)
  await ensemble.reconfigure(1, { joining: lineOf(1) })
  await ensemble.agreed(...lines(1, 5, 6, 7))
  await assertWritable(ensemble)
})

test('who was away while the members changed is told by those who were there', async (t) => {
  const ensemble = await startDynamic(t, [1, 2, 3])
  await ensemble.startJoiners(4, 5)
  await ensemble.stop(1)
  await ensemble.reconfigure(2, { joining: [lineOf(4), lineOf(5)].join() })
  await ensemble.reconfigure(2, { leaving: '2,3' })
  await ensemble.settled()
  // The one that is left of those that server 1 knows has no vote any more.
  await ensemble.stop(3)
  await ensemble.start(1)
  await ensemble.settled()
  await ensemble.agreed(...lines(1, 4, 5))
  await assertWritable(ensemble)
})

test('a reconfiguration that is under way when the leader ends comes into force or not, for all alike', async (t) => {
  for (const stage of [0, 1, 2, 3, 4, 5]) {
    await t.test(`after ${stage} more moments`, async (nested) => {
      const ensemble = await startDynamic(nested, [1, 2, 3])
      await ensemble.startJoiners(4)
      const client = await ensemble.client(3)
      void client
        .code('reconfig', { joiningServers: lineOf(4), leavingServers: '3', newMembers: null, curConfigId: -1 })
        .catch(() => {})
      for (let i = 0; i < stage; i++) await new Promise((resolve) => setImmediate(resolve))
      ensemble.crash(3)
      await ensemble.settled([1, 2, 4])
      await ensemble.start(3)
      await ensemble.settled()
      const members = await ensemble.membersOf(1)
      await ensemble.agreed(...members)
      assert.ok(
        [lines(1, 2, 3), lines(1, 2, 4)].some((expected) => expected.join() === members.join()),
        members.join(),
      )
      await assertWritable(ensemble)
    })
  }
})

test('a proposed configuration has its say after a restart, even if only the log tells of it', async (t) => {
  const ensemble = await startDynamic(t, [1, 2, 3])
  await ensemble.startJoiners(4)
  const client = await ensemble.client(3)
  // Only the old leader and the new server hear of it: no quorum of either configuration.
  for (const sid of [1, 2]) ensemble.network.cut(`s${sid}`, 's3')
  void client
    .code('reconfig', { joiningServers: lineOf(4), leavingServers: null, newMembers: null, curConfigId: -1 })
    .catch(() => {})
  await ensemble.pass(50)
  for (const sid of [3, 4]) ensemble.crash(sid)
  const disk = ensemble.disk(3)
  if ((await disk.stat('/zoo.cfg.dynamic.next')) !== null) await disk.remove('/zoo.cfg.dynamic.next')
  for (const sid of [1, 2]) ensemble.network.join(`s${sid}`, 's3')
  await ensemble.stop(1)
  await ensemble.stop(2)
  await ensemble.start(3, 1)
  await ensemble.pass(20_000)
  assert.deepEqual(ensemble.modes(), ['1 looking', '3 looking'], 'two of four are no quorum')
  await assert.rejects(ensemble.start(4), /myid says 4, and there is no server\.4 line/)
  // As somebody would do by hand: it is not a member yet, and has moved the members from zoo.cfg to where it is not named.
  await ensemble.disk(4).remove('/zoo.cfg')
  await ensemble.start(4)
  await ensemble.settled()
  await ensemble.agreed(...lines(1, 2, 3, 4))
})

test('a proposed configuration that voters have heard of and not logged does not keep them from leading', async (t) => {
  const alone = ['standaloneEnabled=false']
  const ensemble = await startDynamic(t, [1, 2, 3], alone)
  ensemble.describe(4, [1, 2, 3, 4], alone)
  await ensemble.start(4)
  await ensemble.settled()
  const client = await ensemble.client(3)
  for (const sid of [1, 2]) ensemble.network.cut(`s${sid}`, 's3')
  void client
    .code('reconfig', { joiningServers: null, leavingServers: null, newMembers: lineOf(4), curConfigId: -1 })
    .catch(() => {})
  await ensemble.pass(50)
  const proposal = (await ensemble.files(4)).get('/zoo.cfg.dynamic.next') as string
  assert.match(proposal, /^server\.4=s4:.*\nversion=1/)
  for (const sid of ensemble.running) ensemble.crash(sid)
  for (const sid of [1, 2]) ensemble.network.join(`s${sid}`, 's3')
  // The proposal is written down before it is logged; the power fails in between.
  for (const sid of [1, 2]) ensemble.disk(sid).place('/zoo.cfg.dynamic.next', Buffer.from(proposal))
  await ensemble.disk(4).remove('/zoo.cfg')
  // Server 4, whose word alone the proposal wants, has logged it: it follows nobody who has not, and has no vote.
  await ensemble.start(1, 2, 4)
  await ensemble.settled()
  await ensemble.agreed(...lines(1, 2, 3))
  await assertWritable(ensemble)
  await ensemble.start(3)
  await ensemble.settled()
  await ensemble.agreed(...lines(1, 2, 3))
})

test('what cannot be is refused, whoever is asked', async (t) => {
  const ensemble = await startDynamic(t, [1, 2, 3])
  for (const sid of [1, 3]) {
    assert.equal(await ensemble.reconfigure(sid, { joining: lineOf(4), from: 5 }), 'BADVERSION')
    assert.equal(await ensemble.reconfigure(sid, { joining: 'server.4=s4:1:2' }), 'BADARGUMENTS')
    assert.equal(await ensemble.reconfigure(sid, { leaving: '1,2' }), 'BADARGUMENTS')
    assert.equal(
      await ensemble.reconfigure(sid, { members: [4, 5, 6].map((other) => lineOf(other)).join() }),
      'NEWCONFIGNOQUORUM',
    )
  }
  await ensemble.agreed(...lines(1, 2, 3))
})

test('who could not write down that others have moved finds them by what its log says, and writes it down', async (t) => {
  const ensemble = await startDynamic(t, [1, 2])
  await ensemble.startJoiners(3)
  const observer = lineOf(3, 'observer')
  await ensemble.reconfigure(2, { joining: observer })
  await ensemble.agreed(...lines(1, 2), observer)
  const disk = ensemble.disk(3)
  const before = await ensemble.files(3)
  const moved = (sid: number): string => `server.${sid}=s${sid}:2889:3889:participant;0.0.0.0:2181`
  for (const sid of [2, 1]) {
    await ensemble.reconfigure(1, { joining: moved(sid) })
    await ensemble.settled()
  }
  await ensemble.agreed(moved(1), moved(2), observer)
  for (const sid of [1, 2, 3]) await ensemble.stop(sid)
  for (const name of (await ensemble.files(3)).keys()) await disk.remove(name)
  for (const [name, text] of before) disk.place(name, Buffer.from(text))
  await ensemble.start(1, 2, 3)
  await ensemble.settled()
  await ensemble.agreed(moved(1), moved(2), observer)
  await assertWritable(ensemble)
})

test('a configuration for which there was no room is written down once there is', async () => {
  let full = true
  const disk = new MemoryDisk({ fault: ({ kind }) => (full && kind === 'create' ? { code: 'ENOSPC' } : null) })
  disk.place('/zoo.cfg', Buffer.from('tickTime=2000\n'))
  const files = new ConfigFiles(disk, silentLog, '/zoo.cfg')
  const config = parseQuorumConfig(`${lineOf(1)}\nversion=10000000a`)
  assert.ok(typeof config !== 'string')
  files.activated(config, true, true)
  await files.settled()
  assert.deepEqual(disk.names('/'), ['zoo.cfg'])
  full = false
  files.withdrawn()
  await files.settled()
  assert.deepEqual(disk.names('/'), ['zoo.cfg', 'zoo.cfg.dynamic.10000000a'])
})

test('who may not read zoo.cfg may read no copy of it either', { skip: process.platform === 'win32' }, async (t) => {
  const path = join(temporaryDirectory(t), 'zoo.cfg')
  writeFileSync(path, 'ssl.keyStore.password=secret\n', { mode: 0o600 })
  const files = new ConfigFiles(nodeDisk, silentLog, path)
  await files.backUp()
  const config = parseQuorumConfig(`${lineOf(1)}\nversion=10000000a`)
  assert.ok(typeof config !== 'string')
  files.activated(config, true, true)
  await files.settled()
  assert.match(readFileSync(path, 'utf8'), /secret\ndynamicConfigFile=/)
  for (const copy of [path, `${path}.bak`]) assert.equal(statSync(copy).mode & 0o777, 0o600)
})
