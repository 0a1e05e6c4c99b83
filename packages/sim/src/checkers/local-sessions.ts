import { OpCode } from '@vivarium/protocol'
import type { History, Operation } from '../workloads/history.ts'
import { describe, EPHEMERAL_ON_LOCAL_SESSION, type Request } from '../workloads/requests.ts'
import type { Checker } from './violation.ts'

const EPHEMERAL = 1
const NONE: ReadonlySet<bigint> = new Set()

/**
 * The sessions that one server alone has known, where they may be so (`localSessionsEnabled`): no log has their beginning or
 * their end, and they are over when their client moves. One that has made an ephemeral znode is none of them.
 */
export function localSessionsOf({ sessions, operations, transactions, localSessions }: History): ReadonlySet<bigint> {
  if (!localSessions) return NONE
  const local = new Set(sessions.map(({ id }) => id))
  for (const { type, clientId } of transactions) if (type === OpCode.createSession) local.delete(clientId)
  for (const operation of operations) if (makesEphemeral(operation)) local.delete(operation.sessionId)
  return local
}

/**
 * A session that stays with its server, whatever it asks for, is in no log, and is refused what all servers would have to
 * know of; any other session is refused nothing for that.
 */
export const localSessions: Checker = {
  name: 'local sessions',
  check: (history) => {
    const { localSessions, upgrading, transactions, operations } = history
    const stay = localSessions && !upgrading
    const known = stay ? transactions.filter(({ type }) => type === OpCode.createSession) : []
    return [
      ...known.map(({ clientId }) => `session 0x${clientId.toString(16)} was made known to all, though it is to stay`),
      ...operations.flatMap((operation) => {
        const { client, xid, request, answer } = operation
        const refused = answer?.result.err === EPHEMERAL_ON_LOCAL_SESSION
        const tell = (): string => `${client}'s request ${xid}, ${describe(request)},`
        if (stay && makesEphemeral(operation)) return [`${tell()} made an ephemeral znode of a session that is to stay`]
        return refused && !(stay && asksForEphemeral(request)) ? [`${tell()} was refused for its session's sake`] : []
      }),
    ]
  },
}

/** Whether an operation has made an ephemeral znode, as far as its client knows. */
function makesEphemeral({ request, answer }: Operation): boolean {
  if (answer === null || answer.result.err !== 0) return false
  return !answer.result.results?.some(({ err }) => err !== 0) && asksForEphemeral(request)
}

function asksForEphemeral(request: Request): boolean {
  const requests = request.kind === 'multi' ? request.operations : [request]
  return requests.some((one) => (one.kind === 'create' || one.kind === 'create2') && (one.flags & EPHEMERAL) !== 0)
}
