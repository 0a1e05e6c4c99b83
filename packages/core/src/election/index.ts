export {
  type Candidate,
  type ElectionEffect,
  type ElectionEvent,
  type ElectionOptions,
  FastLeaderElection,
} from './fast-leader-election.ts'
export { decodeNotification, encodeNotification, type Notification } from './notification.ts'
export { NO_VOTE, PeerState, sameVote, type Vote } from './vote.ts'
