import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeZxid, PacketType } from '@vivarium/protocol'
import {
  encodeDesignatedLeader,
  encodeInt,
  encodeText,
  encodeValidity,
  ForwardedRequests,
  Learner,
  type LearnerEffect,
  type LearnerEvent,
  type LearnerOptions,
  type LoggedTxn,
  quorumPacket,
} from '../../dist/zab/index.js'
import { committedLog, configOf, txn, txns, zxidsOf } from './txns.ts'

const P = PacketType
const NAMES = new Map(Object.entries(P).map(([name, type]) => [type as number, name]))
const Z = makeZxid

function brief(effect: LearnerEffect<string>): string {
  switch (effect.type) {
    case 'send':
      return `>${NAMES.get(effect.packet.type)} ${effect.packet.zxid.toString(16)}`
    case 'append':
      return `append ${effect.txn.zxid.toString(16)}`
    case 'commit':
      return `commit ${effect.txn.zxid.toString(16)}${effect.token === null ? '' : ` ${effect.token}`}`
    case 'persistAcceptedEpoch':
    case 'persistCurrentEpoch':
    case 'serve':
      return `${effect.type} ${effect.epoch}`
    case 'receiveSnapshot':
    case 'truncate':
      return `${effect.type} ${effect.zxid.toString(16)}`
    case 'syncAnswered':
      return `syncAnswered ${effect.token}`
    case 'lastSeenConfig':
    case 'reconfigured':
      return `${effect.type} ${effect.config.version.toString(16)}`
    default:
      return effect.type
  }
}

class Bench {
  readonly learner: Learner<string>
  readonly options: LearnerOptions
  last: readonly LearnerEffect<string>[] = []

  constructor(others: Partial<LearnerOptions> = {}, list: readonly LoggedTxn[] = txns(2, 1, 3)) {
    this.options = {
      sid: 2,
      leader: 1,
      role: 'follower',
      history: { acceptedEpoch: 2, currentEpoch: 2, lastZxid: list.at(-1)?.zxid ?? 0, committed: committedLog(list) },
      config: configOf([1, 2, 3], [9]),
      initLimit: 4,
      syncLimit: 2,
      reconfigEnabled: true,
      wantsSnapshot: false,
      ...others,
    }
    this.learner = new Learner(this.options)
  }

  step(...events: LearnerEvent<string>[]): string[] {
    for (const event of events) this.learner.step(event)
    this.last = this.learner.takeEffects()
    return this.last.map(brief)
  }

  packet(type: number, zxid: number, data: Uint8Array | null = null): string[] {
    return this.step({ type: 'packet', packet: quorumPacket(type, zxid, data) })
  }

  propose(one: LoggedTxn): string[] {
    return this.packet(P.PROPOSAL, one.zxid, one.data)
  }

  /** Each transaction, proposed and committed. */
  history(list: readonly LoggedTxn[]): string[] {
    return list.flatMap((one) => [...this.propose(one), ...this.packet(P.COMMIT, one.zxid)])
  }

  inform(one: LoggedTxn): string[] {
    return this.packet(P.INFORM, one.zxid, one.data)
  }

  /** Up to where the leader has to say how it synchronizes. */
  accept(epoch = 3): this {
    this.step({ type: 'connected' })
    this.packet(P.LEADERINFO, Z(epoch, 0), encodeInt(0x10000))
    this.step({ type: 'acceptedEpochPersisted' })
    return this
  }

  serve(): this {
    this.accept()
    this.packet(P.DIFF, Z(2, 3))
    this.packet(P.NEWLEADER, Z(3, 0))
    this.step({ type: 'currentEpochPersisted' })
    this.packet(P.UPTODATE, -1)
    assert.equal(this.learner.phase, 'serving')
    return this
  }

  get ended(): Extract<LearnerEffect<string>, { type: 'ended' }> {
    const ended = this.last.find((effect) => effect.type === 'ended')
    assert.ok(ended?.type === 'ended')
    return ended
  }
}

// ---- discovery

