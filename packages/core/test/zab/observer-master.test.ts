import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeZxid, PacketType } from '@vivarium/protocol'
import {
  encodeInt,
  encodeLearnerInfo,
  encodeRequest,
  encodeTouches,
  type LoggedTxn,
  ObserverMaster,
  type ObserverMasterEffect,
  type ObserverMasterEvent,
  type ObserverMasterOptions,
  quorumPacket,
} from '../../dist/zab/index.js'
import { committedLog, configOf, txn, txns } from './txns.ts'

const P = PacketType
const NAMES = new Map(Object.entries(P).map(([name, type]) => [type as number, name]))
const EPOCH = 3
const BEGIN = makeZxid(EPOCH, 0)
const SELF = 1
const OBSERVER = 4

/** What came out of the machine, in short: packets as `7<INFORM 300000001`, other effects by type and link. */
function brief(effect: ObserverMasterEffect): string {
  if (effect.type === 'send')
    return `${effect.link}<${NAMES.get(effect.packet.type)} ${effect.packet.zxid.toString(16)}`
  return 'link' in effect ? `${effect.type} ${effect.link}` : effect.type
}

class Bench {
  readonly master: ObserverMaster
  last: readonly ObserverMasterEffect[] = []

  constructor(others: Partial<ObserverMasterOptions> = {}, list: readonly LoggedTxn[] = txns(EPOCH, 1, 5)) {
    const config = configOf([1, 2, 3], [OBSERVER])
    this.master = new ObserverMaster({
      sid: SELF,
      epoch: EPOCH,
      lastZxid: list.at(-1)?.zxid ?? BEGIN,
      committed: committedLog(list),
      config: () => config,
      initLimit: 4,
      syncLimit: 2,
      forceSnapshot: false,
      maxSnapSyncs: 1,
      maxDiffSyncs: 2,
      ...others,
    })
  }

  step(...events: ObserverMasterEvent[]): string[] {
    for (const event of events) this.master.step(event)
    this.last = this.master.takeEffects()
    return this.last.map(brief)
  }

  packet(link: number, type: number, zxid: number, data: Uint8Array | null = null): string[] {
    return this.step({ type: 'packet', link, packet: quorumPacket(type, zxid, data) })
  }

  connect(
    link: number,
    { sid = OBSERVER, type = P.OBSERVERINFO as number, epoch = 2, configVersion = 0 } = {},
  ): string[] {
    this.step({ type: 'accepted', link })
    return this.packet(link, type, makeZxid(epoch, 0), encodeLearnerInfo(sid, configVersion))
  }

  /** An observer that has all transactions up to `zxid`, up to its ACK of NEWLEADER. */
  join(link: number, zxid: number, sid = OBSERVER): string[] {
    this.connect(link, { sid })
    const sync = this.packet(link, P.ACKEPOCH, zxid, encodeInt(2))
    this.packet(link, P.ACK, BEGIN)
    return sync
  }
}

test('an observer is brought to where the follower is, and is told what is committed from then on', () => {
  const bench = new Bench()
  assert.deepEqual(bench.connect(7), ['7<LEADERINFO 300000000'])
  const history = ['7<PROPOSAL 300000004', '7<COMMIT 300000004', '7<PROPOSAL 300000005', '7<COMMIT 300000005']
  assert.deepEqual(bench.packet(7, P.ACKEPOCH, makeZxid(EPOCH, 3), encodeInt(2)), [
    '7<DIFF 300000005',
    ...history,
    '7<NEWLEADER 300000000',
  ])
  const next = txn(makeZxid(EPOCH, 6))
  assert.deepEqual(
    bench.step({ type: 'committed', txn: next, designatedLeader: null }),
    ['7<INFORM 300000006'],
    'at once',
  )
  assert.deepEqual(bench.master.observers, [])
  assert.deepEqual(bench.packet(7, P.ACK, BEGIN), ['7<UPTODATE -1'])
  assert.deepEqual(bench.master.observers, [OBSERVER])
  assert.deepEqual(bench.packet(7, P.ACK, BEGIN), [], 'of UPTODATE')
  assert.deepEqual(bench.step({ type: 'committed', txn: txn(makeZxid(EPOCH, 7)), designatedLeader: 2 }), [
    '7<INFORMANDACTIVATE 300000007',
  ])
})

