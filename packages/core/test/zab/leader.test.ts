import assert from 'node:assert/strict'
import { test } from 'node:test'
import { counterOf, makeZxid, PacketType } from '@vivarium/protocol'
import type { QuorumConfig } from '../../dist/quorum/index.js'
import {
  DEFAULT_LEADER_OPTIONS,
  encodeInt,
  encodeLearnerInfo,
  encodeRequest,
  encodeTouches,
  Leader,
  type LeaderEffect,
  type LeaderEvent,
  type LeaderOptions,
  type LoggedTxn,
  quorumPacket,
} from '../../dist/zab/index.js'
import { committedLog, configOf, txn, txns } from './txns.ts'

const P = PacketType
const NAMES = new Map(Object.entries(P).map(([name, type]) => [type as number, name]))
const Z = makeZxid
const EPOCH = 3
const THREE = configOf([1, 2, 3])

/** What came out of the machine, in short: packets as `2<COMMIT 300000001`, other effects by type and what they are about. */
function brief(effect: LeaderEffect): string {
  switch (effect.type) {
    case 'send':
      return `${effect.link}<${NAMES.get(effect.packet.type)} ${effect.packet.zxid.toString(16)}`
    case 'append':
    case 'commit':
      return `${effect.type} ${effect.txn.zxid.toString(16)}`
    case 'drop':
      return `drop ${effect.link}`
    case 'persistAcceptedEpoch':
    case 'persistCurrentEpoch':
    case 'lead':
      return `${effect.type} ${effect.epoch}`
    case 'readLog':
      return `readLog ${effect.link} ${effect.zxid.toString(16)}`
    case 'sendSnapshot':
      return `sendSnapshot ${effect.link}`
    case 'reconfigured':
      return `reconfigured ${effect.config.version.toString(16)} ${effect.designatedLeader}`
    default:
      return effect.type
  }
}

class Bench {
  readonly leader: Leader
  readonly #lastZxid: number
  last: readonly LeaderEffect[] = []

  constructor(others: Partial<LeaderOptions> = {}, list: readonly LoggedTxn[] = txns(2, 1, 3)) {
    const lastZxid = list.at(-1)?.zxid ?? 0
    this.#lastZxid = lastZxid
    this.leader = new Leader({
      ...DEFAULT_LEADER_OPTIONS,
      sid: 1,
      history: { acceptedEpoch: 2, currentEpoch: 2, lastZxid, committed: committedLog(list) },
      config: THREE,
      lastSeen: others.config ?? THREE,
      initLimit: 4,
      syncLimit: 2,
      ...others,
    })
  }

  step(...events: LeaderEvent[]): string[] {
    for (const event of events) this.leader.step(event)
    this.last = this.leader.takeEffects()
    return this.last.map(brief)
  }

  packet(link: number, type: number, zxid: number, data: Uint8Array | null = null): string[] {
    return this.step({ type: 'packet', link, packet: quorumPacket(type, zxid, data) })
  }

  hello(link: number, { sid = link, type = P.FOLLOWERINFO as number, acceptedEpoch = 2, config = 0 } = {}): string[] {
    this.leader.step({ type: 'accepted', link })
    return this.packet(link, type, Z(acceptedEpoch, 0), encodeLearnerInfo(sid, config))
  }

  ackEpoch(link: number, zxid = Z(2, 3), currentEpoch = 2): string[] {
    return this.packet(link, P.ACKEPOCH, zxid, encodeInt(currentEpoch))
  }

