import type { DataTree } from '../tree/index.ts'

/**
 * The containers that are done with, and the znodes whose time to live is over: empty ones all.
 *
 * A container goes once it has had a child; one never used only after `maxNeverUsedMs`, if that is not 0. A TTL znode
 * goes when nobody has set its data for longer than its time to live; children that come and go do not count as use.
 *
 * Inherited from ContainerManager.getCandidates. The znodes may have children again when they are to be deleted: the
 * deletion checks that.
 *
 * @param nowMs milliseconds since the Unix epoch
 */
export function sweepCandidates(tree: DataTree, nowMs: number, maxNeverUsedMs: number): string[] {
  const paths: string[] = []
  for (const node of tree.containers) {
    if (tree.childCount(node) > 0) continue
    const used = tree.cversion(node) > 0
    const forgotten = maxNeverUsedMs !== 0 && !used && nowMs - tree.mtime(node) > maxNeverUsedMs
    if (used || forgotten) paths.push(tree.pathOf(node))
  }
  for (const node of tree.ttlNodes) {
    if (tree.childCount(node) === 0 && nowMs - tree.mtime(node) > tree.ttl(node)) paths.push(tree.pathOf(node))
  }
  return paths
}
