import { joinPath } from '@vivarium/client'
import { PersistentNode } from '@vivarium/client/recipes'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { App } from '../http/type-provider.ts'
import { DataText, Encoding, Path } from '../schemas/common.ts'
import { dataBytes } from '../schemas/values.ts'
import { Holder, heldRoutes, hold, NewlyHeld } from './held-routes.ts'
import { placeOf, withinTime } from './place.ts'
import { answers, only, TokenHeaders } from './route-support.ts'

/** A name of a znode. */
export const Name = Type.String({ minLength: 1, maxLength: 1000, pattern: '^[^/]+$' })

/** Groups, in the layout of Curator's GroupMember: each member is an ephemeral znode by its id. */
export function groupRoutes(app: App, context: Context): void {
  app.post(
    '/groups',
    {
      config: { writes: true },
      schema: {
        operationId: 'joinGroup',
        summary: 'Makes the session a member of a group.',
        tags: ['groups'],
        headers: TokenHeaders,
        body: only({
          path: Path,
          id: Name,
          data: Type.Optional(DataText),
          encoding: Type.Optional(Encoding),
          ...Holder,
        }),
        response: answers(NewlyHeld, 201),
      },
    },
    async (request, reply) => {
      const { path, id, data, encoding } = request.body
      const how = { data: dataBytes(data, encoding) }
      const member = await hold(context, request, reply, request.body, async ({ zk }, signal) => {
        const at = joinPath(path, id)
        const node = await withinTime(context, at, signal, (within) =>
          PersistentNode.start(zk, at, { ...how, signal: within }),
        )
        return placeOf('member', path, node)
      })
      return reply.code(201).send(member)
    },
  )
  heldRoutes(app, context, { url: '/groups', kind: 'member', tag: 'groups', name: 'Member', phrase: 'member' })
}
