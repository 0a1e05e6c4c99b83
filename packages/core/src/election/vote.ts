/** What a server does in its ensemble (QuorumPeer.ServerState); the numbers are those on the wire. */
export const PeerState = { LOOKING: 0, FOLLOWING: 1, LEADING: 2, OBSERVING: 3 } as const
export type PeerState = (typeof PeerState)[keyof typeof PeerState]

/** What those who have no vote say instead of an id, a zxid or an epoch: Java's Long.MIN_VALUE. */
export const NO_VOTE = -(2 ** 63)

/** Whom a server wants for its leader, and what it knows of it. */
export interface Vote {
  /** The candidate. */
  readonly leader: number
  /** The last transaction that the candidate has. */
  readonly zxid: number
  /** The round of the election: counted by each server, and carried on to those that lag behind. */
  readonly electionEpoch: number
  /** The epoch that the candidate has last taken part in. */
  readonly peerEpoch: number
  /** What the voter did when it said so. */
  readonly state: PeerState
  /** The format of the message it came in. */
  readonly version: number
}

/**
 * Whether two votes are for the same leader (Vote.equals). Of those who have found one, zxid and round may differ: a
 * vote is kept while the ensemble moves on (ZOOKEEPER-1805); old servers do not tell their epoch (ZOOKEEPER-1818).
 */
export function sameVote(a: Vote, b: Vote): boolean {
  if (a.state === PeerState.LOOKING || b.state === PeerState.LOOKING) {
    return (
      a.leader === b.leader && a.zxid === b.zxid && a.electionEpoch === b.electionEpoch && a.peerEpoch === b.peerEpoch
    )
  }
  if (a.version > 0 !== b.version > 0) return a.leader === b.leader
  return a.leader === b.leader && a.peerEpoch === b.peerEpoch
}
