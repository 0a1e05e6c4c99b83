import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { counterOf, type QuorumPacket } from '@vivarium/protocol'
import {
  decodeDesignatedLeader,
  decodeLearnerInfo,
  decodeRequest,
  decodeTouches,
  decodeValidity,
  encodeDesignatedLeader,
  encodeInt,
  encodeLearnerInfo,
  encodeQuorumPacket,
  encodeRequest,
  encodeRevalidation,
  encodeValidity,
  LoggedTxn,
  planSync,
  QuorumPacketDecoder,
} from '../../dist/zab/index.js'
import { committedLog, txn, zxidsOf } from './txns.ts'

interface Decision {
  readonly peer: number
  readonly last: number
  readonly committed: readonly number[]
  readonly logged: readonly number[]
  readonly snapshot: boolean
  readonly forwardedFrom: number
  readonly sent: readonly (readonly [type: number, zxid: number])[]
}

/** Written by RecordQuorum.java. */
const recording = JSON.parse(readFileSync(new URL('../../test/zab/quorum.recording', import.meta.url), 'utf8')) as {
  readonly packets: readonly (readonly [string, string])[]
  readonly decisions: readonly Decision[]
}

const bytesOf = (name: string): Uint8Array =>
  Buffer.from(recording.packets.find(([other]) => other === name)?.[1] ?? '', 'hex')

function packetOf(name: string): QuorumPacket {
  const decoder = new QuorumPacketDecoder()
  decoder.push(bytesOf(name))
  return decoder.next() as QuorumPacket
}

const SESSION = 0x100a1b2c3d4e5f6n

test('packets that Java has written are read, and written back to the same bytes', () => {
  const decoder = new QuorumPacketDecoder()
  for (const [name, hex] of recording.packets) {
    decoder.push(Buffer.from(hex, 'hex'))
    const packet = decoder.next()
    assert.ok(packet !== null, name)
    assert.equal(Buffer.from(encodeQuorumPacket(packet)).toString('hex'), hex, name)
    assert.equal(decoder.next(), null)
  }
  assert.equal(recording.packets.length, 13)
})

test('what is in the packets is as Java writes it', () => {
  const info = packetOf('FOLLOWERINFO')
  assert.deepEqual(decodeLearnerInfo(info.data as Uint8Array), {
    serverid: 3,
    protocolVersion: 0x10000,
    configVersion: 0x1_0000_0002,
  })
  assert.deepEqual(Buffer.from(encodeLearnerInfo(3, 0x1_0000_0002)), Buffer.from(info.data as Uint8Array))
  assert.deepEqual(Buffer.from(encodeInt(0x10000)), Buffer.from(packetOf('LEADERINFO').data as Uint8Array))
  assert.deepEqual(Buffer.from(encodeInt(-1)), Buffer.from(packetOf('ACKEPOCH').data as Uint8Array))

  const request = packetOf('REQUEST')
  const decoded = { sessionId: SESSION, cxid: 9, opType: 5, body: Buffer.from([1, 2, 3]) }
  assert.deepEqual(decodeRequest(request.data), decoded)
  assert.deepEqual(Buffer.from(encodeRequest(decoded)), Buffer.from(request.data as Uint8Array))
  assert.deepEqual(request.authinfo, [
    { scheme: 'ip', id: '127.0.0.1' },
    { scheme: 'digest', id: 'aé:b' },
  ])

  const touch = { sessionId: SESSION, timeoutMs: 30000 }
  assert.deepEqual(decodeTouches(packetOf('REVALIDATE').data), [touch])
  assert.deepEqual(Buffer.from(encodeRevalidation(touch)), Buffer.from(packetOf('REVALIDATE').data as Uint8Array))
  assert.deepEqual(decodeValidity(packetOf('REVALIDATED').data), { sessionId: SESSION, valid: true })
  assert.deepEqual(Buffer.from(encodeValidity(SESSION, true)), Buffer.from(packetOf('REVALIDATED').data as Uint8Array))

  const proposal = LoggedTxn.from(packetOf('PROPOSAL').data) as LoggedTxn
  assert.deepEqual(
    [proposal.zxid, proposal.type, proposal.cxid, proposal.sessionHigh, proposal.sessionLow],
    [0x6_0000_0001, 5, 7, 0x100a1b2, 0xc3d4e5f6 | 0],
  )
  const informed = decodeDesignatedLeader(packetOf('INFORMANDACTIVATE').data)
  assert.equal(informed?.sid, 2)
  assert.deepEqual(informed?.txn, proposal.data)
  assert.deepEqual(
    Buffer.from(encodeDesignatedLeader(2, proposal.data)),
    Buffer.from(packetOf('INFORMANDACTIVATE').data as Uint8Array),
  )
  assert.deepEqual(
    Buffer.from(encodeDesignatedLeader(2)),
    Buffer.from(packetOf('COMMITANDACTIVATE').data as Uint8Array),
  )
})

test('learners are synchronized as Java decides to', () => {
  const modes = new Map<string, number>()
  for (const { peer, last, committed, logged, snapshot, sent } of recording.decisions) {
    // What is asked of the log begins with the last transaction that the learner may have.
    const from = logged.findLastIndex((zxid) => zxid <= peer)
    const plan = planSync({
      peerZxid: peer,
      lastZxid: last,
      committed: committedLog(committed.map((zxid) => txn(zxid))),
      logged: from < 0 ? null : logged.slice(from).map((zxid) => txn(zxid)),
      forceSnapshot: false,
    })
    const where = JSON.stringify({ peer, last, committed, logged })
    assert.ok(plan.mode !== 'LOG')
    modes.set(plan.mode, (modes.get(plan.mode) ?? 0) + 1)
    const [first] = sent
    if (snapshot) assert.equal(plan.mode, 'SNAP', where)
    else if (first?.[0] === 14 && counterOf(first[1]) === 0) {
      // No log has such a transaction, and Java's learner would cut in the wrong place.
      assert.equal(plan.mode, 'SNAP', where)
    } else {
      assert.equal(plan.mode, first?.[0] === 13 ? 'DIFF' : 'TRUNC', where)
      assert.equal(plan.zxid, first?.[1], where)
      const proposals = sent.filter(([type]) => type === 2).map(([, zxid]) => zxid)
      assert.deepEqual(zxidsOf(plan.txns), proposals, where)
    }
  }
  assert.deepEqual([...modes.keys()].sort(), ['DIFF', 'SNAP', 'TRUNC'])
})
