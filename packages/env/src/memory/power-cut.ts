import type { Random } from '../random.ts'
import { applyToDirectory, applyToFile, DirectoryInode, type FileChange, FileInode, type Inode } from './inode.ts'
import type { SparseBytes } from './sparse-bytes.ts'

/** What a disk writes whole or not at all. */
export const SECTOR_BYTES = 512

/**
 * What a power failure leaves of the changes that no sync has covered:
 * - `lost`: none of them.
 * - `kept`: all of them, which is also what the end of a process alone leaves.
 * - `prefix`: those up to some moment, the last of them cut short.
 * - `scattered`: any of them, sector by sector, in no order.
 */
export type PowerCut = 'lost' | 'kept' | 'prefix' | 'scattered'

export const POWER_CUTS: readonly PowerCut[] = ['lost', 'kept', 'prefix', 'scattered']

function below(random: Random, limit: number): number {
  return random.uint32() % limit
}

/** The part of a write up to some sector boundary. */
function cutShort(change: FileChange, random: Random): FileChange | null {
  if (change.kind === 'truncate') return null
  const firstBoundary = SECTOR_BYTES - (change.position % SECTOR_BYTES)
  const sectors = 1 + Math.ceil(Math.max(0, change.bytes.length - firstBoundary) / SECTOR_BYTES)
  const kept = below(random, sectors)
  if (kept === 0) return null
  const length = Math.min(change.bytes.length, firstBoundary + (kept - 1) * SECTOR_BYTES)
  return { kind: 'write', position: change.position, bytes: change.bytes.subarray(0, length) }
}

function scatter(bytes: SparseBytes, change: FileChange, keepOf8: number, random: Random): void {
  if (change.kind === 'truncate') {
    if (below(random, 8) < keepOf8) bytes.truncate(change.size)
    return
  }
  const end = change.position + change.bytes.length
  for (let start = change.position; start < end; ) {
    const next = Math.min(end, (Math.floor(start / SECTOR_BYTES) + 1) * SECTOR_BYTES)
    if (below(random, 8) < keepOf8) {
      bytes.write(start, change.bytes.subarray(start - change.position, next - change.position))
    }
    start = next
  }
}

function fileAfter(file: FileInode, cut: PowerCut, random: Random): SparseBytes {
  if (cut === 'kept') return file.contents.copy()
  const bytes = file.durable.copy()
  if (cut === 'prefix') {
    const kept = below(random, file.unsynced.length + 1)
    for (const change of file.unsynced.slice(0, kept)) applyToFile(bytes, change)
    const torn = file.unsynced[kept]
    const part = torn === undefined ? null : cutShort(torn, random)
    if (part !== null) applyToFile(bytes, part)
  } else if (cut === 'scattered') {
    const keepOf8 = 1 + below(random, 7)
    for (const change of file.unsynced) scatter(bytes, change, keepOf8, random)
    // The length may have been recorded though the bytes were not.
    if (file.contents.size > bytes.size && below(random, 2) === 0) bytes.size = file.contents.size
  }
  return bytes
}

function entriesAfter(directory: DirectoryInode, cut: PowerCut, random: Random): Map<string, Inode> {
  if (cut === 'kept') return directory.entries
  const entries = new Map(directory.durable)
  const kept = cut === 'prefix' ? below(random, directory.unsynced.length + 1) : directory.unsynced.length
  const keepOf8 = cut === 'lost' ? 0 : cut === 'prefix' ? 8 : 1 + below(random, 7)
  for (const change of directory.unsynced.slice(0, kept)) {
    if (below(random, 8) < keepOf8) applyToDirectory(entries, change)
  }
  return entries
}

/** A copy of a directory tree as it may be after the power has failed. */
export function afterPowerCut(root: DirectoryInode, cut: PowerCut, random: Random): DirectoryInode {
  const copies = new Map<Inode, Inode>()
  const copy = (inode: Inode): Inode => {
    const known = copies.get(inode)
    if (known !== undefined) return known
    const fresh = inode instanceof FileInode ? new FileInode() : new DirectoryInode()
    copies.set(inode, fresh)
    fresh.modifiedMs = inode.modifiedMs
    if (inode instanceof FileInode && fresh instanceof FileInode) {
      fresh.contents = fileAfter(inode, cut, random)
      fresh.durable = fresh.contents.copy()
    } else if (inode instanceof DirectoryInode && fresh instanceof DirectoryInode) {
      for (const [name, entry] of entriesAfter(inode, cut, random)) {
        const survivor = copy(entry)
        fresh.entries.set(name, survivor)
        fresh.durable.set(name, survivor)
      }
    }
    return fresh
  }
  return copy(root) as DirectoryInode
}