  /** Brings the machine to where server 2 has been synchronized. */
  lead(): this {
    this.step({ type: 'start' })
    this.hello(2)
    this.step({ type: 'acceptedEpochPersisted' })
    this.ackEpoch(2, this.#lastZxid)
    this.step({ type: 'currentEpochPersisted' })
    this.packet(2, P.ACK, Z(EPOCH, 0))
    assert.equal(this.leader.phase, 'broadcast')
    return this
  }

  /** One more learner goes all the way. */
  join(link: number, options: Parameters<Bench['hello']>[1] = {}, zxid = Z(2, 3)): string[] {
    this.hello(link, options)
    const effects = this.ackEpoch(link, zxid)
    return [...effects, ...this.packet(link, P.ACK, Z(EPOCH, 0))]
  }

  propose(counter: number, config: QuorumConfig | null = null): string[] {
    return this.step({ type: 'propose', txn: txn(Z(EPOCH, counter)), config })
  }

  ticks(count: number): string[] {
    return this.step(...Array.from({ length: count }, () => ({ type: 'halfTick' }) as const))
  }
}

// ---- discovery

test('an epoch is begun as written: agreed on, on disk, announced, accepted, recorded, taken over, served', () => {
  const bench = new Bench()
  assert.deepEqual(bench.step({ type: 'start' }), [])
  assert.deepEqual(bench.hello(2), ['persistAcceptedEpoch 3'])
  assert.deepEqual(bench.step({ type: 'acceptedEpochPersisted' }), ['2<LEADERINFO 300000000'])
  assert.deepEqual(bench.ackEpoch(2), ['persistCurrentEpoch 3', '2<DIFF 200000003', '2<NEWLEADER 300000000'])
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 0)), [], 'its own record has to be on disk, too')
  assert.deepEqual(bench.step({ type: 'currentEpochPersisted' }), ['lead 3', '2<UPTODATE -1'])
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 0)), [], 'UPTODATE is acknowledged as well')
})

test('the new epoch is beyond all that anybody has accepted, and late arrivals do not change it', () => {
  const bench = new Bench()
  bench.step({ type: 'start' })
  assert.deepEqual(bench.hello(9, { type: P.OBSERVERINFO, acceptedEpoch: 6 }), [])
  assert.deepEqual(bench.hello(2, { acceptedEpoch: 4 }), ['persistAcceptedEpoch 7'])
  assert.deepEqual(bench.hello(3, { acceptedEpoch: 11 }), [])
  assert.deepEqual(bench.step({ type: 'acceptedEpochPersisted' }), [
    '9<LEADERINFO 700000000',
    '2<LEADERINFO 700000000',
    '3<LEADERINFO 700000000',
  ])
})

test('observers make no quorum for an epoch (ZOOKEEPER-2959)', () => {
  const bench = new Bench({ config: configOf([1, 2, 3], [8, 9]) })
  bench.step({ type: 'start' })
  assert.deepEqual(bench.hello(8, { type: P.OBSERVERINFO }), [])
  assert.deepEqual(bench.hello(9), [], 'nor does one that follows without a vote')
  bench.hello(2)
  bench.step({ type: 'acceptedEpochPersisted' })
  assert.deepEqual(bench.ackEpoch(8), [])
  assert.deepEqual(bench.ackEpoch(9), [])
  assert.ok(bench.ackEpoch(2).includes('persistCurrentEpoch 3'))
})

test('who is ahead of the leader is not led by it, and who has accepted the epoch before does not count', () => {
  for (const [zxid, currentEpoch, expected] of [
    [Z(2, 4), 2, ['drop 2']],
    [Z(1, 1), 3, ['drop 2']],
    [Z(2, 9), -1, []],
    [Z(2, 3), -1, []],
  ] as const) {
    const bench = new Bench()
    bench.step({ type: 'start' })
    bench.hello(2)
    bench.step({ type: 'acceptedEpochPersisted' })
    assert.deepEqual(bench.ackEpoch(2, zxid, currentEpoch), expected)
  }
})

test('learners that cannot be led are dropped', () => {
  const bench = new Bench()
  bench.step({ type: 'start' })
  assert.deepEqual(bench.hello(4, { type: P.ACK }), ['drop 4'])
  assert.deepEqual(bench.hello(5, { config: 7 }), ['drop 5'], 'a later configuration')
  assert.deepEqual(bench.hello(6, { sid: 1 }), ['drop 6'], 'our own id')
  bench.step({ type: 'accepted', link: 7 })
  assert.deepEqual(bench.packet(7, P.FOLLOWERINFO, 0, new Uint8Array(7)), ['drop 7'])
  bench.step({ type: 'accepted', link: 8 })
  assert.deepEqual(bench.packet(8, P.FOLLOWERINFO, 0, new Uint8Array(8)), ['drop 8'], 'from before 3.4')
  assert.deepEqual(bench.hello(9), [])
  assert.deepEqual(bench.packet(9, P.ACKEPOCH, 0), ['drop 9'], 'not its turn')
  bench.step({ type: 'accepted', link: 10 })
  assert.deepEqual(bench.packet(10, P.FOLLOWERINFO, 0), [], 'without a name it gets one')
})

