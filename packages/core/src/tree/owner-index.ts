import { NodeKind } from './node-kind.ts'

/** Which znodes belong to which session, and which the sweeper has to look at: containers and TTL znodes. */
export class OwnerIndex {
  /** Rows of ephemeral znodes by session id; a session without any has no entry. */
  readonly ephemerals: Map<bigint, Set<number>>
  readonly containers: Set<number>
  readonly ttls: Set<number>
  /** How many ephemeral znodes there are. */
  ephemeralCount: number

  constructor() {
    this.ephemerals = new Map()
    this.containers = new Set()
    this.ttls = new Set()
    this.ephemeralCount = 0
  }

  add(row: number, kind: NodeKind, owner: bigint): void {
    if (kind === NodeKind.CONTAINER) this.containers.add(row)
    else if (kind === NodeKind.TTL) this.ttls.add(row)
    else if (kind === NodeKind.EPHEMERAL) {
      const rows = this.ephemerals.get(owner)
      if (rows === undefined) this.ephemerals.set(owner, new Set([row]))
      else rows.add(row)
      this.ephemeralCount += 1
    }
  }

  remove(row: number, kind: NodeKind, owner: bigint): void {
    if (kind === NodeKind.CONTAINER) this.containers.delete(row)
    else if (kind === NodeKind.TTL) this.ttls.delete(row)
    else if (kind === NodeKind.EPHEMERAL) {
      const rows = this.ephemerals.get(owner)!
      rows.delete(row)
      if (rows.size === 0) this.ephemerals.delete(owner)
      this.ephemeralCount -= 1
    }
  }
}
