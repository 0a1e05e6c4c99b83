import { Type } from 'typebox'
import type { Lease } from '../clients/lease-table.ts'
import type { Context } from '../context.ts'
import type { App } from '../http/type-provider.ts'
import { SessionId } from '../schemas/common.ts'
import { answers, only, TokenHeaders } from './route-support.ts'

const ById = only({ session: SessionId })
const SessionValue = only({
  session: SessionId,
  token: Type.String({ description: 'The right to the session: keep it secret.' }),
  timeoutMs: Type.Integer({ description: 'It ends unless it is renewed within so many milliseconds.' }),
})

export const LEASE_MS = { minimum: 1000, maximum: 600_000, default: 30_000 }

/** Sessions of callers, for what is to go away with them. */
export function sessionRoutes(app: App, context: Context): void {
  const { leases } = context
  const tags = ['sessions']
  app.post(
    '/sessions',
    {
      config: { writes: true },
      schema: {
        operationId: 'openSession',
        summary: 'A session of the caller, which lives for as long as it is renewed.',
        tags,
        body: only({ timeoutMs: Type.Optional(Type.Integer(LEASE_MS)) }),
        response: answers(SessionValue, 201),
      },
    },
    async (request, reply) => {
      const lease = await leases.open(request.credentials, request.body.timeoutMs ?? LEASE_MS.default)
      return reply.code(201).send(sessionValue(lease))
    },
  )
  app.put(
    '/sessions/:session',
    {
      config: { writes: true },
      schema: {
        operationId: 'renewSession',
        summary: 'Renews it.',
        tags,
        params: ById,
        headers: TokenHeaders,
        body: only({}),
        response: answers(SessionValue),
      },
    },
    async (request) =>
      sessionValue(leases.renew(request.credentials, request.params.session, request.headers['vivarium-token'])),
  )
  app.delete(
    '/sessions/:session',
    {
      config: { writes: true },
      schema: {
        operationId: 'endSession',
        summary: 'Ends it, and with it its ephemeral znodes.',
        tags,
        params: ById,
        headers: TokenHeaders,
        response: answers(only({ session: SessionId })),
      },
    },
    async (request) => {
      const { session } = request.params
      await leases.end(leases.find(request.credentials, session, request.headers['vivarium-token']))
      return { session }
    },
  )
}

const sessionValue = ({ id, token, timeoutMs }: Lease): { session: string; token: string; timeoutMs: number } => ({
  session: id,
  token,
  timeoutMs,
})