test('a new configuration gets its version from the first epoch (ZOOKEEPER-1783)', () => {
  const bench = new Bench({ reconfigEnabled: true })
  bench.step({ type: 'start' })
  bench.hello(2)
  assert.deepEqual(bench.step({ type: 'acceptedEpochPersisted' }), ['lastSeenConfig', '2<LEADERINFO 300000000'])
  bench.ackEpoch(2)
  const newLeader = bench.last.find((effect) => effect.type === 'send' && effect.packet.type === P.NEWLEADER)
  assert.ok(newLeader?.type === 'send')
  assert.match(Buffer.from(newLeader.packet.data as Uint8Array).toString(), /\nversion=300000000$/)
  bench.step({ type: 'currentEpochPersisted' })
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 0)), ['reconfigured 300000000 1', 'lead 3', '2<UPTODATE -1'])
})

// ---- synchronization

test('NEWLEADER needs a quorum of the configuration that is to come as well', () => {
  const bench = new Bench({ reconfigEnabled: true, lastSeen: configOf([1, 4, 5], [], Z(2, 3)) })
  bench.step({ type: 'start' })
  bench.hello(2)
  bench.hello(4)
  bench.step({ type: 'acceptedEpochPersisted' })
  bench.ackEpoch(2)
  bench.ackEpoch(4)
  bench.step({ type: 'currentEpochPersisted' })
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 0)), [])
  assert.deepEqual(bench.packet(4, P.ACK, Z(3, 0))[0], 'reconfigured 200000003 1')
})

test('an ack of something else is no ack of NEWLEADER (ZOOKEEPER-4685)', () => {
  const bench = new Bench().lead()
  bench.propose(1)
  bench.hello(3)
  bench.ackEpoch(3)
  assert.deepEqual(bench.packet(3, P.ACK, Z(3, 1)), ['warn'])
  assert.deepEqual(bench.packet(3, P.ACK, Z(3, 0)), ['3<UPTODATE -1'])
  bench.hello(4)
  bench.ackEpoch(4)
  assert.deepEqual(bench.packet(4, P.PING, 0), ['drop 4'])
})

test('what is proposed while a learner is synchronized reaches it, once (protocol-spec issues 1 and 2)', () => {
  const bench = new Bench().lead()
  bench.propose(1)
  bench.packet(2, P.ACK, Z(3, 1))
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 1) }), ['commit 300000001', '2<COMMIT 300000001'])
  bench.propose(2)
  bench.hello(3)
  assert.deepEqual(bench.ackEpoch(3, Z(2, 2)), [
    '3<DIFF 300000001',
    '3<PROPOSAL 200000003',
    '3<COMMIT 200000003',
    '3<PROPOSAL 300000001',
    '3<COMMIT 300000001',
    '3<NEWLEADER 300000000',
    '3<PROPOSAL 300000002',
  ])
  assert.deepEqual(bench.propose(3), ['append 300000003', '2<PROPOSAL 300000003', '3<PROPOSAL 300000003'])
  bench.packet(2, P.ACK, Z(3, 2))
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 2) }), [
    'commit 300000002',
    '2<COMMIT 300000002',
    '3<COMMIT 300000002',
  ])
})

test('the log is read for one who is far behind, and is decided on by what holds then', () => {
  const bench = new Bench({}, txns(2, 4, 5)).lead()
  bench.hello(3)
  assert.deepEqual(bench.ackEpoch(3, Z(2, 2)), ['readLog 3 200000002'])
  assert.deepEqual(bench.propose(1), ['append 300000001', '2<PROPOSAL 300000001'], 'nothing goes there yet')
  const txnsRead = txns(2, 2, 5)
  assert.deepEqual(bench.step({ type: 'logRead', link: 3, txns: txnsRead }), [
    '3<DIFF 200000005',
    ...['3', '4', '5'].flatMap((n) => [`3<PROPOSAL 20000000${n}`, `3<COMMIT 20000000${n}`]),
    '3<NEWLEADER 300000000',
    '3<PROPOSAL 300000001',
  ])
  assert.deepEqual(bench.step({ type: 'logRead', link: 3, txns: txnsRead }), [], 'an answer that comes twice')
})

