import { ByteWriter } from '../../bytes.ts'

/** What stands in front of a packet's data: type, zxid, length. */
export const HEADER_BYTES = 16
const PROTOCOL_VERSION = 0x10000

export function packet(type: number, zxid: bigint, data: Uint8Array | null = null): Buffer {
  // No client ids: an empty list.
  return new ByteWriter().int(type).long(zxid).buffer(data).int(0).take()
}

/** FOLLOWERINFO or OBSERVERINFO. */
export function learnerInfo(type: number, sid: bigint, acceptedEpoch: number, version = PROTOCOL_VERSION): Buffer {
  return packet(type, epochZxid(acceptedEpoch), new ByteWriter().long(sid).int(version).long(0n).take())
}

export function epochZxid(epoch: number): bigint {
  return BigInt(epoch) << 32n
}

export function intData(value: number): Buffer {
  return new ByteWriter().int(value).take()
}

/** The first message on a connection for the election. */
export function electionHello(sid: bigint, address: string): Buffer {
  return new ByteWriter().long(-65_536n).long(sid).string(address).take()
}

export const PeerState = { LOOKING: 0, FOLLOWING: 1, LEADING: 2, OBSERVING: 3 } as const

export interface Vote {
  state: number
  leader: bigint
  zxid: bigint
  electionEpoch: bigint
  peerEpoch: bigint
  config: string
}

/** A message of the election, behind its length. */
export function notification({ state, leader, zxid, electionEpoch, peerEpoch, config }: Vote): Buffer {
  const body = new ByteWriter().int(state).long(leader).long(zxid).long(electionEpoch).long(peerEpoch).int(2)
  return new ByteWriter().buffer(body.string(config).take()).take()
}
