export { AckSet, decisiveConfigs } from './ack-set.ts'
export { CommittedLog, DEFAULT_COMMIT_LOG_COUNT } from './committed-log.ts'
export { sameQuorumAddress } from './designated-leader.ts'
export { ForwardedRequests } from './forwarded-requests.ts'
export { Leader, type LeaderPhase } from './leader.ts'
export {
  DEFAULT_LEADER_OPTIONS,
  type LeaderEffect,
  type LeaderEvent,
  type LeaderOptions,
  type LinkEffect,
  type LinkEvent,
  type PeerHistory,
} from './leader-messages.ts'
export { Learner, type LearnerPhase } from './learner.ts'
export type { LearnerEffect, LearnerEvent, LearnerOptions } from './learner-messages.ts'
export { LoggedTxn } from './logged-txn.ts'
export {
  ObserverMaster,
  type ObserverMasterEffect,
  type ObserverMasterEvent,
  type ObserverMasterOptions,
} from './observer-master.ts'
export {
  decodeDesignatedLeader,
  decodeInt,
  decodeLearnerInfo,
  decodeRequest,
  decodeTouches,
  decodeValidity,
  encodeDesignatedLeader,
  encodeInt,
  encodeLearnerInfo,
  encodeRequest,
  encodeRevalidation,
  encodeText,
  encodeTouches,
  encodeValidity,
  type ForwardedRequest,
  PROTOCOL_VERSION,
  type SessionTouch,
} from './packet-bodies.ts'
export { encodeQuorumPacket, QuorumPacketDecoder, quorumPacket } from './quorum-packet.ts'
export { configOf } from './reconfig-txn.ts'
export { planSync, type SyncInput, type SyncPlan } from './sync-plan.ts'
