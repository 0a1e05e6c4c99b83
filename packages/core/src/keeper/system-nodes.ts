import { encodeUtf8, KeeperFlag, type Writer } from '@vivarium/protocol'
import { STAT_BYTES } from '../tree/index.ts'
import type { KeeperExtensions } from './extensions.ts'

const ROOT = '/keeper'
const CHILDREN = ['api_version', 'feature_flags'] as const

const READ_FLAGS: readonly number[] = [
  KeeperFlag.FILTERED_LIST,
  KeeperFlag.MULTI_READ,
  KeeperFlag.MULTI_WATCHES,
  KeeperFlag.PERSISTENT_WATCHES,
  KeeperFlag.CREATE_WITH_STATS,
  KeeperFlag.LIST_WITH_STAT_AND_DATA,
]
const WRITE_FLAGS: readonly number[] = [
  KeeperFlag.CHECK_NOT_EXISTS,
  KeeperFlag.CREATE_IF_NOT_EXISTS,
  KeeperFlag.REMOVE_RECURSIVE,
  KeeperFlag.CHECK_STAT,
  KeeperFlag.TRY_REMOVE,
]

/** What older clients ask for (KeeperApiVersion): up to reading many znodes at once, or with conditions and removals. */
const API_VERSION = { reads: '2', writes: '5' } as const

/**
 * The data of a znode that is in no tree: what a client of ClickHouse Keeper finds out by what it may ask for. In the tree it
 * would be part of digests and snapshots that Apache's servers share. @returns null for any other path
 */
export function systemNodeData(path: string, { writes }: KeeperExtensions): Uint8Array | null {
  switch (path) {
    case ROOT:
      return new Uint8Array(0)
    case `${ROOT}/api_version`:
      return encodeUtf8(writes ? API_VERSION.writes : API_VERSION.reads)
    case `${ROOT}/feature_flags`:
      return featureFlags(writes ? [...READ_FLAGS, ...WRITE_FLAGS] : READ_FLAGS)
    default:
      return null
  }
}

/** The children of such a znode. */
export const systemNodeChildren = (path: string): readonly string[] => (path === ROOT ? CHILDREN : [])

/** A Stat of which only the lengths are told. */
export function writeSystemStat(path: string, data: Uint8Array, reply: Writer): void {
  const stat = new Uint8Array(STAT_BYTES)
  const view = new DataView(stat.buffer)
  view.setInt32(52, data.length)
  view.setInt32(56, systemNodeChildren(path).length)
  reply.raw(stat)
}

/** Flag n is bit 7 − n % 8 of byte n / 8. */
function featureFlags(flags: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(2)
  for (const flag of flags) bytes[flag >> 3]! |= 0x80 >> (flag & 7)
  return bytes
}