test('an epoch is accepted on disk before that is said', () => {
  const bench = new Bench()
  assert.deepEqual(bench.step({ type: 'connected' }), ['>FOLLOWERINFO 200000000'])
  assert.deepEqual(bench.packet(P.LEADERINFO, Z(3, 0), encodeInt(0x10000)), ['persistAcceptedEpoch 3'])
  assert.deepEqual(bench.step({ type: 'acceptedEpochPersisted' }), ['>ACKEPOCH 200000003'])
  const [sent] = bench.last
  assert.ok(sent?.type === 'send')
  assert.deepEqual(sent.packet.data, encodeInt(2), 'with the epoch that it was in')
})

test('an epoch that was accepted before is not accepted again; one from before that, not at all', () => {
  const again = new Bench()
  again.step({ type: 'connected' })
  assert.deepEqual(again.packet(P.LEADERINFO, Z(2, 0)), ['>ACKEPOCH 200000003'])
  const [sent] = again.last
  assert.ok(sent?.type === 'send')
  assert.deepEqual(sent.packet.data, encodeInt(-1))
  const old = new Bench({ role: 'observer' })
  assert.deepEqual(old.step({ type: 'connected' }), ['>OBSERVERINFO 200000000'])
  assert.deepEqual(old.packet(P.LEADERINFO, Z(1, 0)), ['ended'])
  const other = new Bench()
  other.step({ type: 'connected' })
  assert.deepEqual(other.packet(P.NEWLEADER, Z(3, 0)), ['ended'])
})

// ---- synchronization

for (const role of ['follower', 'observer'] as const) {
  test(`a ${role} has history, then epoch on disk before it acknowledges NEWLEADER`, () => {
    const bench = new Bench({ role }).accept()
    assert.deepEqual(bench.packet(P.DIFF, Z(2, 5)), [])
    assert.deepEqual(bench.history(txns(2, 4, 5)), [
      'append 200000004',
      'commit 200000004',
      'append 200000005',
      'commit 200000005',
    ])
    assert.deepEqual(bench.packet(P.NEWLEADER, Z(3, 0)), [], 'ZOOKEEPER-4643: not the epoch yet')
    assert.deepEqual(bench.step({ type: 'synced', zxid: Z(2, 4) }), [])
    assert.deepEqual(bench.step({ type: 'synced', zxid: Z(2, 5) }), ['persistCurrentEpoch 3'])
    assert.deepEqual(bench.step({ type: 'currentEpochPersisted' }), ['>ACK 300000000'])
    assert.deepEqual(bench.packet(P.UPTODATE, -1), ['>ACK 300000000', 'serve 3'])
    assert.equal(bench.learner.lastZxid, Z(2, 5))
  })
}

test('what is proposed during synchronization is logged after UPTODATE, and acknowledged from disk (ZOOKEEPER-4685)', () => {
  const bench = new Bench().accept()
  bench.packet(P.DIFF, Z(2, 3))
  assert.deepEqual(bench.propose(txn(Z(3, 1))), [])
  bench.packet(P.NEWLEADER, Z(3, 0))
  assert.deepEqual(bench.step({ type: 'currentEpochPersisted' }), ['>ACK 300000000'])
  assert.deepEqual(bench.packet(P.COMMIT, Z(3, 1)), [], 'a commit right after the ack (ZOOKEEPER-4394)')
  bench.propose(txn(Z(3, 2)))
  assert.deepEqual(bench.packet(P.UPTODATE, -1), [
    '>ACK 300000000',
    'serve 3',
    'append 300000001',
    'commit 300000001',
    'append 300000002',
  ])
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 2) }), ['>ACK 300000002'])
  assert.deepEqual(bench.packet(P.COMMIT, Z(3, 2)), ['commit 300000002'])
})

