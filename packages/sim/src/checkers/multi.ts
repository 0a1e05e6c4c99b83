import { type MultiTxn, OpCode, type Txn } from '@vivarium/protocol'
import type { Operation } from '../workloads/history.ts'
import { describe } from '../workloads/requests.ts'
import { keyOf } from './replay.ts'
import type { Checker } from './violation.ts'

/**
 * A multi is done as a whole or not at all: all its answers are good, or exactly one says why not; it has one
 * transaction; and where nothing has changed a znode since, the znode shows what the multi made of it.
 */
export const multi: Checker = {
  name: 'multi is atomic',
  check: ({ operations, transactions, finalTree }) => {
    const byKey = new Map(transactions.map((txn) => [keyOf(txn.clientId, txn.cxid), txn]))
    const found = operations.flatMap((operation) => checkAnswer(operation, byKey))
    if (finalTree === null) return found
    const there = new Map(finalTree.map(({ path, result }) => [path, result.stat?.mzxid]))
    for (const [path, { zxid, gone }] of lastChanges(transactions)) {
      const mzxid = there.get(path)
      if (gone ? mzxid !== undefined : mzxid !== zxid) {
        found.push(
          `the multi at ${zxid} ${gone ? 'deleted' : 'set'} ${path} last, which is ${mzxid ?? 'nothing'} at the end`,
        )
      }
    }
    return found
  },
}

function checkAnswer(
  { client, sessionId, xid, request, answer }: Operation,
  byKey: ReadonlyMap<string, Txn>,
): string[] {
  const results = answer?.result.results
  if (request.kind !== 'multi' || results === undefined) return []
  const tell = (): string => `${client}'s request ${xid}, ${describe(request)},`
  if (results.length !== request.operations.length) return [`${tell()} was answered with ${results.length} results`]
  const first = results.findIndex(({ err }) => err !== 0)
  const wrong = results.some(({ err, path, stat }, index) => {
    if (first < 0) return false
    return index < first ? err !== 0 || path !== undefined || stat !== undefined : index > first && err !== -2
  })
  if (wrong) return [`${tell()} was answered in part: ${describe(results)}`]
  const txns = (byKey.get(keyOf(sessionId, xid))?.record as MultiTxn | undefined)?.txns
  const failed = txns?.some(({ type }) => type === OpCode.error) ?? first >= 0
  return failed === first >= 0 ? [] : [`${tell()} was answered ${describe(results)}, and the log has another outcome`]
}

/** Paths that a multi was the last to change, and how. */
function lastChanges(transactions: readonly Txn[]): Map<string, { zxid: number; gone: boolean }> {
  const last = new Map<string, { zxid: number; gone: boolean; multi: boolean }>()
  for (const txn of transactions) {
    const bodies = txn.type === OpCode.multi ? (txn.record as MultiTxn).txns : [txn]
    if (bodies.some(({ type }) => type === OpCode.error)) continue
    for (const { type, record } of bodies) {
      if (type === OpCode.closeSession) {
        // Any of the ephemeral znodes may have gone with it.
        for (const [path, change] of last) if (change.multi && !change.gone) last.delete(path)
        continue
      }
      if (type === OpCode.check || type === OpCode.setACL || record === null || !('path' in record)) continue
      const gone = type === OpCode.delete || type === OpCode.deleteContainer
      last.set(record.path, { zxid: txn.zxid, gone, multi: txn.type === OpCode.multi })
    }
  }
  return new Map([...last].filter(([, change]) => change.multi))
}
