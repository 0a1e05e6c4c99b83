import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { App } from '../http/type-provider.ts'
import { Acl, AclEntry, FoundPath, Path, StatRef, Version } from '../schemas/common.ts'
import { aclOf, aclValue, statValue } from '../schemas/values.ts'
import { answers, asCaller, only } from './route-support.ts'

const ByPath = only({ path: Path })
const AccessControl = only({ path: FoundPath, acl: Type.Array(AclEntry), stat: StatRef })

/** Who may do what with a znode. */
export function aclRoutes(app: App, context: Context): void {
  const tags = ['znodes']
  app.get(
    '/acl',
    {
      schema: {
        operationId: 'getAcl',
        summary: 'Its access control list.',
        tags,
        querystring: ByPath,
        response: answers(AccessControl),
      },
    },
    (request) =>
      asCaller(context, request, async (zk) => {
        const { path } = request.query
        const { acl, stat } = await zk.getACL(path)
        return { path, acl: aclValue(acl), stat: statValue(stat) }
      }),
  )
  app.put(
    '/acl',
    {
      config: { writes: true },
      schema: {
        operationId: 'setAcl',
        summary: 'Sets its access control list. `version` is compared with the `aversion` of its stat.',
        tags,
        querystring: ByPath,
        body: only({ acl: Acl, version: Type.Optional(Version) }),
        response: answers(AccessControl),
      },
    },
    (request) =>
      asCaller(context, request, async (zk) => {
        const { path } = request.query
        const { acl, version } = request.body
        const stat = await zk.setACL(path, aclOf(acl), { version })
        return { path, acl, stat: statValue(stat) }
      }),
  )
}
