import { Mutex } from '@vivarium/client/recipes'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { Problem } from '../http/problem.ts'
import type { App } from '../http/type-provider.ts'
import { DataText, Encoding, Path } from '../schemas/common.ts'
import { dataBytes } from '../schemas/values.ts'
import { Holder, heldRoutes, hold, NewlyHeld, WaitMs } from './held-routes.ts'
import { answers, only, TokenHeaders } from './route-support.ts'

const Layout = Type.Enum(['curator', 'kazoo'], { description: 'Whose programs it excludes. Default: curator.' })

/** Locks, in the layouts of Curator's InterProcessMutex and kazoo's Lock. */
export function lockRoutes(app: App, context: Context): void {
  app.post(
    '/locks',
    {
      config: { writes: true },
      schema: {
        operationId: 'acquireLock',
        summary: 'Waits until the lock is held by the session: 409 NotAcquired if that takes too long.',
        tags: ['locks'],
        headers: TokenHeaders,
        body: only({
          path: Path,
          layout: Type.Optional(Layout),
          timeoutMs: Type.Optional({ ...WaitMs, description: 'How long to wait. Default: not at all.' }),
          data: Type.Optional(DataText),
          encoding: Type.Optional(Encoding),
          ...Holder,
        }),
        response: answers(NewlyHeld, 201),
      },
    },
    async (request, reply) => {
      const { path, layout, data, encoding } = request.body
      const timeoutMs = Math.min(request.body.timeoutMs ?? 0, context.settings.limits.waitMs)
      // It is the lease that says how long it is held: so it outlasts a loss of the connection.
      const options = { layout, data: dataBytes(data, encoding), certainty: 'lost' } as const
      const lock = await hold(context, request, reply, request.body, async (lease, signal) => {
        const mutex = new Mutex(lease.zk, path, options)
        const holding = await (timeoutMs === 0 ? mutex.tryAcquire({ signal }) : mutex.acquire({ timeoutMs, signal }))
        if (holding === null) throw new Problem(409, 'NotAcquired', `${path} is held by somebody else`, { path })
        return {
          kind: 'lock',
          path,
          node: holding.path,
          token: holding.token,
          get isHeld() {
            return holding.isHeld
          },
          release: () => holding.release(),
        }
      })
      return reply.code(201).send(lock)
    },
  )
  heldRoutes(app, context, { url: '/locks', kind: 'lock', tag: 'locks', name: 'Lock', phrase: 'lock' })
}
