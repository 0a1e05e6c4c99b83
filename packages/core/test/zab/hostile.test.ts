import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeZxid, PacketType, type QuorumPacket } from '@vivarium/protocol'
import {
  DEFAULT_LEADER_OPTIONS,
  encodeDesignatedLeader,
  encodeInt,
  encodeLearnerInfo,
  encodeText,
  encodeTouches,
  Leader,
  Learner,
  quorumPacket,
} from '../../dist/zab/index.js'
import { Random } from './random.ts'
import { committedLog, configOf, txn, txns } from './txns.ts'

const TYPES = Object.values(PacketType)

/** Whatever a peer may send: mostly what fits somehow, so that it gets far. */
function anyPacket(random: Random, likely: readonly number[]): QuorumPacket {
  const type = random.chance(70) ? random.pick(likely) : random.pick([...TYPES, 0, -1, 99])
  const zxid = random.pick([-1, 0, makeZxid(2, random.below(6)), makeZxid(3, random.below(4)), makeZxid(4, 1), 2 ** 52])
  const config = configOf([1, 2, random.below(4)], [9], zxid > 0 ? zxid : 0).toString()
  const one = txn(zxid, random.chance(20) ? { config } : {})
  const broken = Uint8Array.from({ length: random.below(40) }, () => random.below(256))
  const data = random.pick([
    null,
    null,
    one.data,
    one.data,
    one.data,
    encodeInt(random.below(4) - 1),
    encodeText(config),
    encodeLearnerInfo(random.below(5), random.below(2)),
    encodeDesignatedLeader(random.below(4), one.data),
    encodeTouches([{ sessionId: 1n, timeoutMs: 5 }]),
    broken,
  ])
  return quorumPacket(type, zxid, data)
}

test('no leader can make a learner throw', () => {
  const { LEADERINFO, DIFF, TRUNC, SNAP, NEWLEADER, UPTODATE, PROPOSAL, COMMIT, INFORM } = PacketType
  const random = new Random(1)
  const reached = new Map<string, number>()
  for (let run = 0; run < 1500; run++) {
    const learner = new Learner<number>({
      sid: 2,
      leader: 1,
      role: run % 2 === 0 ? 'follower' : 'observer',
      history: { acceptedEpoch: 2, currentEpoch: 2, lastZxid: makeZxid(2, 3), committed: committedLog(txns(2, 1, 3)) },
      config: configOf([1, 2, 3], [9]),
      initLimit: 5,
      syncLimit: 5,
      reconfigEnabled: run % 3 === 0,
      wantsSnapshot: false,
    })
    learner.step({ type: 'connected' })
    const expected: Record<string, readonly number[]> = {
      discovery: [LEADERINFO],
      opening: [DIFF, DIFF, TRUNC, SNAP],
      syncing: [PROPOSAL, COMMIT, NEWLEADER],
      restoring: [PROPOSAL, COMMIT, NEWLEADER],
      synced: [UPTODATE, UPTODATE, PROPOSAL],
      serving: run % 2 === 0 ? [PROPOSAL, COMMIT] : [INFORM],
    }
    for (let i = 0; i < 40 && learner.phase !== 'ended'; i++) {
      reached.set(learner.phase, (reached.get(learner.phase) ?? 0) + 1)
      const packet = anyPacket(random, expected[learner.phase] ?? [PROPOSAL])
      // What opens a phase would seldom fit by chance.
      if (packet.type === LEADERINFO || packet.type === NEWLEADER) packet.zxid = makeZxid(3, 0)
      learner.step({ type: 'packet', packet })
      for (const effect of learner.takeEffects()) {
        if (random.chance(10)) continue // The disk is slow, and the link is not.
        if (effect.type === 'persistAcceptedEpoch') learner.step({ type: 'acceptedEpochPersisted' })
        if (effect.type === 'append') learner.step({ type: 'synced', zxid: effect.txn.zxid })
        if (effect.type === 'persistCurrentEpoch') learner.step({ type: 'currentEpochPersisted' })
        if (effect.type === 'receiveSnapshot') learner.step({ type: 'installed' })
        if (effect.type === 'truncate') learner.step({ type: 'truncated', zxid: Math.min(effect.zxid, makeZxid(2, 3)) })
      }
    }
  }
  for (const phase of ['discovery', 'opening', 'syncing', 'restoring', 'synced', 'serving']) {
    assert.ok((reached.get(phase) ?? 0) > 20, `${phase}: ${reached.get(phase)}`)
  }
})

test('no learner can make a leader throw', () => {
  const { FOLLOWERINFO, OBSERVERINFO, ACKEPOCH, ACK, REQUEST, PING, REVALIDATE } = PacketType
  const random = new Random(2)
  let served = 0
  for (let run = 0; run < 400; run++) {
    const leader = new Leader({
      ...DEFAULT_LEADER_OPTIONS,
      sid: 1,
      history: { acceptedEpoch: 2, currentEpoch: 2, lastZxid: makeZxid(2, 3), committed: committedLog(txns(2, 1, 3)) },
      config: configOf([1, 2, 3], [9]),
      lastSeen: configOf([1, 2, 3], [9]),
      initLimit: 20,
      syncLimit: 20,
      reconfigEnabled: run % 2 === 0,
    })
    leader.step({ type: 'start' })
    const good = (type: number, zxid: number, data: Uint8Array | null = null): void => {
      leader.step({ type: 'packet', link: 1, packet: quorumPacket(type, zxid, data) })
    }
    // Server 2 behaves, at first.
    leader.step({ type: 'accepted', link: 1 })
    good(FOLLOWERINFO, makeZxid(2, 0), encodeLearnerInfo(2, 0))
    leader.step({ type: 'acceptedEpochPersisted' })
    if (run % 4 > 0) good(ACKEPOCH, makeZxid(2, 3), encodeInt(2))
    if (run % 4 > 1) good(ACK, makeZxid(3, 0))
    let links = 1
    for (let i = 0; i < 120 && leader.phase !== 'ended'; i++) {
      if (links < 4 || random.chance(10)) leader.step({ type: 'accepted', link: ++links })
      const link = 1 + random.below(links)
      const likely = random.pick([[FOLLOWERINFO, OBSERVERINFO], [ACKEPOCH], [ACK], [ACK, REQUEST, PING, REVALIDATE]])
      leader.step({ type: 'packet', link, packet: anyPacket(random, likely) })
      if (leader.accepting && random.chance(30)) {
        leader.step({ type: 'propose', txn: txn(leader.lastProposed + 1), config: null })
        leader.step({ type: 'sync', link })
      }
      if (random.chance(5)) leader.step({ type: 'closed', link })
      if (random.chance(5)) leader.step({ type: 'halfTick' })
      for (const effect of leader.takeEffects()) {
        if (effect.type === 'persistCurrentEpoch') leader.step({ type: 'currentEpochPersisted' })
        if (effect.type === 'append') leader.step({ type: 'synced', zxid: effect.txn.zxid })
        if (effect.type === 'readLog') leader.step({ type: 'logRead', link: effect.link, txns: null })
        if (effect.type === 'lead') served++
      }
    }
  }
  assert.ok(served > 20, `${served} leaders came to serve`)
})
