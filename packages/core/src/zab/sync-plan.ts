import { counterOf, epochOf } from '@vivarium/protocol'
import type { CommittedLog } from './committed-log.ts'
import type { LoggedTxn } from './logged-txn.ts'

export interface SyncInput {
  /** The last transaction that the learner has logged. */
  readonly peerZxid: number
  /** The last one that is in the leader's tree, or `epoch << 32` at the beginning of an epoch. */
  readonly lastZxid: number
  readonly committed: CommittedLog
  /**
   * What the transaction log has, from the last transaction that is not beyond `peerZxid` on; null if it does not reach
   * back that far, or is larger than one would send (`zookeeper.snapshotSizeFactor`). Undefined: it was not read yet.
   */
  readonly logged: readonly LoggedTxn[] | null | undefined
  /** `zookeeper.forceSnapshotSync`, for tests. */
  readonly forceSnapshot: boolean
}

/** How a learner is brought to where the leader is. `zxid` is that of the first packet. */
export type SyncPlan =
  /** The learner has nothing that we do not have: it gets what it lacks, each transaction proposed and committed. */
  | { readonly mode: 'DIFF'; readonly zxid: number; readonly txns: readonly LoggedTxn[] }
  /** The learner forgets what is beyond `zxid`. */
  | { readonly mode: 'TRUNC'; readonly zxid: number; readonly txns: readonly LoggedTxn[] }
  /** The learner gets the whole tree. */
  | { readonly mode: 'SNAP'; readonly zxid: number; readonly txns: readonly LoggedTxn[] }
  /** The transaction log has to be read before this can be decided. */
  | { readonly mode: 'LOG' }

/**
 * Decides how to synchronize a learner. A snapshot is always right; the others are used where this server's history shows
 * that the learner's is the beginning of it, or would be without its end.
 *
 * A peer at `epoch << 32` is no exception to that, though no history has such a transaction: it had been given all that
 * came before that epoch.
 *
 * Inherited from LearnerHandler.syncFollower and queueCommittedProposals. It differs where Java trusts what it should
 * not: a log with a hole in it is not sent on (ZOOKEEPER-2846), and nobody is told to truncate to a zxid that is in no
 * log, which Java's learners get wrong.
 */
export function planSync({ peerZxid, lastZxid, committed, logged, forceSnapshot }: SyncInput): SyncPlan {
  const snapshot: SyncPlan = { mode: 'SNAP', zxid: lastZxid, txns: [] }
  const min = committed.size === 0 ? lastZxid : committed.min
  const max = committed.size === 0 ? lastZxid : committed.max
  if (forceSnapshot) return snapshot
  if (peerZxid === lastZxid) return { mode: 'DIFF', zxid: peerZxid, txns: [] }
  if (peerZxid > max) {
    if (counterOf(peerZxid) === 0 || counterOf(max) === 0) return snapshot
    return { mode: 'TRUNC', zxid: max, txns: [] }
  }
  if (peerZxid >= min) return walk(committed.after(-1), peerZxid, max) ?? snapshot
  if (logged === undefined) return { mode: 'LOG' }
  if (logged === null) return snapshot
  const history = join(logged, committed, peerZxid, min, max)
  return (history === null ? null : walk(history, peerZxid, max)) ?? snapshot
}

/** Looks for the learner's last transaction in the history; null if it is not there. */
function walk(history: readonly LoggedTxn[], peerZxid: number, max: number): SyncPlan | null {
  const next = history.findIndex(({ zxid }) => zxid >= peerZxid)
  const found = history[next]
  if (found?.zxid === peerZxid) return { mode: 'DIFF', zxid: max, txns: history.slice(next + 1) }
  if (counterOf(peerZxid) === 0) return { mode: 'DIFF', zxid: max, txns: next < 0 ? [] : history.slice(next) }
  // The learner's last transaction belongs to the end of an epoch that took another turn. Java truncates it if it finds
  // a hole here in the leader's own history, and there is none.
  return null
}

/** What is on disk and then what is in memory, if they make one history without a hole; otherwise null. */
function join(
  logged: readonly LoggedTxn[],
  committed: CommittedLog,
  peerZxid: number,
  min: number,
  max: number,
): LoggedTxn[] | null {
  const history: LoggedTxn[] = []
  let last = -1
  for (const txn of logged) {
    // What is beyond the last committed transaction may never be.
    if (txn.zxid > max) break
    if (last === -1 ? txn.zxid > peerZxid : !isWhole(last, txn.zxid)) return null
    history.push(txn)
    last = txn.zxid
  }
  // The log may have been read long ago: what was in memory then may be gone now.
  if (last === -1 || last < min) return null
  return history.concat(committed.after(last))
}

/** Nothing is missing between two transactions on disk, as far as can be told: every epoch begins with 1. */
function isWhole(last: number, next: number): boolean {
  return next === last + 1 || (epochOf(next) > epochOf(last) && counterOf(next) === 1)
}
