import type { Stat } from '../api/types.ts'

export type NodeKind = 'persistent' | 'ephemeral' | 'container' | 'TTL'

const CONTAINER = 0x8000000000000000n
const TTL_BITS = 0xff00000000000000n

/** What the owner of a znode says that it is: EphemeralType of ZooKeeper keeps more than sessions in it. */
export function kindOf({ ephemeralOwner }: Pick<Stat, 'ephemeralOwner'>): NodeKind {
  const owner = ownerOf(ephemeralOwner)
  if (owner === 0n) return 'persistent'
  if (owner === CONTAINER) return 'container'
  return (owner & TTL_BITS) === TTL_BITS ? 'TTL' : 'ephemeral'
}

/** How long a znode of the kind TTL may be without change and children, in milliseconds. */
export const ttlMs = (stat: Pick<Stat, 'ephemeralOwner'>): number => Number(ownerOf(stat.ephemeralOwner) & ~TTL_BITS)

function ownerOf(text: string): bigint {
  try {
    return BigInt.asUintN(64, BigInt(text))
  } catch {
    return 0n
  }
}
