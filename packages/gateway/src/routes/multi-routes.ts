import { type Created, Op, type Stat, type WriteOp } from '@vivarium/client'
import { type Static, Type } from 'typebox'
import type { Context } from '../context.ts'
import { badRequest } from '../http/problem.ts'
import type { App } from '../http/type-provider.ts'
import { CreationPath, DataText, Encoding, FoundPath, Path, StatRef, Version } from '../schemas/common.ts'
import { dataBytes, statValue } from '../schemas/values.ts'
import { answers, InSession, inSession, only, TokenHeaders } from './route-support.ts'
import { Creation, creationOf } from './znode-routes.ts'

const Operation = Type.Union([
  only({ type: Type.Literal('create'), path: CreationPath, ...Creation }),
  only({
    type: Type.Literal('set'),
    path: Path,
    data: DataText,
    encoding: Type.Optional(Encoding),
    version: Type.Optional(Version),
  }),
  only({ type: Type.Literal('delete'), path: Path, version: Type.Optional(Version) }),
  only({ type: Type.Literal('check'), path: Path, version: Type.Optional(Version) }),
])

/** What an operation brought: where it wrote, the path and its stat. */
const Result = only({ type: Type.String(), path: FoundPath, stat: Type.Optional(StatRef) })

/** Writes that are applied together, or not at all. */
export function multiRoutes(app: App, context: Context): void {
  app.post(
    '/multi',
    {
      config: { writes: true },
      schema: {
        operationId: 'multi',
        summary: 'Writes that are applied together, or not at all.',
        tags: ['znodes'],
        headers: TokenHeaders,
        body: only({ ops: Type.Array(Operation, { minItems: 1, maxItems: 1000 }), ...InSession }),
        response: answers(only({ results: Type.Array(Result) })),
      },
    },
    async (request) => {
      const { ops, session } = request.body
      const operations = ops.map((op) => operationOf(op, session !== undefined))
      const results = await inSession(context, request, session, (zk) => zk.multi(operations))
      return { results: results.map((result, i) => resultOf(ops[i] as Static<typeof Operation>, result)) }
    },
  )
}

function operationOf(op: Static<typeof Operation>, hasSession: boolean): WriteOp<Created | Stat | null> {
  switch (op.type) {
    case 'create':
      if (op.mode?.startsWith('ephemeral') && !hasSession) throw badRequest('an ephemeral znode needs a session')
      return Op.create(op.path, creationOf(op))
    case 'set':
      return Op.setData(op.path, dataBytes(op.data, op.encoding) ?? null, { version: op.version })
    case 'delete':
      return Op.delete(op.path, { version: op.version })
    case 'check':
      return Op.check(op.path, { version: op.version })
  }
}

function resultOf({ type, path }: Static<typeof Operation>, result: Created | Stat | null): Static<typeof Result> {
  if (result === null) return { type, path }
  return 'stat' in result
    ? { type, path: result.path, stat: statValue(result.stat) }
    : { type, path, stat: statValue(result) }
}
