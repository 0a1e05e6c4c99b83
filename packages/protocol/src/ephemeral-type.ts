/**
 * What a stored `ephemeralOwner` says of a znode. Only for an `EPHEMERAL` one it is a session id; clients are told 0 for
 * all others. `INVALID`: marked as extended, but with a feature that there is not (Java throws for it).
 */
export type OwnerKind = 'NONE' | 'EPHEMERAL' | 'CONTAINER' | 'TTL' | 'INVALID'

export interface OwnerOptions {
  /** `zookeeper.extendedTypesEnabled`. Without it an owner that marks a TTL znode is taken for a session id. */
  readonly extendedTypes: boolean
  /** `zookeeper.emulate353TTLNodes`: read the owners of TTL znodes as 3.5.3 wrote them. */
  readonly emulate353: boolean
}

/** The owner of a container: Java's Long.MIN_VALUE. */
export const CONTAINER_OWNER = -(1n << 63n)

/** The longest time to live of a znode: 40 bits of milliseconds, almost 35 years. */
export const MAX_TTL_MS = 0xff_ffff_ffff

/** A top byte of FF marks an extended type, the next two bytes which one: 0 is TTL. Server id 255 is not possible then. */
const EXTENDED_MASK = -(1n << 56n)
const FEATURE_MASK = 0xff_ff00_0000_0000n
const VALUE_MASK = 0xff_ffff_ffffn

/** What the owner stands for (EphemeralType.get, EphemeralTypeEmulate353.get). */
export function ownerKind(owner: bigint, options: OwnerOptions): OwnerKind {
  if (options.extendedTypes) {
    if (options.emulate353 && owner < 0n && owner !== CONTAINER_OWNER) return 'TTL'
    if ((owner & EXTENDED_MASK) === EXTENDED_MASK) return (owner & FEATURE_MASK) === 0n ? 'TTL' : 'INVALID'
  }
  if (owner === CONTAINER_OWNER) return 'CONTAINER'
  return owner === 0n ? 'NONE' : 'EPHEMERAL'
}

/** The owner that stands for a time to live. @param ttl milliseconds, 1 to {@link MAX_TTL_MS} */
export function ttlOwner(ttl: number): bigint {
  return EXTENDED_MASK | BigInt(ttl)
}

/** The time to live, in milliseconds, that the owner of a TTL znode stands for. */
export function ttlOf(owner: bigint): number {
  return Number(owner & VALUE_MASK)
}
