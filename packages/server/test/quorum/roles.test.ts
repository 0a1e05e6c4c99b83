import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OpCode } from '@vivarium/protocol'
import { create, encode, requestFrame } from '../protocol/requests.ts'
import { startEnsemble, TestEnsemble } from './ensemble.ts'

test('three servers elect the one with the largest id, and take writes, reads and syncs, each of them', async (t) => {
  const ensemble = await startEnsemble(t)
  assert.deepEqual(
    ensemble.sids.map((sid) => ensemble.server(sid).mode),
    ['follower', 'follower', 'leader'],
  )
  for (const sid of ensemble.sids) {
    const client = await ensemble.client(sid)
    await ensemble.run(client.do('create', create(`/from-${sid}`, { data: 'x' })))
    assert.equal(await ensemble.run(client.data(`/from-${sid}`)), 'x', 'what it wrote itself')
    assert.equal(await ensemble.run(client.code('create', create('/from-1'))), 'NODEEXISTS')
  }
  const reader = await ensemble.client(1)
  await ensemble.run(reader.do('sync', { path: '/' }))
  assert.deepEqual(await ensemble.run(reader.children('/')), ['from-1', 'from-2', 'from-3', 'zookeeper'])
  await ensemble.assertEqual()
})

test('the replies to one client come in the order of its requests, whatever they are', async (t) => {
  const ensemble = await startEnsemble(t)
  for (const sid of [1, 3]) {
    const client = await ensemble.client(sid)
    const malformed = Buffer.from([0, 0])
    client.connection.send(
      requestFrame(1, OpCode.create, encode('create', create(`/a${sid}`))),
      requestFrame(2, OpCode.getData, encode('getData', { path: `/a${sid}`, watch: false })),
      requestFrame(3, OpCode.setData, malformed),
      requestFrame(4, OpCode.sync, encode('sync', { path: '/' })),
      requestFrame(5, OpCode.delete, encode('delete', { path: '/missing', version: -1 })),
      requestFrame(6, OpCode.exists, encode('exists', { path: `/a${sid}`, watch: false })),
    )
    const replies: unknown[] = []
    for (let i = 0; i < 6; i++) {
      const reply = await ensemble.run(client.reply())
      replies.push([reply?.xid, reply?.code])
    }
    assert.deepEqual(replies, [
      [1, 'OK'],
      [2, 'OK'],
      [3, 'MARSHALLINGERROR'],
      [4, 'OK'],
      [5, 'NONODE'],
      [6, 'OK'],
    ])
  }
  await ensemble.assertEqual()
})

test('when the leader is gone, another one leads, sessions go on, and nothing acknowledged is lost', async (t) => {
  const ensemble = await startEnsemble(t)
  const client = await ensemble.client(3)
  await ensemble.run(client.do('create', create('/ephemeral', { flags: 1 })))
  ensemble.crash(3)
  assert.equal(await ensemble.settled(), 2)
  const { sessionId, passwd } = client.session
  const moved = await ensemble.client(1, { sessionId, passwd })
  assert.equal(moved.session.sessionId, sessionId)
  assert.equal((await ensemble.run(moved.stat('/ephemeral'))).ephemeralOwner, sessionId)
  await ensemble.run(moved.do('create', create('/later')))
  await ensemble.start(3)
  await ensemble.settled()
  await ensemble.assertEqual()
  await ensemble.run(moved.close())
  assert.equal(
    await ensemble.run((await ensemble.client(2)).code('exists', { path: '/ephemeral', watch: false })),
    'NONODE',
  )
})

