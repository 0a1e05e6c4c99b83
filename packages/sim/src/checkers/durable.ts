import { counterOf, epochOf, OpCode } from '@vivarium/protocol'
import type { History } from '../workloads/history.ts'
import { describe, isWrite, wasTurnedAway } from '../workloads/requests.ts'
import { localSessionsOf } from './local-sessions.ts'
import { keyOf } from './replay.ts'
import type { Checker } from './violation.ts'

/**
 * What was acknowledged is in the log at the end, once, and where it was said to be, whatever has crashed meanwhile; and
 * there are no holes in it.
 */
export const durable: Checker = {
  name: 'durable',
  check: (history) => [...noHoles(history), ...sessions(history), ...writes(history)],
}

function noHoles({ transactions }: History): string[] {
  return transactions
    .flatMap(({ zxid }, index) => {
      const before = transactions[index - 1]?.zxid ?? 0
      const isNext = zxid === before + 1 || (epochOf(zxid) > epochOf(before) && counterOf(zxid) === 1)
      return isNext ? [] : [`the log has ${zxid} where ${before + 1} should be`]
    })
    .slice(0, 1)
}

function sessions(history: History): string[] {
  const { sessions, transactions } = history
  const local = localSessionsOf(history)
  const created = new Map<bigint, number>()
  for (const { type, clientId } of transactions) {
    if (type === OpCode.createSession) created.set(clientId, (created.get(clientId) ?? 0) + 1)
  }
  return sessions.flatMap(({ id, client }) => {
    const times = created.get(id) ?? 0
    return times === 1 || local.has(id)
      ? []
      : [`session 0x${id.toString(16)}, which ${client} was given, was created ${times} times`]
  })
}

function writes(history: History): string[] {
  const { operations, transactions } = history
  const local = localSessionsOf(history)
  const zxids = new Map<string, number[]>()
  for (const { clientId, cxid, zxid } of transactions) {
    if (cxid === 0) continue
    const key = keyOf(clientId, cxid)
    const known = zxids.get(key)
    if (known === undefined) zxids.set(key, [zxid])
    else known.push(zxid)
  }
  return operations.flatMap(({ client, sessionId, xid, request, answer }) => {
    if (!isWrite(request)) return []
    const found = zxids.get(keyOf(sessionId, xid)) ?? []
    const tell = (): string => `${client}'s request ${xid}, ${describe(request)},`
    if (found.length > 1) return [`${tell()} is in the log ${found.length} times: ${found.join(', ')}`]
    if (answer === null || (request.kind === 'closeSession' && local.has(sessionId))) return []
    if (found.length === 0 && wasTurnedAway(answer.result)) return []
    if (found[0] === answer.zxid) return []
    return [
      `${tell()} was answered with zxid ${answer.zxid}, and is ${found.length === 0 ? 'not in the log' : `at ${found[0]}`}`,
    ]
  })
}
