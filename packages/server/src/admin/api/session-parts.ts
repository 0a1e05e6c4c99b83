import { formatSessionId } from '@vivarium/core'
import { lastOperation } from '../connection-line.ts'
import { type ApiPart, limitOf, ok, pathOf, problem, sessionOf } from './api-answer.ts'
import type { SessionView } from './console-view.ts'

const SESSIONS = 200
const MOST_SESSIONS = 1000
const MOST_PATHS = 500

const sessions: ApiPart = {
  name: 'sessions',
  restricted: false,
  answer: (view, parameters) =>
    ok({
      now: view.wallMs(),
      total: view.sessionCount,
      sessions: view.sessions(limitOf(parameters, 'limit', SESSIONS, MOST_SESSIONS)).map(sessionJson),
    }),
}

const session: ApiPart = {
  name: 'session',
  restricted: false,
  answer: (view, parameters, sight) => {
    const id = sessionOf(parameters)
    if (id === null) return problem(400, 'BadRequest', 'id is to be a session id: 0x…')
    const found = view.session(id)
    if (found === null) return problem(404, 'NoSession', 'this server knows no such session')
    const { count, paths } = view.watches(id, MOST_PATHS)
    return ok({
      now: view.wallMs(),
      session: sessionJson(found),
      ephemerals: view.ephemerals(id, MOST_PATHS).filter(sight.lists),
      watches: paths.filter(sight.lists),
      watchCount: count,
    })
  },
}

const watchers: ApiPart = {
  name: 'watchers',
  restricted: false,
  answer: (view, parameters, sight) => {
    const path = pathOf(parameters)
    if (path === null) return problem(400, 'BadRequest', 'path is to be the path of a znode')
    if (!sight.reads(path)) return problem(403, 'NoAuth', 'the ACL of this znode does not let you read it')
    const found = view.watchers(path, MOST_PATHS)
    return ok({ path, watchers: found.map((one) => ({ ...one, session: formatSessionId(one.session) })) })
  },
}

/** Sessions, what they have, and who watches. */
export const sessionParts: readonly ApiPart[] = [sessions, session, watchers]

function sessionJson({ id, timeoutMs, expiresAtMs, ephemerals, connection }: SessionView): object {
  const figures = connection?.stats
  return {
    session: formatSessionId(id),
    timeoutMs,
    expiresAt: expiresAtMs,
    address: connection === null ? null : `${connection.remoteAddress}:${connection.remotePort}`,
    secure: connection?.secure ?? false,
    ephemerals,
    connection:
      connection === null || figures === undefined
        ? null
        : {
            establishedAt: figures.establishedMs,
            answeredAt: figures.lastResponseMs,
            received: figures.packetsReceived,
            sent: figures.packetsSent,
            outstanding: connection.outstandingRequests,
            lastOperation: lastOperation(figures),
            averageLatencyMs: figures.latencyCount === 0 ? 0 : figures.totalLatencyMs / figures.latencyCount,
            maxLatencyMs: figures.maxLatencyMs,
          },
  }
}