test('without a quorum nothing is served, and four-letter words say so', async (t) => {
  const ensemble = await startEnsemble(t)
  const client = await ensemble.client(1)
  ensemble.crash(3)
  ensemble.crash(2)
  await ensemble.until(() => !ensemble.server(1).serving)
  assert.deepEqual(await ensemble.run(client.untilClosed()), [], 'clients are sent away')
  assert.equal(await ensemble.word(1, 'srvr'), 'This ZooKeeper instance is not currently serving requests\n')
  assert.equal(await ensemble.word(1, 'isro'), 'null')
  await assert.rejects(ensemble.client(1), /the server refused the connection/)
  await ensemble.start(2)
  const leader = await ensemble.settled()
  assert.match(await ensemble.word(leader, 'srvr'), /^Mode: leader$/m)
  assert.match(await ensemble.word(3 - leader, 'srvr'), /^Mode: follower$/m)
})

test('a session that its client no longer speaks for ends everywhere, and one that moved lives on', async (t) => {
  const ensemble = await startEnsemble(t)
  const [quiet, moving] = [await ensemble.client(1, { timeOut: 4000 }), await ensemble.client(1, { timeOut: 4000 })]
  await ensemble.run(quiet.do('create', create('/quiet', { flags: 1 })))
  await ensemble.run(moving.do('create', create('/moving', { flags: 1 })))
  const { sessionId, passwd } = moving.session
  const moved = await ensemble.client(2, { sessionId, passwd, timeOut: 4000 })
  for (let i = 0; i < 10; i++) {
    await ensemble.pass(1000)
    await ensemble.run(moved.do('ping'))
  }
  assert.deepEqual(await ensemble.run(moved.children('/')), ['moving', 'zookeeper'])
  assert.deepEqual(await ensemble.run(quiet.untilClosed()), [], 'its connection is closed')
  await assert.rejects(ensemble.client(3, quiet.session).then((back) => assert.equal(back.session.timeOut, 1)))
  // What the client still says where it was before is nobody's any more.
  moving.connection.send(requestFrame(9, OpCode.create, encode('create', create('/too-late'))))
  assert.deepEqual(await ensemble.run(moving.untilClosed()), [])
  assert.deepEqual(await ensemble.run(moved.children('/')), ['moving', 'zookeeper'])
  await ensemble.assertEqual()
})

test('a follower that stops tells the leader of whom it has heard to the last', async (t) => {
  const ensemble = await startEnsemble(t)
  const clock = ensemble.clock
  // Somewhere on the way the session's time runs over the end of one of the leader's ticks, between two pings.
  for (let phaseMs = 100; phaseMs <= 2000; phaseMs += 380) {
    const client = await ensemble.client(1, { timeOut: 4000 })
    await ensemble.pass(phaseMs)
    const heardMs = clock.monotonicMs()
    await ensemble.run(client.do('ping'))
    await ensemble.stop(1)
    await ensemble.until(() => true)
    const session = ensemble.server(3).pipeline?.sessions.get(client.session.sessionId)
    const leftMs = (session?.expiresAtMs ?? 0) - heardMs
    assert.ok(leftMs >= 4000, `after ${phaseMs} ms it has ${leftMs} ms left`)
    await ensemble.start(1)
    await ensemble.settled()
  }
})

test('a session that ends where it has moved takes the connection along that it has left', async (t) => {
  const ensemble = await startEnsemble(t)
  assert.equal(await ensemble.settled(), 3)
  for (const sid of [3, 1]) {
    const left = await ensemble.client(sid)
    const { sessionId, passwd } = left.session
    const moved = await ensemble.client(2, { sessionId, passwd })
    await ensemble.run(moved.do('closeSession'))
    assert.deepEqual(await ensemble.run(left.untilClosed()), [], `on server ${sid}`)
  }
})

test('a session is not given to who has only its id', async (t) => {
  const ensemble = await startEnsemble(t)
  const client = await ensemble.client(3)
  for (const sid of ensemble.sids) {
    const { sessionId } = client.session
    const stranger = await ensemble.client(sid, { sessionId, passwd: new Uint8Array(16) })
    assert.equal(stranger.session.timeOut, 0)
    const unknown = await ensemble.client(sid, { sessionId: 77n })
    assert.equal(unknown.session.timeOut, 0)
  }
  await ensemble.run(client.do('create', create('/still-here')))
})

