import type { Disk } from '@vivarium/env'
import { compareTrees, differenceText, type Totals } from '../shell/transfer/compare-trees.ts'
import { SnapshotTree } from '../shell/transfer/snapshot-tree.ts'
import type { Output } from './output.ts'
import { openSnapshot } from './snapshot.ts'

/**
 * Compares two snapshots znode by znode: data, ACL and mode, not times, versions and zxids. Ephemerals belong to sessions,
 * and do not count. Memory is for a line per znode of the left one.
 *
 * @returns the exit code: 0 if they are equal, 1 if not
 * @throws {CliError} if one is damaged
 */
export async function compareSnapshots(
  disk: Disk,
  left: string,
  right: string,
  json: boolean,
  output: Output,
): Promise<number> {
  const [ours, theirs] = [await openSnapshot(disk, left), await openSnapshot(disk, right)].map(
    ({ file }) => new SnapshotTree(disk, file, true),
  ) as [SnapshotTree, SnapshotTree]
  const { differences, totals } = await compareTrees(ours, theirs, new AbortController().signal)
  if (!json) await output.print(`${totalsText(left, totals[0])}${totalsText(right, totals[1])}`)
  for (const difference of differences) {
    await output.print(json ? `${JSON.stringify(difference)}\n` : `${differenceText(difference)}\n`)
  }
  if (!json)
    await output.print(differences.length === 0 ? 'They are equal.\n' : `${differences.length} znodes differ.\n`)
  return Math.min(1, differences.length)
}

function totalsText(path: string, { nodes, bytes, depths }: Totals): string {
  const perDepth = depths.map((count, depth) => `Count of nodes at depth ${depth}: ${count}\n`).join('')
  return `${path}\nNode count: ${nodes}\nTotal size: ${bytes}\nMax depth: ${depths.length}\n${perDepth}\n`
}