test('a snapshot goes out before NEWLEADER (ZOOKEEPER-3104), and silence does not count meanwhile', () => {
  const bench = new Bench({ forceSnapshot: true }).lead()
  bench.hello(3)
  assert.deepEqual(bench.ackEpoch(3), ['3<SNAP 300000000', 'sendSnapshot 3', '3<NEWLEADER 300000000'])
  const keepAlive = (): void => void bench.packet(2, P.PING, 0)
  for (let i = 0; i < 20; i++) {
    keepAlive()
    assert.ok(!bench.ticks(1).includes('drop 3'))
  }
  bench.step({ type: 'snapshotSent', link: 3 })
  const dropped: string[] = []
  for (let i = 0; i < 8; i++) {
    keepAlive()
    dropped.push(...bench.ticks(1))
  }
  assert.ok(dropped.includes('drop 3'))
})

test('observers wait when many are synchronized at once; voters do not', () => {
  const bench = new Bench({ maxDiffSyncs: 1, config: configOf([1, 2, 3], [8, 9]) }).lead()
  bench.hello(8, { type: P.OBSERVERINFO })
  assert.equal(bench.ackEpoch(8)[0], '8<DIFF 200000003')
  bench.hello(9, { type: P.OBSERVERINFO })
  assert.deepEqual(bench.ackEpoch(9), ['drop 9'])
  bench.hello(3)
  assert.equal(bench.ackEpoch(3)[0], '3<DIFF 200000003')
})

// ---- broadcast

test('a proposal is committed by a quorum of disks, in order, and observers are told', () => {
  const bench = new Bench({ config: configOf([1, 2, 3], [9]) }).lead()
  bench.join(9, { type: P.OBSERVERINFO })
  bench.propose(1)
  assert.deepEqual(bench.propose(2), ['append 300000002', '2<PROPOSAL 300000002'])
  assert.deepEqual(bench.packet(9, P.ACK, Z(3, 1)), [], 'an observer has no say')
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 2)), [])
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 2) }), [], 'a quorum for the second waits for the first')
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 1)), [
    'commit 300000001',
    '2<COMMIT 300000001',
    '9<INFORM 300000001',
    'commit 300000002',
    '2<COMMIT 300000002',
    '9<INFORM 300000002',
  ])
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 1)), [], 'a late ack')
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 9)), ['warn'], 'an ack of nothing')
  assert.equal(bench.leader.lastZxid, Z(3, 2))
})

test('what a follower acknowledged does not count any more once it has been told to truncate it', () => {
  const bench = new Bench({ config: configOf([1, 2, 3, 4, 5]) })
  bench.step({ type: 'start' })
  for (const link of [2, 3]) bench.hello(link)
  bench.step({ type: 'acceptedEpochPersisted' }, { type: 'currentEpochPersisted' })
  for (const link of [2, 3]) bench.ackEpoch(link)
  bench.step({ type: 'currentEpochPersisted' })
  for (const link of [2, 3]) bench.packet(link, P.ACK, Z(3, 0))
  bench.propose(1)
  bench.packet(2, P.ACK, Z(3, 1))
  bench.step({ type: 'closed', link: 2 })
  bench.hello(12, { sid: 2, acceptedEpoch: 3 })
  assert.deepEqual(bench.ackEpoch(12, Z(3, 1), -1), [
    '12<TRUNC 200000003',
    '12<NEWLEADER 300000000',
    '12<PROPOSAL 300000001',
  ])
  bench.step({ type: 'synced', zxid: Z(3, 1) })
  assert.deepEqual(bench.packet(3, P.ACK, Z(3, 1)), [], 'two of five have it now')
  bench.packet(12, P.ACK, Z(3, 0))
  assert.equal(bench.packet(12, P.ACK, Z(3, 1))[0], 'commit 300000001')
})

test('a server has one connection: acks on an older one are not heard', () => {
  const bench = new Bench().lead()
  bench.propose(1)
  assert.deepEqual(bench.hello(12, { sid: 2 }), ['drop 2', '12<LEADERINFO 300000000'])
  bench.step({ type: 'synced', zxid: Z(3, 1) })
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 1)), [])
})

