import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PacketType, type QuorumPacket } from '@vivarium/protocol'
import fc from 'fast-check'
import { encodeQuorumPacket, QuorumPacketDecoder, quorumPacket } from '../../dist/zab/index.js'

const packets = fc.array(
  fc.record({
    type: fc.integer({ min: 1, max: 19 }),
    zxid: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
    data: fc.option(fc.uint8Array({ maxLength: 40 })),
    authinfo: fc.option(
      fc.array(fc.record({ scheme: fc.option(fc.string()), id: fc.option(fc.string()) }, { noNullPrototype: true }), {
        maxLength: 3,
      }),
    ),
  }),
  { maxLength: 6 },
)

const plain = (packet: QuorumPacket): QuorumPacket => ({ ...packet, data: packet.data && Uint8Array.from(packet.data) })

test('packets come out as they went in, however the bytes are cut', () => {
  fc.assert(
    fc.property(packets, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map(encodeQuorumPacket))
      const decoder = new QuorumPacketDecoder()
      const got: QuorumPacket[] = []
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const end = Math.min(bytes.length, at + (cuts[i % cuts.length] as number))
        decoder.push(bytes, at, end)
        at = end
        for (let packet = decoder.next(); packet !== null; packet = decoder.next()) got.push(plain(packet))
      }
      assert.equal(decoder.error, null)
      assert.deepEqual(got, sent.map(plain))
      assert.equal(decoder.takeRest().length, 0)
    }),
  )
})

test('what follows SNAP is handed out raw, and packets go on after it', () => {
  const decoder = new QuorumPacketDecoder()
  const snapshot = Buffer.from('a snapshot that is no packet at all')
  decoder.push(Buffer.concat([encodeQuorumPacket(quorumPacket(PacketType.SNAP, 5)), snapshot]))
  assert.equal(decoder.next()?.type, PacketType.SNAP)
  assert.deepEqual(Buffer.from(decoder.takeRest()), snapshot)
  decoder.push(encodeQuorumPacket(quorumPacket(PacketType.NEWLEADER, 6)))
  assert.equal(decoder.next()?.zxid, 6)
})

test('a packet owns its bytes', () => {
  const decoder = new QuorumPacketDecoder()
  const chunk = encodeQuorumPacket(quorumPacket(PacketType.PROPOSAL, 1, new Uint8Array([7])))
  decoder.push(chunk)
  chunk.fill(0)
  const first = decoder.next()
  decoder.push(encodeQuorumPacket(quorumPacket(PacketType.PROPOSAL, 2, new Uint8Array([8]))))
  decoder.next()
  assert.deepEqual(first?.data, Buffer.from([7]))
})

function refused(build: (view: DataView) => void, maxField = 100): string | null {
  const bytes = new Uint8Array(64)
  build(new DataView(bytes.buffer))
  const decoder = new QuorumPacketDecoder(maxField)
  decoder.push(bytes)
  assert.equal(decoder.next(), null)
  return decoder.error
}

test('lengths beyond all measure are refused before anything is kept for them', () => {
  assert.match(refused((view) => view.setInt32(12, 101)) ?? '', /length 101/)
  assert.match(refused((view) => view.setInt32(12, -2)) ?? '', /length -2/)
  assert.match(refused((view) => view.setInt32(16, 0x7fff_ffff)) ?? '', /client ids/)
  const ids = (view: DataView): void => {
    view.setInt32(16, 1)
    view.setInt32(20, 0x7fff_ffff)
  }
  assert.match(refused(ids) ?? '', /unreasonable length/)
  assert.match(refused((view) => view.setBigInt64(4, 2n ** 60n)) ?? '', /53 bits/)
})

test('client ids without end are refused at some point', () => {
  const decoder = new QuorumPacketDecoder(1000)
  const head = new Uint8Array(20)
  new DataView(head.buffer).setInt32(16, 1000)
  decoder.push(head)
  const id = new Uint8Array(4 + 100)
  id[3] = 100
  let pushed = 0
  for (; decoder.error === null && pushed < 100; pushed++) {
    decoder.push(id)
    assert.equal(decoder.next(), null)
  }
  assert.ok(pushed < 30, `${pushed}`)
})

test('noise is refused or waited with, and never thrown at', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), (chunks) => {
      const decoder = new QuorumPacketDecoder(1000)
      for (const chunk of chunks) {
        decoder.push(chunk)
        while (decoder.next() !== null) {}
      }
    }),
  )
})
