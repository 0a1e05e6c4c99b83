import type { ZooKeeper } from '@vivarium/client'
import type { FastifyRequest } from 'fastify'
import { type Static, type TSchema, Type } from 'typebox'
import type { PooledClient } from '../clients/client-pool.ts'
import type { Context } from '../context.ts'
import { ProblemRef, SessionId } from '../schemas/common.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** `user:password` of the caller; null for nobody in particular. */
    credentials: string | null
  }
  interface FastifyContextConfig {
    /** Whether it changes something: not for a read-only gateway. */
    readonly writes?: boolean
    /** Whether it is answered for as long as the caller likes. */
    readonly stream?: boolean
  }
}

/** What a caller proves its right to a session with. */
export const TokenHeaders = Type.Object({
  'vivarium-token': Type.Optional(Type.String({ maxLength: 100, description: 'The token of the session.' })),
})

/** Where a request may be made in a session of the caller's. */
export const InSession = { session: Type.Optional(SessionId) }

/** The answers of a route: its own, and problems. */
export function answers<T extends TSchema, S extends 200 | 201 = 200>(
  schema: T,
  status: S = 200 as S,
): { readonly [K in S]: T } & { readonly default: { readonly description: string; readonly content: object } } {
  const problem = { description: 'A problem.', content: { 'application/problem+json': { schema: ProblemRef } } }
  return { [status]: schema, default: problem } as never
}

/** An object that has nothing else. */
export const only = <P extends Record<string, TSchema>>(
  properties: P,
  description?: string,
): ReturnType<typeof Type.Object<P>> =>
  Type.Object(properties, { additionalProperties: false, ...(description !== undefined && { description }) })

/** Does `work` with the client of whoever calls. */
export const asCaller = <T>(
  { pool }: Context,
  { credentials }: FastifyRequest,
  work: (zk: ZooKeeper, client: PooledClient) => Promise<T>,
): Promise<T> => pool.use(credentials, (client) => work(client.zk, client))

/** Does `work` with the client of the caller's session if it names one, else with that of its identity. */
export function inSession<T>(
  context: Context,
  request: FastifyRequest<{ Headers: Static<typeof TokenHeaders> }>,
  session: string | undefined,
  work: (zk: ZooKeeper) => Promise<T>,
): Promise<T> {
  if (session === undefined) return asCaller(context, request, work)
  return work(context.leases.find(request.credentials, session, request.headers['vivarium-token']).zk)
}