test('every sync is answered, in order, when what came before it is committed', () => {
  const bench = new Bench().lead()
  bench.join(3)
  assert.deepEqual(bench.step({ type: 'sync', link: 2 }), ['2<SYNC 0'])
  bench.propose(1)
  assert.deepEqual(bench.step({ type: 'sync', link: 3 }, { type: 'sync', link: 2 }), [])
  bench.propose(2)
  assert.deepEqual(bench.step({ type: 'sync', link: 2 }, { type: 'synced', zxid: Z(3, 2) }), [])
  const first = bench.packet(2, P.ACK, Z(3, 1))
  assert.deepEqual(first.slice(3), ['3<SYNC 0', '2<SYNC 0'])
  bench.step({ type: 'closed', link: 2 })
  assert.ok(!bench.packet(3, P.ACK, Z(3, 2)).includes('2<SYNC 0'), 'who has left gets none')
})

test('requests, touches and revalidations come out as they were sent', () => {
  const bench = new Bench().lead()
  const request = { sessionId: 5n, cxid: 2, opType: 1, body: Buffer.from([9]) }
  bench.packet(2, P.REQUEST, -1, encodeRequest(request))
  assert.deepEqual(bench.last, [{ type: 'request', link: 2, request, authinfo: null }])
  const touches = [
    { sessionId: 5n, timeoutMs: 1000 },
    { sessionId: -6n, timeoutMs: 2000 },
  ]
  bench.packet(2, P.PING, 0, encodeTouches(touches))
  assert.deepEqual(
    bench.last,
    touches.map((touch) => ({ type: 'touch', ...touch })),
  )
  bench.packet(2, P.REVALIDATE, -1, encodeTouches([{ sessionId: 5n, timeoutMs: 1000 }]))
  assert.deepEqual(bench.last, [{ type: 'revalidate', link: 2, sessionId: 5n, timeoutMs: 1000 }])
  assert.deepEqual(bench.step({ type: 'revalidated', link: 2, sessionId: 5n, valid: true }), ['2<REVALIDATE -1'])
  assert.deepEqual(bench.packet(2, 77, 0), ['warn'])
  assert.deepEqual(bench.packet(2, P.REQUEST, -1, new Uint8Array(15)), ['drop 2'])
})

test('the last counter of an epoch is not used: a new one begins (ZOOKEEPER-1277), with notice before', () => {
  const bench = new Bench({ rollOverNotice: 2 }).lead()
  assert.ok(!bench.propose(1).includes('nearRollOver'))
  assert.ok(bench.propose(2).includes('nearRollOver'))
  assert.ok(!bench.propose(3).includes('nearRollOver'))
  assert.throws(() => bench.propose(5), /impossible/, 'and none is left out')
  const last = new Bench({ initialCounter: 0xffff_fffd }).lead()
  assert.equal(last.propose(0xffff_fffe)[0], 'append 3fffffffe')
  assert.deepEqual(last.propose(0xffff_ffff), ['ended'])
  const [ended] = last.last
  assert.ok(ended?.type === 'ended')
  assert.equal(ended.tail.length, 1)
})

test('a leader that hands over commits what is outstanding first', () => {
  const bench = new Bench().lead()
  bench.propose(1)
  assert.deepEqual(bench.step({ type: 'handOver', reason: 'planned' }), [])
  assert.equal(bench.leader.accepting, false)
  bench.step({ type: 'synced', zxid: Z(3, 1) })
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 1)), ['commit 300000001', '2<COMMIT 300000001', 'ended'])
})

test('what was not committed is handed back in the end (ZOOKEEPER-2845)', () => {
  const bench = new Bench().lead()
  bench.propose(1)
  bench.propose(2)
  bench.step({ type: 'resign', reason: 'the disk is gone' })
  const [ended] = bench.last
  assert.ok(ended?.type === 'ended')
  assert.deepEqual(
    ended.tail.map(({ zxid }) => counterOf(zxid)),
    [1, 2],
  )
  assert.equal(bench.leader.lastZxid, Z(3, 2))
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 1)), [])
})