test('containers and TTL znodes are swept by the leader, and gone everywhere', async (t) => {
  const ensemble = await startEnsemble(t, 3, { containerCheckIntervalMs: 2000 })
  const client = await ensemble.client(1)
  await ensemble.run(client.do('createContainer', create('/container', { flags: 4 })))
  await ensemble.run(client.do('create', create('/container/child')))
  await ensemble.run(client.do('delete', { path: '/container/child', version: -1 }))
  await ensemble.until(() => ensemble.server(2).database.tree.find('/container') < 0)
  await ensemble.assertEqual()
})

test('an observer serves, forwards and is no part of the quorum', async (t) => {
  const ensemble = await startEnsemble(t, 3, {}, 1)
  assert.match(await ensemble.word(4, 'srvr'), /^Mode: observer$/m)
  const client = await ensemble.client(4)
  await ensemble.run(client.do('create', create('/observed')))
  await ensemble.run(client.do('sync', { path: '/' }))
  await ensemble.assertEqual()
  ensemble.crash(1)
  ensemble.crash(2)
  await ensemble.until(() => !ensemble.server(3).serving && !ensemble.server(4).serving)
  await ensemble.start(1)
  await ensemble.settled([1, 3, 4])
  await ensemble.assertEqual()
})

test('one server that is told that it is not alone is an ensemble of one', async (t) => {
  const ensemble = await startEnsemble(t, 1)
  const client = await ensemble.client(1)
  await ensemble.run(client.do('create', create('/alone')))
  assert.match(await ensemble.word(1, 'srvr'), /^Mode: leader$/m)
})

test('a leader whose disk is full steps down, and comes back when there is room', async (t) => {
  const ensemble = await startEnsemble(t)
  const disk = ensemble.disk(3)
  const client = await ensemble.client(1)
  disk.capacityBytes = 0
  // It may get through, or not.
  const writing = client.code('create', create('/big', { data: 'x'.repeat(10_000) })).catch(() => {})
  await ensemble.settled([1, 2])
  disk.capacityBytes = Number.POSITIVE_INFINITY
  await ensemble.settled()
  await ensemble.run(writing)
  await ensemble.assertEqual()
})

test('a member whose disk is full when it has to write down an epoch votes again, and goes on when there is room', async (t) => {
  const ensemble = await startEnsemble(t)
  ensemble.disk(1).capacityBytes = 0
  ensemble.crash(3)
  const gaveUp = (): boolean => ensemble.log(1).lines.some((line) => /No longer follower: the disk is full/.test(line))
  await ensemble.until(gaveUp)
  assert.equal(ensemble.server(2).serving, false)
  ensemble.disk(1).capacityBytes = Number.POSITIVE_INFINITY
  await ensemble.settled([1, 2])
  // The one that leads as well: 3 cannot, as it is not there.
  ensemble.disk(2).capacityBytes = 0
  ensemble.crash(1)
  await ensemble.start(3)
  await ensemble.start(1)
  await ensemble.settled([1, 3])
  ensemble.disk(2).capacityBytes = Number.POSITIVE_INFINITY
  await ensemble.settled()
  await ensemble.assertEqual()
})

test('all at once: every server crashes, and what was acknowledged is there when they are back', async (t) => {
  const ensemble = await startEnsemble(t, 3, { snapCount: 20 })
  const client = await ensemble.client(2)
  for (let i = 0; i < 100; i++) await ensemble.run(client.do('create', create(`/a${i}`)))
  for (const sid of ensemble.sids) ensemble.crash(sid)
  await ensemble.start(...ensemble.sids)
  await ensemble.settled()
  const after = await ensemble.client(1)
  assert.equal((await ensemble.run(after.children('/'))).length, 101)
  await ensemble.assertEqual()
})