test('a snapshot replaces everything, and what comes with it waits until it is on disk', () => {
  const bench = new Bench().accept()
  assert.deepEqual(bench.packet(P.SNAP, Z(2, 9)), ['receiveSnapshot 200000009'])
  assert.deepEqual(bench.history(txns(2, 10, 10)), [])
  assert.deepEqual(bench.packet(P.NEWLEADER, Z(3, 0)), [])
  assert.deepEqual(bench.step({ type: 'installed' }), ['append 20000000a', 'commit 20000000a'])
  assert.deepEqual(zxidsOf(bench.options.history.committed.after(-1)), [Z(2, 10)], 'what came before is forgotten')
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(2, 10) }), ['persistCurrentEpoch 3'])
})

test('transactions that the snapshot has already do no harm (protocol-spec issue 2)', () => {
  const bench = new Bench().accept()
  bench.packet(P.SNAP, Z(2, 9))
  bench.step({ type: 'installed' })
  assert.deepEqual(bench.history(txns(2, 8, 10)), ['append 20000000a', 'commit 20000000a'])
})

test('a truncation is on disk before anything else goes on', () => {
  const bench = new Bench().accept()
  assert.deepEqual(bench.packet(P.TRUNC, Z(2, 2)), ['truncate 200000002'])
  bench.packet(P.NEWLEADER, Z(3, 0))
  assert.deepEqual(bench.step({ type: 'truncated', zxid: Z(2, 2) }), ['persistCurrentEpoch 3'])
  assert.equal(bench.options.history.committed.max, Z(2, 2))
  assert.equal(bench.learner.lastZxid, Z(2, 2))
})

test('a truncation that ends short, or cannot be done, does not go unnoticed', () => {
  const short = new Bench().accept()
  short.packet(P.TRUNC, Z(2, 2))
  assert.deepEqual(short.step({ type: 'truncated', zxid: Z(2, 1) }), ['ended'])
  const start = new Bench().accept()
  start.packet(P.TRUNC, Z(2, 0))
  assert.deepEqual(start.step({ type: 'truncated', zxid: Z(1, 7) }), [], 'an epoch has no transaction 0')

  const impossible = new Bench().accept()
  impossible.packet(P.TRUNC, Z(2, 2))
  assert.deepEqual(impossible.step({ type: 'truncated', zxid: null }), ['ended'])
  assert.equal(impossible.ended.wantsSnapshot, true)
  const next = new Bench({ wantsSnapshot: true })
  next.accept()
  assert.equal(next.learner.phase, 'opening')
  assert.deepEqual(next.packet(P.DIFF, Z(2, 3)), ['ended'])
})

test('who pretends to have nothing does not vouch for the epoch', () => {
  const bench = new Bench({ wantsSnapshot: true })
  bench.step({ type: 'connected' })
  bench.packet(P.LEADERINFO, Z(3, 0))
  assert.deepEqual(bench.step({ type: 'acceptedEpochPersisted' }), ['>ACKEPOCH 0'])
  const [sent] = bench.last
  assert.ok(sent?.type === 'send')
  assert.deepEqual(sent.packet.data, encodeInt(-1))
})

test('a history with a hole is refused (ZOOKEEPER-4925)', () => {
  const refusedAfter = (first: readonly LoggedTxn[], then: LoggedTxn): boolean => {
    const bench = new Bench().accept()
    bench.packet(P.DIFF, Z(2, 9))
    bench.history(first)
    return bench.propose(then).includes('ended')
  }
  assert.ok(refusedAfter([], txn(Z(2, 5))), 'right at the beginning')
  assert.ok(refusedAfter(txns(2, 4, 4), txn(Z(2, 6))))
  assert.ok(refusedAfter(txns(2, 4, 5), txn(Z(2, 5))))
  assert.ok(refusedAfter([], txn(Z(4, 1))), 'an epoch to come')
  assert.ok(!refusedAfter(txns(2, 4, 4), txn(Z(3, 1))))
})

test('commits have their turn', () => {
  const bench = new Bench().accept()
  bench.packet(P.DIFF, Z(2, 3))
  bench.propose(txn(Z(2, 4)))
  bench.propose(txn(Z(2, 5)))
  assert.deepEqual(bench.packet(P.COMMIT, Z(2, 5)), ['ended'])
  const empty = new Bench().accept()
  empty.packet(P.DIFF, Z(2, 3))
  assert.deepEqual(empty.packet(P.COMMIT, Z(2, 4)), ['ended'], 'of nothing at all')
})