// ---- reconfiguration

test('a reconfiguration, and what is proposed while it is pending, needs both quorums', () => {
  const bench = new Bench({ reconfigEnabled: true, config: configOf([1, 2, 3], [], Z(2, 1)) }).lead()
  for (const link of [4, 5]) bench.join(link)
  const config = configOf([1, 4, 5], [], Z(3, 1))
  assert.equal(bench.propose(1, config)[0], 'lastSeenConfig')
  bench.propose(2)
  bench.step({ type: 'synced', zxid: Z(3, 2) })
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 1)), [], 'the old one alone')
  assert.deepEqual(bench.packet(4, P.ACK, Z(3, 1)), [
    'commit 300000001',
    'reconfigured 300000001 1',
    ...[2, 4, 5].map((link) => `${link}<COMMITANDACTIVATE 300000001`),
  ])
  assert.equal(bench.packet(5, P.ACK, Z(3, 2))[0], 'commit 300000002', 'the new one is enough from now on')
})

test('a leader that is not in the new configuration names the voter that has most, and commits no more', () => {
  const bench = new Bench({ reconfigEnabled: true, config: configOf([1, 2, 3], [], Z(2, 1)) }).lead()
  bench.join(3)
  bench.propose(1, configOf([2, 3], [], Z(3, 1)))
  bench.propose(2)
  bench.step({ type: 'synced', zxid: Z(3, 2) })
  bench.packet(3, P.ACK, Z(3, 1))
  bench.packet(3, P.ACK, Z(3, 2))
  assert.ok(bench.packet(2, P.ACK, Z(3, 1)).includes('reconfigured 300000001 3'))
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 2)), [])
})

test('one who joins while a reconfiguration is pending is not told that it is in force', () => {
  const bench = new Bench({ reconfigEnabled: true, config: configOf([1, 2, 3], [], Z(2, 1)) }).lead()
  bench.propose(1, configOf([1, 2, 3, 4], [], Z(3, 1)))
  bench.hello(3)
  assert.deepEqual(bench.ackEpoch(3), ['3<DIFF 200000003', '3<NEWLEADER 300000000', '3<PROPOSAL 300000001'])
  const newLeader = bench.last.find((effect) => effect.type === 'send' && effect.packet.type === P.NEWLEADER)
  assert.ok(newLeader?.type === 'send')
  assert.match(Buffer.from(newLeader.packet.data as Uint8Array).toString(), /version=200000001$/)
})

// ---- time

test('without a quorum in time there is no leader', () => {
  const waiting = new Bench()
  assert.deepEqual(waiting.step({ type: 'start' }), [])
  assert.deepEqual(waiting.ticks(7), [])
  assert.deepEqual(waiting.ticks(1), ['ended'])
})

test('learners are pinged twice a tick, and without word from a quorum the leader steps down', () => {
  const bench = new Bench().lead()
  bench.propose(1)
  assert.deepEqual(bench.ticks(1), ['2<PING 300000001'])
  for (let i = 0; i < 20; i++) {
    bench.packet(2, P.ACK, Z(3, 1))
    assert.ok(!bench.ticks(1).includes('ended'))
  }
  const effects = bench.ticks(8)
  assert.ok(effects.includes('drop 2') && effects.at(-1) === 'ended', `${effects}`)
})

test('a follower that answers pings and does not log is dropped', () => {
  const bench = new Bench().lead()
  bench.join(3)
  bench.propose(1)
  const effects: string[] = []
  for (let i = 0; i < 4; i++) {
    bench.packet(2, P.PING, 0)
    bench.packet(3, P.ACK, Z(3, 1))
    effects.push(...bench.ticks(1))
  }
  assert.ok(effects.includes('drop 2'))
  assert.ok(!effects.includes('drop 3'))
})

test('a pending configuration has to be in touch, too (ZOOKEEPER-1699)', () => {
  const bench = new Bench({ reconfigEnabled: true, config: configOf([1, 2, 3], [], Z(2, 1)) }).lead()
  for (const link of [4, 5]) bench.join(link)
  bench.propose(1, configOf([1, 4, 5], [], Z(3, 1)))
  bench.step({ type: 'closed', link: 4 }, { type: 'closed', link: 5 })
  bench.packet(2, P.PING, 0)
  assert.equal(bench.ticks(2).at(-1), 'ended')
})

