import { formatServerLine, type Member, parseServerLine } from './server-line.ts'

/** Members in the order of their ids. */
const bySid = (a: Member, b: Member): number => a.sid - b.sid

/** Hierarchical quorums: who belongs to which group, and how much each one's word weighs. */
export interface Hierarchy {
  /** By server id: the group. */
  readonly groups: ReadonlyMap<number, number>
  /** By server id; 1 where it is left out. */
  readonly weights: ReadonlyMap<number, number>
}

/**
 * The members of an ensemble, and which sets of them are a quorum. A configuration is known by its version, the zxid of
 * the transaction that brought it: the higher one is the later one.
 *
 * Inherited from QuorumMaj and QuorumHierarchical.
 */
export class QuorumConfig {
  readonly version: number
  readonly members: ReadonlyMap<number, Member>
  readonly hierarchy: Hierarchy | null
  /** Those who vote. */
  readonly voters: ReadonlySet<number>
  /** What each group weighs in all; groups without weight do not count. */
  readonly #groupWeights = new Map<number, number>()

  constructor(members: readonly Member[], version = 0, hierarchy: Hierarchy | null = null) {
    this.version = version
    this.members = new Map(members.map((member) => [member.sid, member]))
    this.hierarchy = hierarchy
    this.voters = new Set(members.filter(({ role }) => role === 'participant').map(({ sid }) => sid))
    if (hierarchy === null) return
    for (const sid of this.voters) {
      const group = hierarchy.groups.get(sid)
      const weight = this.weight(sid)
      if (group !== undefined && weight > 0)
        this.#groupWeights.set(group, (this.#groupWeights.get(group) ?? 0) + weight)
    }
  }

  /** How much a server's word counts. One without weight is never elected. */
  weight(sid: number): number {
    return this.hierarchy === null ? 1 : (this.hierarchy.weights.get(sid) ?? 1)
  }

  /** Whether an oracle may let one voter go on without the other: there are two, and neither outweighs the other. */
  get isPair(): boolean {
    return this.voters.size === 2 && this.hierarchy === null
  }

  /**
   * Whether these servers are enough: more than half of the voters, or of the weight of more than half of the groups.
   *
   * @param alone a server that an oracle lets go on by itself: of a pair, it is enough if it is among them (QuorumOracleMaj)
   */
  containsQuorum(sids: Iterable<number>, alone: number | null = null): boolean {
    if (this.hierarchy === null) {
      let count = 0
      let single = false
      for (const sid of sids) {
        if (!this.voters.has(sid)) continue
        count++
        if (sid === alone) single = this.isPair
      }
      return single || count > Math.floor(this.voters.size / 2)
    }
    const acked = new Map<number, number>()
    for (const sid of sids) {
      const group = this.voters.has(sid) ? this.hierarchy.groups.get(sid) : undefined
      if (group !== undefined) acked.set(group, (acked.get(group) ?? 0) + this.weight(sid))
    }
    let satisfied = 0
    for (const [group, total] of this.#groupWeights) if ((acked.get(group) ?? 0) > Math.floor(total / 2)) satisfied++
    return satisfied > Math.floor(this.#groupWeights.size / 2)
  }

  /** The same members under another version. */
  withVersion(version: number): QuorumConfig {
    return new QuorumConfig([...this.members.values()], version, this.hierarchy)
  }

  /** Whether another configuration says the same of the same members, whatever its version. Names are not resolved. */
  hasMembersOf(other: QuorumConfig): boolean {
    return this.lines().join('\n') === other.lines().join('\n')
  }

  /** A line for each member, then for groups and weights; those of each kind in the order of their numbers. */
  lines(): string[] {
    const lines = [...this.members.values()]
      .sort(bySid)
      .map((member) => `server.${member.sid}=${formatServerLine(member)}`)
    if (this.hierarchy === null) return lines
    const { groups } = this.hierarchy
    for (const group of [...new Set(groups.values())].sort((a, b) => a - b)) {
      const sids = [...groups.keys()].filter((sid) => groups.get(sid) === group).sort((a, b) => a - b)
      lines.push(`group.${group}=${sids.join(':')}`)
    }
    // As Java does, with the weights that were left out.
    const weighted = new Set([...this.hierarchy.weights.keys(), ...this.voters])
    for (const sid of [...weighted].sort((a, b) => a - b)) lines.push(`weight.${sid}=${this.weight(sid)}`)
    return lines
  }

  /**
   * As it stands in `/zookeeper/config` and travels between servers: {@link lines}, then `version=` without a line end
   * (QuorumVerifier.toString). Compare configurations parsed: Java's order of lines is that of a hash map.
   */
  toString(): string {
    return [...this.lines(), `version=${this.version.toString(16)}`].join('\n')
  }
}

/**
 * Reads the text of a configuration.
 *
 * @returns the configuration, or what is wrong with the text
 */
export function parseQuorumConfig(text: string): QuorumConfig | string {
  const members: Member[] = []
  const groups = new Map<number, number>()
  const weights = new Map<number, number>()
  let hierarchical = false
  let version = 0
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const equals = line.indexOf('=')
    if (equals < 0) return `"${line}" is not key=value`
    const key = line.slice(0, equals).trim()
    const value = line.slice(equals + 1).trim()
    const [kind, number = ''] = key.split('.')
    if (key === 'version') {
      if (!/^[0-9a-f]{1,13}$/i.test(value)) return `"${value}" is no version`
      version = Number.parseInt(value, 16)
      continue
    }
    if (!/^-?\d{1,15}$/.test(number)) return `"${key}" is no key of a configuration`
    const id = Number(number)
    if (kind === 'server') {
      const member = parseServerLine(id, value)
      if (typeof member === 'string') return `${key}: ${member}`
      members.push(member)
    } else if (kind === 'group') {
      hierarchical = true
      for (const part of value.split(':')) {
        const sid = Number(part)
        if (!/^\d{1,15}$/.test(part.trim())) return `${key}: "${part}" is no server id`
        if (groups.has(sid)) return `${key}: server ${sid} is in two groups`
        groups.set(sid, id)
      }
    } else if (kind === 'weight') {
      hierarchical = true
      if (!/^\d{1,9}$/.test(value)) return `${key}: "${value}" is no weight`
      weights.set(id, Number(value))
    } else return `"${key}" is no key of a configuration`
  }
  if (hierarchical) {
    const missing = members.find(({ sid, role }) => role === 'participant' && !groups.has(sid))
    if (missing !== undefined) return `server.${missing.sid} is in no group`
  }
  return new QuorumConfig(members, version, hierarchical ? { groups, weights } : null)
}
