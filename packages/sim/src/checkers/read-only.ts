import { errno } from '@vivarium/protocol'
import { describe, isWrite } from '../workloads/requests.ts'
import type { Checker } from './violation.ts'

const NOT_READ_ONLY = errno('NOTREADONLY')

/**
 * A member that is cut off refuses all that it would have to ask the others about, and nothing of the sessions that begin there
 * comes into a log. That its reads are of some state that was there is a part of `linearizable`.
 */
export const readOnly: Checker = {
  name: 'read-only',
  check: ({ glimpses, transactions }) => {
    const sessions = new Set(glimpses.map(({ sessionId }) => sessionId))
    const taken = glimpses.filter(({ request, answer }) => {
      const asksOthers = isWrite(request) || request.kind === 'sync'
      return answer !== null && asksOthers !== (answer.result.err === NOT_READ_ONLY)
    })
    return [
      ...taken.map(({ client, request, answer }) => {
        return `${client} was answered ${describe(answer?.result)} to ${describe(request)} by a server that is cut off`
      }),
      ...transactions
        .filter(({ clientId }) => sessions.has(clientId))
        .map(
          ({ zxid, clientId }) => `zxid ${zxid} is of session 0x${clientId.toString(16)} of a server that was cut off`,
        ),
    ]
  },
}
