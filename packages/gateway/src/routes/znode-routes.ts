import { type CreateModeName, parentOf } from '@vivarium/client'
import { type Static, Type } from 'typebox'
import type { Context } from '../context.ts'
import { badRequest, Problem } from '../http/problem.ts'
import type { App } from '../http/type-provider.ts'
import {
  Acl,
  CreationPath,
  DataText,
  Encoding,
  FoundData,
  FoundPath,
  Path,
  StatRef,
  Version,
} from '../schemas/common.ts'
import { aclOf, dataBytes, dataValue, statValue } from '../schemas/values.ts'
import { deleteSubtree } from './delete-subtree.ts'
import { answers, asCaller, InSession, inSession, only, TokenHeaders } from './route-support.ts'

const ByPath = only({ path: Path })
const Written = only({ path: FoundPath, stat: StatRef })

/** How modes of creation are called here. */
const MODES = {
  persistent: 'PERSISTENT',
  'persistent-sequential': 'PERSISTENT_SEQUENTIAL',
  ephemeral: 'EPHEMERAL',
  'ephemeral-sequential': 'EPHEMERAL_SEQUENTIAL',
  container: 'CONTAINER',
  'persistent-ttl': 'PERSISTENT_WITH_TTL',
  'persistent-sequential-ttl': 'PERSISTENT_SEQUENTIAL_WITH_TTL',
} as const satisfies Record<string, CreateModeName>

/** What a znode is created with. */
export const Creation = {
  data: Type.Optional(DataText),
  encoding: Type.Optional(Encoding),
  mode: Type.Optional(Type.Enum(Object.keys(MODES) as (keyof typeof MODES)[])),
  ttlMs: Type.Optional(Type.Integer({ minimum: 1, description: 'For modes with a time to live, in milliseconds.' })),
  acl: Type.Optional(Acl),
}

const CreateBody = only({
  ...Creation,
  parents: Type.Optional(Type.Boolean({ description: 'Whether missing znodes above it are created.' })),
  ...InSession,
})

const Deleted = only({
  path: FoundPath,
  deleted: Type.Integer({ description: 'How many znodes are gone.' }),
  would: Type.Optional(Type.Integer({ description: 'How many would be, had it not been a dry run.' })),
  sample: Type.Optional(Type.Array(FoundPath, { description: 'The first of them.' })),
})

/** Of what would be deleted, as many are named. */
const SAMPLE = 100

/** One znode: read, set, created, deleted. */
export function znodeRoutes(app: App, context: Context): void {
  const tags = ['znodes']
  app.get(
    '/znode',
    {
      schema: {
        operationId: 'getZnode',
        summary: 'Its data and stat.',
        tags,
        querystring: ByPath,
        response: answers(only({ path: FoundPath, stat: StatRef, data: FoundData, encoding: Encoding })),
      },
    },
    (request) =>
      asCaller(context, request, async (zk) => {
        const { path } = request.query
        const read = await zk.getData(path)
        return { path, stat: statValue(read.stat), ...dataValue(read) }
      }),
  )
  app.get(
    '/stat',
    {
      schema: { operationId: 'getStat', summary: 'Its stat.', tags, querystring: ByPath, response: answers(Written) },
    },
    (request) =>
      asCaller(context, request, async (zk) => {
        const { path } = request.query
        const stat = await zk.exists(path)
        if (stat === null) throw new Problem(404, 'NoNode', `there is no znode ${path}`, { path })
        return { path, stat: statValue(stat) }
      }),
  )
  app.put(
    '/znode',
    {
      config: { writes: true },
      schema: {
        operationId: 'setZnode',
        summary: 'Sets its data.',
        tags,
        querystring: ByPath,
        body: only({ data: DataText, encoding: Type.Optional(Encoding), version: Type.Optional(Version) }),
        response: answers(Written),
      },
    },
    (request) =>
      asCaller(context, request, async (zk) => {
        const { path } = request.query
        const { data, encoding, version } = request.body
        return { path, stat: statValue(await zk.setData(path, dataBytes(data, encoding) ?? null, { version })) }
      }),
  )
  app.post(
    '/znode',
    {
      config: { writes: true },
      schema: {
        operationId: 'createZnode',
        summary: 'Creates it. An ephemeral one belongs to a session of the caller.',
        tags,
        querystring: only({ path: CreationPath }),
        headers: TokenHeaders,
        body: CreateBody,
        response: answers(Written, 201),
      },
    },
    async (request, reply) => {
      const { path } = request.query
      const { session, parents = false, ...creation } = request.body
      if (creation.mode?.startsWith('ephemeral') && session === undefined) {
        throw badRequest('an ephemeral znode needs a session to belong to: see POST /api/v1/sessions')
      }
      const options = creationOf(creation)
      const created = await inSession(context, request, session, async (zk) => {
        const parent = parentOf(path)
        if (parents && parent !== '/') await zk.ensurePath(parent, { acl: options.acl })
        return await zk.create(path, options)
      })
      return reply.code(201).send({ path: created.path, stat: statValue(created.stat) })
    },
  )
  app.delete(
    '/znode',
    {
      config: { writes: true },
      schema: {
        operationId: 'deleteZnode',
        summary: 'Deletes it; if asked to, with all that is below it.',
        tags,
        querystring: only({
          path: Path,
          version: Type.Optional(Version),
          recursive: Type.Optional(Type.Boolean()),
          dryRun: Type.Optional(Type.Boolean({ description: 'Only says what `recursive` would take along.' })),
        }),
        response: answers(Deleted),
      },
    },
    (request) =>
      asCaller(context, request, async (zk) => {
        const { path, version, recursive = false, dryRun = false } = request.query
        const most = context.settings.limits.deletedZnodes
        if (recursive) {
          if (version !== undefined) throw badRequest('version is for one znode, and recursive for many')
          const { paths, deleted } = await deleteSubtree(zk, path, most, dryRun)
          return { path, deleted, ...(dryRun && { would: paths.length, sample: paths.slice(0, SAMPLE) }) }
        }
        if (dryRun) throw badRequest('dryRun goes with recursive')
        await zk.delete(path, { version })
        return { path, deleted: 1 }
      }),
  )
}

type CreationBody = Omit<Static<typeof CreateBody>, 'session' | 'parents'>

/** The same, as the client takes it. */
export function creationOf({ data, encoding, mode = 'persistent', ttlMs, acl }: CreationBody): {
  data: Buffer | null | undefined
  mode: CreateModeName
  ttlMs: number | undefined
  acl: ReturnType<typeof aclOf> | undefined
} {
  return { data: dataBytes(data, encoding), mode: MODES[mode], ttlMs, acl: acl === undefined ? undefined : aclOf(acl) }
}