test('a leader that a voter has turned away from does not wait for ever (ZOOKEEPER-3109)', () => {
  const bench = new Bench({ disloyaltyLimit: 2 })
  bench.step({ type: 'start' })
  assert.deepEqual(bench.step({ type: 'lookingVoter', sid: 2 }), [])
  bench.ticks(3)
  assert.deepEqual(bench.step({ type: 'lookingVoter', sid: 9 }), [])
  assert.deepEqual(bench.step({ type: 'lookingVoter', sid: 2 }), ['ended'])
})

test('a leader that has named another one ends once its learners have left, and goes where they go', () => {
  const bench = new Bench({ reconfigEnabled: true, config: configOf([1, 2, 3], [], Z(2, 1)) }).lead()
  bench.join(3)
  bench.propose(1, configOf([2, 3], [], Z(3, 1)))
  bench.step({ type: 'synced', zxid: Z(3, 1) })
  bench.packet(3, P.ACK, Z(3, 1))
  bench.packet(2, P.ACK, Z(3, 1))
  assert.deepEqual(bench.step({ type: 'closed', link: 3 }), [])
  assert.deepEqual(bench.step({ type: 'closed', link: 2 }), ['ended'])
  assert.equal(bench.last[0]?.type === 'ended' && bench.last[0].next, 3)
})

test('a quorum of another configuration is there or not, with the leader if it is to vote', () => {
  const bench = new Bench({ reconfigEnabled: true, config: configOf([1, 2, 3], [], Z(2, 1)) }).lead()
  assert.equal(bench.leader.hasQuorumOf(configOf([1, 2, 4])), true)
  assert.equal(bench.leader.hasQuorumOf(configOf([2, 4])), false)
  bench.join(4, { type: P.OBSERVERINFO })
  assert.equal(bench.leader.hasQuorumOf(configOf([2, 4])), false, 'one that observes votes only once it has come back')
  bench.join(5)
  assert.equal(bench.leader.hasQuorumOf(configOf([2, 5])), true)
})

// ---- an oracle (QuorumOracleMaj)

const PAIR = configOf([1, 2])
const says = (authorizes: boolean): LeaderEvent => ({ type: 'oracle', authorizes })

/** One of two voters, alone, whose oracle has let it come to where it serves. */
function alone(others: Partial<LeaderOptions> = {}): Bench {
  const bench = new Bench({ config: PAIR, oracle: true, ...others })
  assert.deepEqual(bench.step({ type: 'start' }), [])
  assert.deepEqual(bench.ticks(1), ['askOracle'])
  assert.deepEqual(bench.step(says(true)), ['persistAcceptedEpoch 3'])
  assert.deepEqual(bench.step({ type: 'acceptedEpochPersisted' }), ['askOracle'])
  assert.deepEqual(bench.step(says(true)), ['persistCurrentEpoch 3'])
  assert.deepEqual(bench.step({ type: 'currentEpochPersisted' }), ['askOracle'])
  assert.deepEqual(bench.step(says(true)), ['lead 3'])
  return bench
}

test('one of two voters leads alone as long as an oracle lets it, and is asked each time', () => {
  const bench = alone()
  bench.propose(1)
  bench.propose(2)
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 1) }), ['askOracle'])
  assert.deepEqual(bench.step(says(true)), ['commit 300000001'], 'what is not on its own disk yet has to wait')
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 2) }), ['askOracle'])
  assert.deepEqual(bench.step(says(true)), ['commit 300000002'])
  assert.deepEqual(bench.ticks(2), ['askOracle'])
  assert.deepEqual(bench.step(says(false)), ['ended'])
})

test('an answer is for all that waits when it comes, and is asked for once', () => {
  const bench = alone()
  for (const counter of [1, 2, 3]) bench.propose(counter)
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 1) }, { type: 'synced', zxid: Z(3, 3) }), ['askOracle'])
  assert.deepEqual(bench.step(says(true)), ['commit 300000001', 'commit 300000002', 'commit 300000003'])
  bench.propose(4)
  bench.step({ type: 'synced', zxid: Z(3, 4) })
  assert.deepEqual(bench.step(says(false)), ['ended'])
})

