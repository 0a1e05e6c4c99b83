import type { Leader } from '@vivarium/core'
import type { Clock } from '@vivarium/env'
import type { ClientFront } from '../serving/client-front.ts'

/** Not shown by a server that does not lead. */
const LEADER_GAUGES = [
  'learners',
  'synced_followers',
  'synced_non_voting_followers',
  'synced_observers',
  'pending_syncs',
  'leader_uptime',
  'last_proposal_size',
  'min_proposal_size',
  'max_proposal_size',
] as const

/** Shows what only a leader has to show. @param connections how many learners are connected */
export function feedLeaderGauges(
  { metrics, stats }: ClientFront,
  clock: Clock,
  leader: Leader,
  connections: () => number,
): void {
  const sinceMs = clock.monotonicMs()
  const count = (which: (learner: Leader['learners'][number]) => boolean) => () => leader.learners.filter(which).length
  stats.resetProposals()
  metrics.learners.source = connections
  metrics.synced_followers.source = count(({ sid, follows }) => follows && leader.config.voters.has(sid))
  metrics.synced_non_voting_followers.source = count(({ sid, follows }) => follows && !leader.config.voters.has(sid))
  metrics.synced_observers.source = count(({ follows }) => !follows)
  metrics.pending_syncs.source = () => leader.pendingSyncs
  metrics.leader_uptime.source = () => Math.floor(clock.monotonicMs() - sinceMs)
  metrics.last_proposal_size.source = () => stats.lastProposalSize
  metrics.min_proposal_size.source = () => stats.minProposalSize
  metrics.max_proposal_size.source = () => stats.maxProposalSize
}

export function clearLeaderGauges({ metrics }: ClientFront): void {
  for (const name of LEADER_GAUGES) metrics[name].source = null
}
