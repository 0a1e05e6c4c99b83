import { counterOf } from '@vivarium/protocol'
import type { History, Operation } from '../workloads/history.ts'
import { describe, isWrite, wasTurnedAway } from '../workloads/requests.ts'
import { addressOf } from '../world/random-config.ts'
import { localSessionsOf } from './local-sessions.ts'
import { replayOf } from './replay.ts'
import type { Checker } from './violation.ts'

/** Each member of an ensemble writes it for itself. */
export const CONFIG_PATH = '/zookeeper/config'

/**
 * There is one order of all operations, that of their zxids: each answer is what the model has at that place, and no
 * operation stands before one that had been answered when it was asked. Reads of a single server are part of it; of those
 * that an ensemble answers, only those behind a sync are.
 */
export const linearizable: Checker = {
  name: 'linearizable',
  check: (history) => [...replayOf(history).differences, ...realTime(history), ...finalTree(history)],
}

function realTime(history: History): string[] {
  const { operations, ensemble } = history
  const seen = whatWasSeen(history)
  const local = localSessionsOf(history)
  /** By connection: what a sync that was answered on it has to have brought. */
  const synced = new Map<number, number>()
  return operations.flatMap((operation) => {
    const { client, sessionId, xid, request, answer, connection } = operation
    if (answer === null || request.kind === 'setWatches') return []
    if (ensemble && request.kind === 'sync' && !wasDeposed(operation, history)) {
      synced.set(connection, Math.max(synced.get(connection) ?? 0, operation.floorZxid))
    }
    // A write that was refused has no place of its own, and the end of a session that one server alone knew has none.
    const refused = wasTurnedAway(answer.result) || (request.kind === 'closeSession' && local.has(sessionId))
    const write = isWrite(request) && !refused
    const floorZxid = seen(ensemble && !write ? (synced.get(connection) ?? 0) : operation.floorZxid)
    if (write ? answer.zxid > floorZxid : answer.zxid >= floorZxid) return []
    const what = `${client}'s request ${xid}, ${describe(request)},`
    return [`${what} has zxid ${answer.zxid}, though ${floorZxid} had been answered before it was sent`]
  })
}

/**
 * The last transaction that an answer with some zxid shows. A leader begins its epoch at a zxid of its own, counter 0, at which
 * there is what was there before; its followers answer with that, until there is a transaction.
 */
function whatWasSeen({ transactions }: History): (zxid: number) => number {
  return (zxid) =>
    zxid > 0 && counterOf(zxid) === 0 ? (transactions.findLast((txn) => txn.zxid < zxid)?.zxid ?? 0) : zxid
}

/**
 * Whether an answer came from servers that did not know yet that others had begun a later epoch. A sync waits for the
 * leader's word, not for a quorum's, as in ZooKeeper: one that has been deposed answers it until it notices.
 */
function wasDeposed({ connection, answer }: Operation, { connections, incidents }: History): boolean {
  let own = 0
  let latest = 0
  for (const { ms, kind, server, epoch = 0 } of incidents) {
    if (ms > (answer?.ms ?? 0)) break
    if (kind === 'serving') latest = Math.max(latest, epoch)
    if (addressOf(server) === connections[connection]?.server && epoch > 0) own = epoch
  }
  return own < latest
}

/** What is there at the end is what the log and the requests make. */
function finalTree(history: History): string[] {
  if (history.finalTree === null) return []
  const { tree, differences } = replayOf(history)
  // After the first difference the model is another tree altogether.
  if (differences.length > 0) return []
  const found: string[] = []
  const rest = new Set(tree.znodes.keys())
  rest.delete(CONFIG_PATH)
  for (const { path, result } of history.finalTree) {
    if (path === CONFIG_PATH) continue
    const znode = tree.znodes.get(path)
    rest.delete(path)
    const expected = znode === undefined ? 'nothing' : describe({ err: 0, data: znode.data, stat: tree.stat(path) })
    if (describe(result) !== expected)
      found.push(`at the end ${path} is ${describe(result)}, where the model has ${expected}`)
  }
  for (const path of rest) found.push(`at the end there is no ${path}, which the model has`)
  return found
}
