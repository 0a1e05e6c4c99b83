import type { OwnerOptions } from '@vivarium/protocol'

/** What a znode's stored `ephemeralOwner` says it is: Java's EphemeralType as a small integer. */
export const NodeKind = { PERSISTENT: 0, EPHEMERAL: 1, CONTAINER: 2, TTL: 3 } as const
export type NodeKind = (typeof NodeKind)[keyof typeof NodeKind]

const CONTAINER_HIGH = -(2 ** 31)

/**
 * `ownerKind` of the protocol on the two halves of an owner, as rows have it. An extended type that does not exist,
 * for which Java throws, is taken for a session id.
 */
export function kindOfOwner(high: number, low: number, options: OwnerOptions): NodeKind {
  if (high === 0 && low === 0) return NodeKind.PERSISTENT
  const container = high === CONTAINER_HIGH && low === 0
  if (options.extendedTypes) {
    if (options.emulate353 && high < 0 && !container) return NodeKind.TTL
    if (high >>> 24 === 0xff && (high & 0x00ffff00) === 0) return NodeKind.TTL
  }
  return container ? NodeKind.CONTAINER : NodeKind.EPHEMERAL
}

/** The time to live in milliseconds that a TTL znode's owner carries in its low 40 bits. */
export function ttlOfOwner(high: number, low: number): number {
  return (high & 0xff) * 0x1_0000_0000 + (low >>> 0)
}