test('a server that is none of those named does not start', async () => {
  const ensemble = new TestEnsemble(2)
  await assert.rejects(ensemble.start(3), /myid says 3, and there is no server\.3 line/)
})

test('the four-letter words tell what a member is and does, as Java does', async (t) => {
  const ensemble = await startEnsemble(t, 3, {}, 1)
  const client = await ensemble.client(1)
  await ensemble.run(client.do('create', create('/e', { flags: 1 })))
  await ensemble.assertEqual()
  assert.match(
    await ensemble.word(3, 'srvr'),
    /^Mode: leader\nNode count: 6\nProposal sizes last\/min\/max: \d+\/\d+\/\d+\n$/m,
  )
  assert.match(await ensemble.word(1, 'srvr'), /^Mode: follower\nNode count: 6\n$/m)
  const conf = await ensemble.word(4, 'conf')
  const lines = [1, 2, 3].map((sid) => `server.${sid}=s${sid}:2888:3888:participant\n`).join('')
  assert.equal(
    conf.slice(conf.indexOf('serverId')),
    'serverId=4\ninitLimit=5\nsyncLimit=2\nelectionAlg=3\nelectionPort=3888\nquorumPort=2888\npeerType=1\n' +
      `membership: \n${lines}server.4=s4:2888:3888:observer\nversion=0`,
  )
  const leader = await ensemble.word(3, 'mntr')
  for (const line of [
    'server_state\tleader',
    'peer_state\tleading - broadcast',
    'quorum_size\t3',
    'learners\t3',
    'synced_followers\t2',
    'synced_non_voting_followers\t0',
    'synced_observers\t1',
    'pending_syncs\t0',
    'proposal_count\t2',
    'commit_count\t2',
    'looking_count\t1',
  ]) {
    assert.ok(leader.includes(`zk_${line}\n`), line)
  }
  const follower = await ensemble.word(1, 'mntr')
  assert.ok(follower.includes('zk_peer_state\tfollowing - broadcast\n'))
  assert.ok(follower.includes('zk_learner_commit_received_count\t2\n'))
  assert.ok(!follower.includes('zk_learners'), 'what only a leader has to show')
  const session = `0x${BigInt.asUintN(64, client.session.sessionId).toString(16)}`
  assert.ok((await ensemble.word(2, 'dump')).includes(`Global Sessions(1):\n${session}\t${client.session.timeOut}ms\n`))
  assert.match(await ensemble.word(3, 'dump'), /^Session Sets \(\d+\)\/\(1\):$/m)
})

test('large requests that an election has put an end to do not count any more', async (t) => {
  const ensemble = await startEnsemble(t, 3, { largeRequestThreshold: 1000, largeRequestMaxBytes: 3000 })
  const big = encode('create', create('/big', { data: 'x'.repeat(2000) }))
  const client = await ensemble.client(1)
  for (const other of [1, 2]) ensemble.network.cut('s3', `s${other}`)
  client.connection.send(requestFrame(1, OpCode.create, big))
  assert.deepEqual(await ensemble.run(client.untilClosed()), [])
  await ensemble.settled([1, 2])
  const again = await ensemble.client(1)
  assert.equal((await ensemble.run(again.askBytes(OpCode.create, big))).code, 'OK')
})

test('groups and weights decide which servers are a quorum', async (t) => {
  const ensemble = new TestEnsemble(3, {}, 0, 'group.1=1\ngroup.2=2\ngroup.3=3\nweight.3=0')
  t.after(async () => {
    for (const sid of ensemble.running) await ensemble.stop(sid)
  })
  await ensemble.start(1, 3)
  await ensemble.pass(5000)
  assert.ok(!ensemble.server(1).serving && !ensemble.server(3).serving, 'one of the two groups with weight is missing')
  await ensemble.start(2)
  assert.equal(await ensemble.settled(), 2, 'not the third, which has no weight')
  await ensemble.run((await ensemble.client(3)).do('create', create('/weighed')))
  await ensemble.assertEqual()
})
