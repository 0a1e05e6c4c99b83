import { PacketType } from '@vivarium/protocol'
import { ByteWriter } from '../../bytes.ts'
import { RequestMaker } from '../../differential/requests.ts'
import type { Prng } from '../../prng.ts'
import type { Template } from './block-maker.ts'
import { HEADER_BYTES, notification, packet } from './packets.ts'

const ZXID = [4, 12] as const
const DATA_LENGTH_AT = 12

/** What a learner may say once it is synchronized, for the most part of the kinds that are there. */
export function learnerTemplates(random: Prng): Template[] {
  const requests = new RequestMaker(random, { hasSuper: false, enforcesQuota: false })
  const anySession = (): bigint => (BigInt(random.uint32()) << 32n) | BigInt(random.uint32())
  const touch = (): ByteWriter => new ByteWriter().long(anySession()).int(random.below(30_000))
  const makers: [weight: number, make: () => Template][] = [
    [6, () => whole(PacketType.PING, random.oneIn(2) ? touch().take() : random.bytes(random.below(60)))],
    // Of what was never proposed, or long ago.
    [6, () => whole(PacketType.ACK, null, BigInt(random.uint32()))],
    [4, () => zxidOnly(PacketType.REVALIDATE, touch().take())],
    [1, () => sessionRequest(requests, anySession())],
    // What only a leader says, and what nobody does.
    [2, () => whole(random.below(24), random.bytes(random.below(60)))],
  ]
  return Array.from({ length: 1000 }, () => random.weighted(makers)())
}

/** Of types that are not what a learner's connection ends by. */
function whole(type: number, data: Buffer | null, zxid = 0n): Template {
  const bytes = packet(ENDING.has(type) ? PacketType.PING : type, zxid, data)
  return { bytes, ranges: [ZXID, [HEADER_BYTES, HEADER_BYTES + (data?.length ?? 0)]], lengthAt: DATA_LENGTH_AT }
}

/** A request that is too short, or a question about no session, ends the connection. */
const ENDING = new Set<number>([PacketType.REQUEST, PacketType.REVALIDATE])

function zxidOnly(type: number, data: Buffer): Template {
  return { bytes: packet(type, -1n, data), ranges: [ZXID, [HEADER_BYTES, HEADER_BYTES + 8]], lengthAt: DATA_LENGTH_AT }
}

/** Of a session that there is not. */
function sessionRequest(requests: RequestMaker, session: bigint): Template {
  const { op, body } = requests.create()
  const data = new ByteWriter().long(session).int(requests.nextXid()).int(op).raw(body).take()
  const [from, to] = [HEADER_BYTES + 16, HEADER_BYTES + data.length]
  return { bytes: packet(PacketType.REQUEST, -1n, data), ranges: [[from, to]], lengthAt: DATA_LENGTH_AT }
}

/** Votes of all kinds: for servers that are there and are not, of rounds and with zxids of the future. */
export function electionTemplates(random: Prng): Template[] {
  const number = (): bigint => random.pick([0n, 1n, -1n, 3n, 5n, 2n ** 40n, 2n ** 62n, BigInt(random.uint32())])
  return Array.from({ length: 1000 }, () => {
    const config = random.oneIn(3) ? '' : random.pick(['version=1', 'server.1=h:1:2\nversion=ffff', 'nonsense'])
    const vote = { state: random.below(5) - 1, leader: number(), zxid: number(), electionEpoch: number() }
    const bytes = notification({ ...vote, peerEpoch: number(), config })
    return { bytes, ranges: [[4, bytes.length]], lengthAt: 0 }
  })
}
