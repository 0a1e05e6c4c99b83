import type { History } from '../workloads/history.ts'
import { describe, isWrite, SYSTEM_ERROR } from '../workloads/requests.ts'
import { replayOf } from './replay.ts'
import type { Checker } from './violation.ts'

/**
 * There is one order of all operations, that of their zxids: each answer is what the model has at that place, and no
 * operation stands before one that had been answered when it was asked. Reads of a single server are part of it; with
 * more servers only those behind a sync would be.
 */
export const linearizable: Checker = {
  name: 'linearizable',
  check: (history) => [...replayOf(history).differences, ...realTime(history), ...finalTree(history)],
}

function realTime({ operations }: History): string[] {
  return operations.flatMap(({ client, xid, request, answer, floorZxid }) => {
    if (answer === null || request.kind === 'setWatches') return []
    // A write that was refused has no place of its own.
    const write = isWrite(request) && answer.result.err !== SYSTEM_ERROR
    if (write ? answer.zxid > floorZxid : answer.zxid >= floorZxid) return []
    const what = `${client}'s request ${xid}, ${describe(request)},`
    return [`${what} has zxid ${answer.zxid}, though ${floorZxid} had been answered before it was sent`]
  })
}

/** What is there at the end is what the log and the requests make. */
function finalTree(history: History): string[] {
  if (history.finalTree === null) return []
  const { tree, differences } = replayOf(history)
  // After the first difference the model is another tree altogether.
  if (differences.length > 0) return []
  const found: string[] = []
  const rest = new Set(tree.znodes.keys())
  for (const { path, result } of history.finalTree) {
    const znode = tree.znodes.get(path)
    rest.delete(path)
    const expected = znode === undefined ? 'nothing' : describe({ err: 0, data: znode.data, stat: tree.stat(path) })
    if (describe(result) !== expected)
      found.push(`at the end ${path} is ${describe(result)}, where the model has ${expected}`)
  }
  for (const path of rest) found.push(`at the end there is no ${path}, which the model has`)
  return found
}