test('UPTODATE and NEWLEADER have their turn, too', () => {
  const bench = new Bench().accept()
  bench.packet(P.DIFF, Z(2, 3))
  assert.deepEqual(bench.packet(P.NEWLEADER, Z(4, 0)), ['ended'])
  const early = new Bench().accept()
  early.packet(P.DIFF, Z(2, 3))
  assert.deepEqual(early.packet(P.UPTODATE, -1), ['ended'])
  const twice = new Bench().accept()
  twice.packet(P.DIFF, Z(2, 3))
  twice.packet(P.NEWLEADER, Z(3, 0))
  assert.deepEqual(twice.packet(P.NEWLEADER, Z(3, 0)), ['ended'])
  const odd = new Bench().accept()
  assert.deepEqual(odd.packet(P.UPTODATE, -1), ['ended'], 'nothing but DIFF, TRUNC or SNAP opens')
})

test('a link that breaks while the tree is replaced leaves one that must be read again (ZOOKEEPER-3642)', () => {
  const bench = new Bench().accept()
  bench.packet(P.SNAP, Z(2, 9))
  bench.step({ type: 'closed', reason: 'gone' })
  assert.equal(bench.ended.reload, true)
  const plain = new Bench().accept()
  plain.packet(P.DIFF, Z(2, 9))
  plain.step({ type: 'closed', reason: 'gone' })
  assert.equal(plain.ended.reload, false)
})

// ---- broadcast

test('a follower acknowledges each proposal from disk, and commits with or without it', () => {
  const bench = new Bench().serve()
  assert.deepEqual(bench.propose(txn(Z(3, 1))), ['append 300000001'])
  assert.deepEqual(bench.propose(txn(Z(3, 2))), ['append 300000002'])
  assert.deepEqual(bench.packet(P.COMMIT, Z(3, 1)), ['commit 300000001'], 'the others are a quorum')
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 2) }), ['>ACK 300000001', '>ACK 300000002'])
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 2) }), [])
  assert.deepEqual(bench.packet(P.COMMIT, Z(3, 2)), ['commit 300000002'])
  assert.deepEqual(bench.packet(P.COMMIT, Z(3, 3)), ['warn'])
})

test('a hole, a commit out of turn, and what is no transaction end it', () => {
  assert.deepEqual(new Bench().serve().propose(txn(Z(3, 0))), ['ended'])
  const holed = new Bench().serve()
  holed.propose(txn(Z(3, 1)))
  assert.deepEqual(holed.propose(txn(Z(3, 3))), ['ended'])
  assert.deepEqual(zxidsOf(holed.ended.tail), [Z(3, 1)], 'what is logged is applied before the next vote')
  assert.equal(holed.learner.lastZxid, Z(3, 1))
  const turn = new Bench().serve()
  turn.propose(txn(Z(3, 1)))
  assert.deepEqual(turn.packet(P.COMMIT, Z(3, 2)), ['ended'])
  assert.deepEqual(new Bench().serve().packet(P.PROPOSAL, Z(3, 1), new Uint8Array(31)), ['ended'])
  assert.deepEqual(new Bench().serve().propose(txn(Z(4, 1))), ['ended'], 'of another epoch')
})

test('an observer logs what it is told, and acknowledges nothing', () => {
  const bench = new Bench({ role: 'observer', sid: 9 }).serve()
  assert.deepEqual(bench.inform(txn(Z(3, 1))), ['append 300000001', 'commit 300000001'])
  assert.deepEqual(bench.step({ type: 'synced', zxid: Z(3, 1) }), [])
  assert.deepEqual(bench.propose(txn(Z(3, 2))), ['warn'])
  assert.deepEqual(bench.packet(P.COMMIT, Z(3, 1)), ['warn'])
  assert.deepEqual(bench.inform(txn(Z(3, 3))), ['ended'])
})

