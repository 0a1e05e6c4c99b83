import type { FinalZnode, History, Operation } from '../workloads/history.ts'
import { describe, isWrite, wasTurnedAway } from '../workloads/requests.ts'
import type { Checker } from './violation.ts'

/** A request that was answered with an error has changed nothing: no znode that anybody sees bears its zxid. */
export const errors: Checker = {
  name: 'errors leave no trace',
  check: (history) => {
    const failed = new Map<number, Operation>()
    const succeeded = new Set<number>()
    for (const operation of history.operations) {
      const { request, answer } = operation
      // What was turned away has no zxid of its own.
      if (answer === null || !isWrite(request) || wasTurnedAway(answer.result)) continue
      const { err, results = [] } = answer.result
      const error = err !== 0 || results.some((result) => result.err !== 0)
      if (error) failed.set(answer.zxid, operation)
      else succeeded.add(answer.zxid)
    }
    return seenZnodes(history).flatMap(({ path, result }) => {
      const { stat } = result
      if (stat === undefined) return []
      return [stat.czxid, stat.mzxid, stat.pzxid].flatMap((zxid) => {
        const operation = failed.get(zxid)
        if (operation === undefined || succeeded.has(zxid)) return []
        const { client, xid, request } = operation
        return [
          `${path} was changed by ${client}'s request ${xid}, ${describe(request)}, which was answered with an error`,
        ]
      })
    })
  },
}

/** What clients were told of znodes, and the tree at the end. */
function seenZnodes({ operations, finalTree }: History): FinalZnode[] {
  const seen = [...(finalTree ?? [])]
  for (const { request, answer } of operations) {
    if (answer?.result.stat !== undefined && 'path' in request) seen.push({ path: request.path, result: answer.result })
  }
  return seen
}