test('without the word of an oracle, one of two voters waits, and gives up', () => {
  const bench = new Bench({ config: PAIR, oracle: true })
  bench.step({ type: 'start' })
  assert.deepEqual(bench.ticks(1), ['askOracle'])
  assert.deepEqual(bench.step(says(false)), [])
  assert.deepEqual(bench.ticks(6), ['askOracle'], 'an answer is due')
  assert.deepEqual(bench.ticks(1), ['ended'])
  for (const others of [{ config: PAIR }, { config: THREE, oracle: true }]) {
    const other = new Bench(others)
    other.step({ type: 'start' })
    assert.deepEqual(other.ticks(7), [], 'nobody is asked')
  }
})

test('a leader that loses the other of two voters asks at its tick, and commits what it has', () => {
  const bench = new Bench({ config: PAIR, oracle: true }).lead()
  bench.propose(1)
  bench.propose(2)
  bench.step({ type: 'synced', zxid: Z(3, 1) })
  assert.deepEqual(bench.step({ type: 'closed', link: 2 }), [])
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 2) }), [], 'it may come back at once')
  assert.deepEqual(bench.ticks(2), ['askOracle'])
  assert.deepEqual(bench.step(says(true)), ['commit 300000001', 'commit 300000002'])
})

test('what the other of two voters had acknowledged is not committed before it is on the own disk', () => {
  const bench = new Bench({ config: PAIR, oracle: true }).lead()
  bench.propose(1)
  bench.packet(2, P.ACK, Z(3, 1))
  bench.step({ type: 'closed', link: 2 })
  bench.ticks(2)
  assert.deepEqual(bench.step(says(true)), [])
})

test('an answer counts for nothing once the other voter is there', () => {
  const bench = new Bench({ config: PAIR, oracle: true })
  bench.step({ type: 'start' })
  assert.deepEqual(bench.ticks(1), ['askOracle'])
  bench.leader.step({ type: 'accepted', link: 2 })
  assert.deepEqual(bench.packet(2, P.FOLLOWERINFO, Z(2, 0), encodeLearnerInfo(2, 0)), ['persistAcceptedEpoch 3'])
  assert.deepEqual(bench.step({ type: 'acceptedEpochPersisted' }), ['2<LEADERINFO 300000000'])
  assert.deepEqual(bench.step(says(true)), [])
  assert.equal(bench.leader.phase, 'acceptance')
})

test('while the other voter is synchronized, one that was alone goes on; then it needs it again', () => {
  const bench = alone()
  bench.hello(2)
  bench.ackEpoch(2)
  bench.propose(1)
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 1) }), ['askOracle'])
  assert.deepEqual(bench.step(says(true)), ['commit 300000001', '2<COMMIT 300000001'])
  bench.propose(2)
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 2) }), ['askOracle'])
  assert.deepEqual(bench.step(says(false)), [], 'it is on its way, and has a while for that')
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 0)), ['2<UPTODATE -1'])
  bench.propose(3)
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 3) }), [])
  assert.deepEqual(bench.packet(2, P.ACK, Z(3, 2)), ['commit 300000002', '2<COMMIT 300000002'])
})

test('a leader that is alone does not wait for an oracle that does not answer', () => {
  const bench = new Bench({ config: PAIR, oracle: true }).lead()
  bench.step({ type: 'closed', link: 2 })
  assert.deepEqual(bench.ticks(2), ['askOracle'])
  assert.deepEqual(bench.ticks(2), ['ended'])
})

test('one of two voters that is alone can leave the other out, and needs no oracle then', () => {
  const bench = alone({ reconfigEnabled: true, config: configOf([1, 2], [], Z(2, 1)) })
  const one = configOf([1], [], Z(3, 1))
  assert.equal(bench.leader.hasQuorumOf(configOf([1, 2])), true)
  assert.equal(bench.leader.hasQuorumOf(configOf([2])), false)
  bench.propose(1, one)
  bench.step({ type: 'synced', zxid: Z(3, 1) })
  assert.deepEqual(bench.step(says(true)), ['commit 300000001', 'reconfigured 300000001 1'])
  bench.propose(2)
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 2) }), ['commit 300000002'])
})
