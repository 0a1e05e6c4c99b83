import { ServiceDiscovery } from '@vivarium/client/recipes'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { App } from '../http/type-provider.ts'
import { FoundPath, Path } from '../schemas/common.ts'
import { Name } from './group-routes.ts'
import { Holder, heldRoutes, hold, NewlyHeld } from './held-routes.ts'
import { placeOf, withinTime } from './place.ts'
import { answers, asCaller, only, TokenHeaders } from './route-support.ts'

const PortNumber = Type.Integer({ minimum: 0, maximum: 65_535 })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])

const Instance = only({
  name: Type.String(),
  id: Type.String(),
  address: orNull(Type.String()),
  port: orNull(Type.Integer()),
  sslPort: orNull(Type.Integer()),
  payload: Type.Unknown({ description: 'Whatever the service says of itself.' }),
  registrationTimeUTC: Type.Integer(),
  serviceType: Type.String(),
  enabled: Type.Boolean(),
})

/** Services that find each other, in the layout of Curator's x-discovery. */
export function serviceRoutes(app: App, context: Context): void {
  const tags = ['services']
  app.get(
    '/services',
    {
      schema: {
        operationId: 'getServices',
        summary: 'The names of services, or the instances of one of them.',
        tags,
        querystring: only({ path: Path, name: Type.Optional(Name) }),
        response: answers(
          only({
            path: FoundPath,
            names: Type.Optional(Type.Array(Type.String())),
            instances: Type.Optional(Type.Array(Instance)),
          }),
        ),
      },
    },
    (request) =>
      asCaller(context, request, async (zk) => {
        const { path, name } = request.query
        const discovery = new ServiceDiscovery(zk, path)
        if (name === undefined) return { path, names: await discovery.names() }
        return { path, instances: await discovery.instances(name) }
      }),
  )
  app.post(
    '/services',
    {
      config: { writes: true },
      schema: {
        operationId: 'registerService',
        summary: 'Registers an instance of a service for as long as the session lives.',
        tags,
        headers: TokenHeaders,
        body: only({
          path: Path,
          name: Name,
          id: Type.Optional(Name),
          address: Type.Optional(Type.String({ maxLength: 1000 })),
          port: Type.Optional(PortNumber),
          sslPort: Type.Optional(PortNumber),
          payload: Type.Optional(Type.Unknown()),
          ...Holder,
        }),
        response: answers(NewlyHeld, 201),
      },
    },
    async (request, reply) => {
      const { path, session, leaseMs, ...instance } = request.body
      const registered = await hold(context, request, reply, { session, leaseMs }, async ({ zk }, signal) => {
        const discovery = new ServiceDiscovery(zk, path)
        const registration = await withinTime(context, path, signal, (within) => discovery.register(instance, within))
        return placeOf('instance', path, registration.node, () => registration.unregister())
      })
      return reply.code(201).send(registered)
    },
  )
  heldRoutes(app, context, {
    url: '/services',
    kind: 'instance',
    tag: 'services',
    name: 'Instance',
    phrase: 'instance',
  })
}