test('syncs are answered in order, writes by their transaction', () => {
  const bench = new Bench().serve()
  const forward = (token: string, opType: number, cxid: number): string[] =>
    bench.step({
      type: 'forward',
      request: { sessionId: 7n, cxid, opType, body: new Uint8Array(0) },
      authinfo: [{ scheme: 'ip', id: '::1' }],
      token,
    })
  assert.deepEqual(forward('a', 9, 1), ['>REQUEST -1'])
  forward('b', 5, 2)
  forward('c', 9, 3)
  assert.deepEqual(bench.packet(P.SYNC, 0), ['syncAnswered a'])
  bench.propose(txn(Z(3, 1), { session: 7n, cxid: 9 }))
  bench.propose(txn(Z(3, 2), { session: 7n, cxid: 2 }))
  assert.deepEqual(
    bench.packet(P.COMMIT, Z(3, 1)),
    ['commit 300000001'],
    'of the same session, by way of another server',
  )
  assert.deepEqual(bench.packet(P.COMMIT, Z(3, 2)), ['commit 300000002 b'])
  assert.deepEqual(bench.packet(P.SYNC, 0), ['syncAnswered c'])
  assert.deepEqual(bench.packet(P.SYNC, 0), ['warn'])
})

test('sessions whose ids differ in one half are told apart', () => {
  const forwarded = new ForwardedRequests<string>()
  forwarded.add(0x1_0000_0005n, 1, 'a')
  forwarded.add(0x2_0000_0005n, 1, 'b')
  forwarded.add(-1n, 1, 'c')
  assert.equal(forwarded.match(txn(1, { session: 0x2_0000_0005n, cxid: 1 })), 'b')
  assert.equal(forwarded.match(txn(1, { session: 5n, cxid: 1 })), null)
  assert.equal(forwarded.match(txn(1, { session: 0x1_0000_0005n, cxid: 1 })), 'a')
  assert.equal(forwarded.match(txn(1, { session: -1n, cxid: 2 })), null)
  assert.equal(forwarded.match(txn(1, { session: -1n, cxid: 1 })), 'c')
  assert.equal(forwarded.size, 0)
})

test('pings and revalidations are passed on', () => {
  const bench = new Bench().serve()
  assert.deepEqual(bench.packet(P.PING, Z(3, 4)), ['answerPing'])
  assert.deepEqual(bench.step({ type: 'revalidate', session: { sessionId: 4n, timeoutMs: 9 } }), ['>REVALIDATE -1'])
  bench.packet(P.REVALIDATE, -1, encodeValidity(4n, true))
  assert.deepEqual(bench.last, [{ type: 'revalidated', sessionId: 4n, valid: true }])
  assert.deepEqual(bench.packet(77, 0), ['warn'])
})

test('a leader that is silent is left', () => {
  const half = { type: 'halfTick' } as const
  const bench = new Bench().serve()
  assert.deepEqual(bench.step(half, half, half), [])
  bench.packet(P.PING, 0)
  assert.deepEqual(bench.step(half, half, half), [])
  assert.deepEqual(bench.step(half), ['ended'])
  const slow = new Bench().accept()
  slow.packet(P.SNAP, Z(2, 9))
  for (let i = 0; i < 20; i++) assert.deepEqual(slow.step({ type: 'received' }, half, half, half), [])
})

// ---- reconfiguration

const versioned = (voters: readonly number[], observers: readonly number[], counter: number): LoggedTxn =>
  txn(Z(3, counter), { config: configOf(voters, observers, Z(3, counter)).toString() })

test('a configuration is remembered when it is proposed, and in force when it is committed', () => {
  const bench = new Bench().serve()
  assert.deepEqual(bench.propose(versioned([1, 2, 4], [9], 1)), ['lastSeenConfig 300000001', 'append 300000001'])
  assert.deepEqual(bench.packet(P.COMMITANDACTIVATE, Z(3, 1), encodeDesignatedLeader(1)), [
    'commit 300000001',
    'reconfigured 300000001',
  ])
})

