import { OpCode } from '@vivarium/protocol'
import type { History, Operation } from '../workloads/history.ts'

const EPHEMERAL = 1

/**
 * The sessions that one server alone has known, where they may be so (`localSessionsEnabled`): no log has their beginning or
 * their end, and they are over when their client moves. One that has made an ephemeral znode is none of them.
 */
export function localSessionsOf({ sessions, operations, transactions, localSessions }: History): ReadonlySet<bigint> {
  const local = new Set(localSessions ? sessions.map(({ id }) => id) : [])
  for (const { type, clientId } of transactions) if (type === OpCode.createSession) local.delete(clientId)
  for (const operation of operations) if (makesEphemeral(operation)) local.delete(operation.sessionId)
  return local
}

/** Whether an operation has made an ephemeral znode, as far as its client knows. */
function makesEphemeral({ request, answer }: Operation): boolean {
  if (answer === null || answer.result.err !== 0) return false
  const { results } = answer.result
  const requests = request.kind === 'multi' ? request.operations : [request]
  if (results?.some(({ err }) => err !== 0)) return false
  return requests.some((one) => (one.kind === 'create' || one.kind === 'create2') && (one.flags & EPHEMERAL) !== 0)
}
