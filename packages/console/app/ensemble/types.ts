/** A server as it tells of itself (`srvr`). Times are milliseconds. */
export interface Member {
  /** Null where it stands alone, or that is not known. */
  readonly sid: string | null
  readonly address: string
  readonly self: boolean
  /** Null where it is not known. */
  readonly voting: boolean | null
  /** Null where it did not answer. */
  readonly figures: Figures | null
  /** Why it did not. */
  readonly problem: string | null
}

export interface Figures {
  readonly mode: string
  readonly version: string
  readonly zxid: string
  readonly latency: { readonly min: number; readonly average: number; readonly max: number }
  readonly received: number
  readonly sent: number
  readonly connections: number
  readonly outstanding: number
  readonly nodes: number
}

/** From when on the server that tells of it had a role. */
export interface RoleChange {
  readonly at: number
  readonly mode: string
  readonly epoch: number
  /** Null while there is none. */
  readonly leader: string | null
}

/** Since when a server has led, as the gateway saw it. */
export interface LeaderChange {
  readonly at: number
  /** Its number, or its address; null: nobody. */
  readonly leader: string | null
  readonly epoch: number
}

export interface EnsembleAnswer {
  readonly now: number
  /** The oldest first. */
  readonly leaders: readonly LeaderChange[]
  readonly members: readonly Member[]
}

export interface ElectionsAnswer {
  readonly now: number
  /** Of the server that answers, the oldest first. */
  readonly changes: readonly RoleChange[]
}

/** Who led, as a line of time shows it. */
export const leaderRoles = (leaders: readonly LeaderChange[]): RoleChange[] =>
  leaders.map((change) => ({ ...change, mode: change.leader === null ? 'looking' : 'led' }))

/** A zxid taken apart: the epoch of a leader, and the number of the transaction in it. */
export function zxidParts(zxid: string): { readonly epoch: number; readonly counter: number } {
  const value = /^0x[0-9a-f]{1,16}$/i.test(zxid) ? BigInt(zxid) : 0n
  return { epoch: Number(value >> 32n), counter: Number(value & 0xffff_ffffn) }
}

/**
 * How many transactions a member is behind the one that is furthest; null where they cannot be counted. A leader's epoch begins
 * with number 0, which is no transaction: until it has logged one, who follows it is where the epoch before has ended
 * (Leader.startZkServer).
 */
export function lagOf(member: Member, members: readonly Member[]): number | null {
  if (member.figures === null) return null
  const own = zxidParts(member.figures.zxid)
  const last = members
    .flatMap(({ figures }) => (figures === null ? [] : zxidParts(figures.zxid)))
    .filter(({ counter }) => counter > 0)
    .reduce((one, other) => ((other.epoch - one.epoch || other.counter - one.counter) > 0 ? other : one), own)
  return last.epoch === own.epoch ? last.counter - own.counter : null
}
