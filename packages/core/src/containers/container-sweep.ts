import type { DataTree } from '../tree/index.ts'

/** A znode that is to go, as it was when it was found. */
export interface SweepCandidate {
  readonly path: string
  readonly mzxid: number
}

/**
 * The containers that are done with, and the znodes whose time to live is over: empty ones all.
 *
 * A container goes once it has had a child; one never used only after `maxNeverUsedMs`, if that is not 0. A TTL znode
 * goes when nobody has set its data for longer than its time to live; children that come and go do not count as use.
 *
 * Inherited from ContainerManager.getCandidates. The znodes may have children again when they are to be deleted, or have been
 * written since, or be others of that name: the deletion checks that. (Java looks for children only, and so deletes a TTL znode
 * that has just been touched.)
 *
 * @param nowMs milliseconds since the Unix epoch
 */
export function sweepCandidates(tree: DataTree, nowMs: number, maxNeverUsedMs: number): SweepCandidate[] {
  const found: SweepCandidate[] = []
  const add = (node: number): void => {
    found.push({ path: tree.pathOf(node), mzxid: tree.mzxid(node) })
  }
  for (const node of tree.containers) {
    if (tree.childCount(node) > 0) continue
    const used = tree.cversion(node) > 0
    const forgotten = maxNeverUsedMs !== 0 && !used && nowMs - tree.mtime(node) > maxNeverUsedMs
    if (used || forgotten) add(node)
  }
  for (const node of tree.ttlNodes) {
    if (tree.childCount(node) === 0 && nowMs - tree.mtime(node) > tree.ttl(node)) add(node)
  }
  return found
}
