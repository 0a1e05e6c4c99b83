import { counterOf, epochOf, type Txn } from '@vivarium/protocol'
import type { LogCopy } from '../world/log-archive.ts'
import type { Applied } from '../world/server-host.ts'

/**
 * The transactions that an ensemble has committed, in zxid order: what each leader began with, what anybody applied while
 * it served, and what is in the logs at the end.
 *
 * @param last the logs once all servers have agreed for the last time
 */
export function committedHistory(
  copies: readonly LogCopy[],
  applied: readonly Applied[],
  last: readonly LogCopy[],
): Txn[] {
  const known = new Map<number, Txn>()
  for (const { txns } of [...copies, ...last]) for (const txn of txns) known.set(txn.zxid, txn)
  const committed = new Map<number, Txn>()
  for (const copy of [...copies.filter(({ epoch }) => epoch !== null), ...last]) {
    for (const txn of [...inSnapshot(copy, known), ...wholeEnd(copy)]) committed.set(txn.zxid, txn)
  }
  for (const { zxid } of applied) {
    const txn = known.get(zxid)
    if (txn !== undefined) committed.set(zxid, txn)
  }
  return [...committed.values()].sort((a, b) => a.zxid - b.zxid)
}

/**
 * What the newest snapshot has of its own epoch: a server that was sent it may have none of that in its log. The epochs
 * before are in the history of whoever led that one.
 */
function inSnapshot({ snapshots }: LogCopy, known: ReadonlyMap<number, Txn>): Txn[] {
  const newest = snapshots.at(-1) ?? 0
  const txns: Txn[] = []
  for (let zxid = newest; counterOf(zxid) > 0; zxid--) {
    const txn = known.get(zxid)
    if (txn !== undefined) txns.push(txn)
  }
  return txns
}

/**
 * The end of a log up to where something is missing: what stands before that may never have been committed. A server that
 * was sent a snapshot goes on from there, and may not have come to remove all that it had before; until it has logged
 * something since, all that is there is from before. Of a log with damage something may be missing, too, where it looks like
 * the end of an epoch.
 */
export function wholeEnd({ txns, snapshots, damagedAfter }: LogCopy): readonly Txn[] {
  if ((snapshots.at(-1) ?? 0) > (txns.at(-1)?.zxid ?? 0)) return []
  let start = Math.max(0, txns.length - 1)
  for (; start > 0; start--) {
    const [before, after] = [txns[start - 1]?.zxid as number, txns[start]?.zxid as number]
    if (after === before + 1) continue
    if (counterOf(after) !== 1 || epochOf(after) === epochOf(before)) break
    if (damagedAfter.has(before) || snapshots.some((zxid) => zxid > before && zxid < after)) break
  }
  return txns.slice(start)
}
