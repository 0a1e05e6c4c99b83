import type { Member, QuorumConfig } from '../quorum/index.ts'
import type { AckSet } from './ack-set.ts'
import type { Proposal } from './proposals.ts'

/**
 * Who is to lead a configuration that comes into force, without an election: this leader if it still votes there at the
 * same address, or else a voter that has acknowledged it, and as many of the proposals after it as possible.
 *
 * Addresses are compared as they are written: what a name resolves to at the moment does not make another server of it
 * (ZOOKEEPER-4708). Inherited from Leader.getDesignatedLeader.
 *
 * @param sid of the leader
 * @param current the configuration that was in force until now
 * @param acks those of the new configuration
 * @param later what was proposed after it, in order
 */
export function designatedLeader(sid: number, current: QuorumConfig, acks: AckSet, later: readonly Proposal[]): number {
  const config = acks.newest
  const member = config.members.get(sid)
  if (member?.role === 'participant' && sameQuorumAddress(member, current.members.get(sid))) return sid
  let candidates = acks.sids.filter((other) => other !== sid && config.voters.has(other))
  for (const proposal of later) {
    const next = candidates.filter((other) => proposal.acks.has(other))
    if (next.length === 0) break
    candidates = next
  }
  return candidates[0] ?? sid
}

/** Whether learners reach the server where they did before. */
export function sameQuorumAddress(a: Member | undefined, b: Member | undefined): boolean {
  const [one] = a?.addresses ?? []
  const [other] = b?.addresses ?? []
  return one?.host === other?.host && one?.quorumPort === other?.quorumPort
}