test('who gets another leader or another role leaves, after the commit', () => {
  const leader = new Bench().serve()
  leader.propose(versioned([2, 3], [9], 1))
  assert.deepEqual(leader.packet(P.COMMITANDACTIVATE, Z(3, 1), encodeDesignatedLeader(3)), [
    'commit 300000001',
    'reconfigured 300000001',
    'ended',
  ])
  assert.equal(leader.ended.next, 3)
  const role = new Bench({ role: 'observer', sid: 9 }).serve()
  const one = versioned([1, 2, 3, 9], [], 1)
  assert.deepEqual(role.packet(P.INFORMANDACTIVATE, Z(3, 1), encodeDesignatedLeader(1, one.data)).slice(1), [
    'commit 300000001',
    'reconfigured 300000001',
    'ended',
  ])
})

test('an observer may be told of a reconfiguration while it is synchronized', () => {
  const bench = new Bench({ role: 'observer', sid: 9 }).accept()
  bench.packet(P.DIFF, Z(2, 3))
  const one = versioned([1, 2], [9], 1)
  assert.deepEqual(bench.packet(P.INFORMANDACTIVATE, Z(3, 1), encodeDesignatedLeader(1, one.data)), [
    'lastSeenConfig 300000001',
    'append 300000001',
    'commit 300000001',
    'reconfigured 300000001',
  ])
  assert.deepEqual(bench.inform(txn(Z(3, 2))), ['append 300000002', 'commit 300000002'])
})

test('the configuration of NEWLEADER is in force at UPTODATE, but not while it is only proposed', () => {
  const text = encodeText(configOf([1, 2, 4], [9], Z(3, 1)).toString())
  const run = (pending: boolean): string[] => {
    const bench = new Bench().accept()
    bench.packet(P.DIFF, Z(2, 3))
    if (pending) bench.propose(versioned([1, 2, 4], [9], 1))
    bench.packet(P.NEWLEADER, Z(3, 0), text)
    bench.step({ type: 'currentEpochPersisted' })
    return bench.packet(P.UPTODATE, -1)
  }
  assert.deepEqual(run(false), ['reconfigured 300000001', '>ACK 300000000', 'serve 3'])
  assert.deepEqual(run(true), ['>ACK 300000000', 'serve 3', 'append 300000001'])
})

test('without reconfiguration no configuration is taken over', () => {
  const bench = new Bench({ reconfigEnabled: false }).accept()
  bench.packet(P.DIFF, Z(2, 3))
  const text = encodeText(configOf([1, 2, 4], [9], Z(3, 1)).toString())
  assert.deepEqual(bench.packet(P.NEWLEADER, Z(3, 0), text), ['persistCurrentEpoch 3'])
  bench.step({ type: 'currentEpochPersisted' })
  assert.deepEqual(bench.packet(P.UPTODATE, -1), ['>ACK 300000000', 'serve 3'])
})

test('who finds its leader left out of the configuration in force, or elsewhere, looks for another one', () => {
  const endOf = (text: string): unknown => {
    const bench = new Bench().accept()
    bench.packet(P.DIFF, Z(2, 3))
    bench.packet(P.NEWLEADER, Z(3, 0), encodeText(text))
    bench.step({ type: 'currentEpochPersisted' })
    bench.packet(P.UPTODATE, -1)
    return bench.learner.phase === 'ended' ? bench.ended.next : 'serving'
  }
  assert.equal(endOf(configOf([1, 2], [9], Z(3, 1)).toString()), 'serving')
  assert.equal(endOf(configOf([2, 3], [9], Z(3, 1)).toString()), null)
  assert.equal(endOf(configOf([2, 3], [1, 9], Z(3, 1)).toString()), null)
  const moved = configOf([1, 2], [9], Z(3, 1)).toString().replace('server.1=h1:', 'server.1=elsewhere:')
  assert.match(moved, /elsewhere/)
  assert.equal(endOf(moved), null)
})
