import type { ServerResponse } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { Lease } from '../clients/lease-table.ts'
import type { Context } from '../context.ts'
import { Problem } from '../http/problem.ts'
import type { App } from '../http/type-provider.ts'
import type { Held } from '../recipes/held.ts'
import { FoundPath, SessionId, Zxid } from '../schemas/common.ts'
import { zxidText } from '../schemas/texts.ts'
import { answers, only, TokenHeaders } from './route-support.ts'
import { LEASE_MS } from './session-routes.ts'

/** One session holds no more than that. */
const MOST_HELD = 1000
/** No request waits longer. */
const MOST_WAIT_MS = 60_000

export const WaitMs = Type.Integer({ minimum: 0, maximum: MOST_WAIT_MS, default: 0 })

/** What every request has that takes hold of something. */
export const Holder = {
  session: Type.Optional(SessionId),
  leaseMs: Type.Optional(Type.Integer({ ...LEASE_MS, description: 'Without a session, of the one that is made.' })),
}

const Id = Type.String({ pattern: '^0x[0-9a-f]{1,16}-[0-9]{1,15}$', description: 'The session, and a number.' })

export const HeldValue = only({
  id: Id,
  path: FoundPath,
  node: Type.Union([FoundPath, Type.Null()], { description: 'Its znode.' }),
  held: Type.Boolean({ description: 'Whether it is surely held: the lock, the leadership, the place.' }),
  fencingToken: Type.Union([Zxid, Type.Null()], {
    description: 'Grows from holder to holder: let what is written to refuse a smaller one.',
  }),
})

export const NewlyHeld = only({
  ...HeldValue.properties,
  session: SessionId,
  token: Type.String({ description: 'The right to the session.' }),
})

type HolderRequest = FastifyRequest<{ Headers: Static<typeof TokenHeaders> }>

/**
 * Takes hold of something in the caller's session, or in a new one, which ends again if nothing comes of it.
 *
 * @param take gives up if the signal aborts: the caller has gone
 */
export async function hold(
  { leases }: Context,
  request: HolderRequest,
  reply: { readonly raw: ServerResponse },
  { session, leaseMs }: { readonly session?: string; readonly leaseMs?: number },
  take: (lease: Lease, signal: AbortSignal) => Promise<Held>,
): Promise<Static<typeof NewlyHeld>> {
  const { credentials } = request
  const lease =
    session === undefined
      ? await leases.open(credentials, leaseMs ?? LEASE_MS.default)
      : leases.find(credentials, session, request.headers['vivarium-token'])
  if (lease.held.size >= MOST_HELD) throw new Problem(409, 'TooMany', `the session holds ${MOST_HELD} things`)
  const signal = goneSignal(reply)
  try {
    const held = await leases.during(lease, () => take(lease, signal))
    if (signal.aborted) {
      await held.release()
      throw signal.reason
    }
    const id = `${lease.id}-${++lease.lastHeld}`
    lease.held.set(id, held)
    return { ...heldValue(id, held), session: lease.id, token: lease.token }
  } catch (error) {
    if (session === undefined) await leases.end(lease)
    throw error
  }
}

/** Aborts when the caller does not wait for its answer any more. */
function goneSignal({ raw }: { readonly raw: ServerResponse }): AbortSignal {
  const gone = new AbortController()
  const look = (): void => {
    if (raw.destroyed && !raw.writableFinished) gone.abort(new Problem(503, 'Unavailable', 'the caller has gone'))
  }
  raw.once('close', look)
  look()
  return gone.signal
}

export interface HeldResource {
  /** `/locks` */
  readonly url: string
  readonly kind: Held['kind']
  readonly tag: string
  /** For the description: `Lock`, `the lock`. */
  readonly name: string
  readonly phrase: string
}

/** How something stands that is held, and giving it back. */
export function heldRoutes(
  app: App,
  { leases, settings }: Context,
  { url, kind, tag, name, phrase }: HeldResource,
): void {
  const params = only({ id: Id })
  const headers = TokenHeaders
  const find = (
    request: FastifyRequest<{ Params: { id: string }; Headers: Static<typeof TokenHeaders> }>,
  ): { readonly lease: Lease; readonly held: Held } => {
    const { id } = request.params
    const [session = ''] = id.split('-')
    const lease = leases.find(request.credentials, session, request.headers['vivarium-token'])
    const held = lease.held.get(id)
    if (held?.kind !== kind) throw new Problem(404, 'NotFound', `the session has no ${phrase} ${id}`)
    return { lease, held }
  }
  app.get(
    `${url}/:id`,
    {
      schema: {
        operationId: `get${name}`,
        summary: `How the ${phrase} stands.`,
        tags: [tag],
        params,
        headers,
        querystring: only({ waitMs: Type.Optional({ ...WaitMs, description: 'Waits so long until it is held.' }) }),
        response: answers(HeldValue),
      },
    },
    async (request, reply) => {
      const { lease, held } = find(request)
      const waitMs = Math.min(request.query.waitMs ?? 0, settings.limits.waitMs)
      if (waitMs > 0 && !held.isHeld) {
        const signal = goneSignal(reply)
        await leases.during(lease, async () => held.wait?.(waitMs, signal))
      }
      return heldValue(request.params.id, held)
    },
  )
  app.delete(
    `${url}/:id`,
    {
      config: { writes: true },
      schema: {
        operationId: `release${name}`,
        summary: `Gives the ${phrase} back.`,
        tags: [tag],
        params,
        headers,
        response: answers(only({ id: Id })),
      },
    },
    async (request) => {
      const { lease, held } = find(request)
      const { id } = request.params
      await held.release()
      lease.held.delete(id)
      return { id }
    },
  )
}

const heldValue = (id: string, { path, node, isHeld, token }: Held): Static<typeof HeldValue> => ({
  id,
  path,
  node,
  held: isHeld,
  fencingToken: token === null ? null : zxidText(token),
})