test('one that lacks more than is in memory waits for the log, or gets a snapshot', () => {
  const bench = new Bench()
  bench.connect(7)
  assert.deepEqual(bench.packet(7, P.ACKEPOCH, makeZxid(2, 1), encodeInt(2)), ['readLog 7'])
  assert.deepEqual(bench.step({ type: 'committed', txn: txn(makeZxid(EPOCH, 6)), designatedLeader: null }), [])
  const sync = bench.step({ type: 'logRead', link: 7, txns: null })
  assert.deepEqual(sync, ['7<SNAP 300000006', 'sendSnapshot 7', '7<NEWLEADER 300000000'])
  bench.connect(8, { sid: 5 })
  bench.packet(8, P.ACKEPOCH, makeZxid(2, 1), encodeInt(2))
  assert.deepEqual(bench.step({ type: 'logRead', link: 8, txns: null }), ['drop 8'], 'one at a time here')
})

test('one that is ahead of the follower is cut back to it', () => {
  assert.deepEqual(new Bench().join(7, makeZxid(EPOCH, 9)), ['7<TRUNC 300000005', '7<NEWLEADER 300000000'])
})

test('only observers that can be served are', () => {
  for (const [what, hello] of Object.entries({
    'a follower': { type: P.FOLLOWERINFO },
    'a later configuration': { configVersion: 1 },
    'a later epoch': { epoch: EPOCH + 1 },
    'the same server': { sid: SELF },
  })) {
    assert.deepEqual(new Bench().connect(7, hello), ['drop 7'], what)
  }
  const bench = new Bench()
  bench.step({ type: 'accepted', link: 7 })
  assert.deepEqual(bench.packet(7, P.OBSERVERINFO, 0, new Uint8Array(3)), ['drop 7'])
  assert.deepEqual(bench.packet(7, P.OBSERVERINFO, 0), [], 'it is gone')
  bench.connect(8)
  assert.deepEqual(bench.packet(8, P.ACKEPOCH, 0), ['drop 8'], 'without an epoch')
  bench.connect(9)
  bench.packet(9, P.ACKEPOCH, makeZxid(EPOCH, 5), encodeInt(2))
  assert.deepEqual(bench.packet(9, P.ACK, makeZxid(EPOCH, 5)), ['drop 9'], 'NEWLEADER is to be acknowledged')
})

test('a server that connects anew has one connection', () => {
  const bench = new Bench()
  bench.join(7, makeZxid(EPOCH, 5))
  assert.deepEqual(bench.connect(8), ['drop 7', '8<LEADERINFO 300000000'])
})

test('what observers ask for is passed on, and answered to who asked', () => {
  const bench = new Bench()
  bench.join(7, makeZxid(EPOCH, 5))
  bench.join(8, makeZxid(EPOCH, 5), 5)
  const touch = encodeTouches([{ sessionId: 77n, timeoutMs: 4000 }])
  assert.deepEqual(bench.packet(7, P.PING, 0, touch), ['touch'])
  assert.deepEqual(bench.packet(8, P.REVALIDATE, -1, touch), ['revalidate 8'])
  assert.deepEqual(bench.packet(8, P.REVALIDATE, -1), ['drop 8'])
  const request = encodeRequest({ sessionId: 77n, cxid: 1, opType: 9, body: new Uint8Array(0) })
  assert.deepEqual(bench.packet(7, P.REQUEST, -1, request), ['request 7'])
  assert.deepEqual(bench.step({ type: 'revalidated', link: 7, sessionId: 77n, valid: true }), ['7<REVALIDATE -1'])
  assert.deepEqual(bench.step({ type: 'syncAnswered', link: 7 }), ['7<SYNC 0'])
  assert.deepEqual(bench.step({ type: 'syncAnswered', link: 8 }), [], 'nobody waits there any more')
  assert.deepEqual(bench.packet(7, P.REQUEST, -1, new Uint8Array(15)), ['drop 7'])
})

test('observers are pinged, and those that are silent are dropped', () => {
  const bench = new Bench()
  bench.join(7, makeZxid(EPOCH, 5))
  bench.step({ type: 'accepted', link: 8 })
  const told: string[][] = []
  for (let i = 0; i < 8; i++) told.push(bench.step({ type: 'halfTick' }))
  const ping = ['7<PING 300000005']
  assert.deepEqual(told, [ping, ping, ping, ['drop 7'], [], [], [], ['drop 8']])
})
