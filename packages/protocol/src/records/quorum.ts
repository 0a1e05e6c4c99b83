/** The jute module org.apache.zookeeper.server.quorum: what servers say to each other on the quorum port. */
import { buffer, int, long, vector, zxid } from '../jute/field-types.ts'
import { type RecordOf, record } from '../jute/record.ts'
import { Id } from './data.ts'

/** What a learner says of itself. `serverid` is its sid; `configVersion` is the zxid of the configuration it has. */
export const LearnerInfo = record({ serverid: zxid, protocolVersion: int, configVersion: zxid })
export type LearnerInfo = RecordOf<typeof LearnerInfo>

/** The one message of the quorum port, sent without a length in front. `type` is one of PacketType. */
export const QuorumPacket = record({ type: int, zxid, data: buffer, authinfo: vector(Id) })
export type QuorumPacket = RecordOf<typeof QuorumPacket>

/** Carries a step of SASL between servers before they speak. */
export const QuorumAuthPacket = record({ magic: long, status: int, token: buffer })
export type QuorumAuthPacket = RecordOf<typeof QuorumAuthPacket>

/** QuorumPacket.type (constants of Leader). */
export const PacketType = {
  REQUEST: 1,
  PROPOSAL: 2,
  ACK: 3,
  COMMIT: 4,
  PING: 5,
  REVALIDATE: 6,
  SYNC: 7,
  INFORM: 8,
  COMMITANDACTIVATE: 9,
  NEWLEADER: 10,
  FOLLOWERINFO: 11,
  UPTODATE: 12,
  DIFF: 13,
  TRUNC: 14,
  SNAP: 15,
  OBSERVERINFO: 16,
  LEADERINFO: 17,
  ACKEPOCH: 18,
  INFORMANDACTIVATE: 19,
} as const
