import { isUtf8 } from 'node:buffer'
import { joinPath, KeeperError, type Stat, type ZooKeeper } from '@vivarium/client'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { badRequest } from '../http/problem.ts'
import type { App } from '../http/type-provider.ts'
import { FoundPath, Path, StatRef } from '../schemas/common.ts'
import { statValue } from '../schemas/values.ts'
import { answers, asCaller, only } from './route-support.ts'

const MOST_CHILDREN = 1000
const CHILDREN = 200
/** Only of short data that is text is there a preview: one page is not to read megabytes. */
const PREVIEWED_BYTES = 1024
const PREVIEW_CHARACTERS = 120

const Child = only({
  name: Type.String(),
  stat: Type.Optional(StatRef),
  unreadable: Type.Optional(
    Type.Literal(true, { description: 'There is no stat, as its access control list keeps it from the caller.' }),
  ),
  dataPreview: Type.Optional(Type.String({ description: 'The beginning of its data, if that is short and text.' })),
})

/** The children of a znode, a page at a time. */
export function childrenRoutes(app: App, context: Context): void {
  app.get(
    '/children',
    {
      schema: {
        operationId: 'getChildren',
        summary: 'Its children in the order of their names, a page at a time.',
        tags: ['znodes'],
        querystring: only({
          path: Path,
          after: Type.Optional(Type.String({ maxLength: 4000, description: 'The name that the page comes after.' })),
          at: Type.Optional(Type.Integer({ minimum: 0, description: 'Instead: how many come before the page.' })),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_CHILDREN, default: CHILDREN })),
          stat: Type.Optional(Type.Boolean({ description: 'Whether to read their stats.' })),
          preview: Type.Optional(Type.Boolean({ description: 'Whether to read the beginnings of their data, too.' })),
        }),
        response: answers(
          only({
            path: FoundPath,
            stat: StatRef,
            total: Type.Integer(),
            from: Type.Integer({ description: 'How many come before the page.' }),
            children: Type.Array(Child),
            outdated: Type.Optional(
              Type.Literal(true, {
                description:
                  'There are other children by now: where very many change all the time, they are read anew from time to time.',
              }),
            ),
            next: Type.Optional(
              Type.String({ description: 'What `after` is to be for the next page, if there is one.' }),
            ),
          }),
        ),
      },
    },
    (request) =>
      asCaller(context, request, async (zk, client) => {
        const { path, after, at, limit = CHILDREN, stat: withStat = false, preview = false } = request.query
        if (after !== undefined && at !== undefined) throw badRequest('after and at exclude each other')
        const { names, stat, outdated } = await context.pages.read(client, path)
        const from = Math.min(names.length, at ?? (after === undefined ? 0 : names.indexAfter(after)))
        const page = names.slice(from, from + limit)
        const children = withStat || preview ? await described(zk, path, page, preview) : page.map((name) => ({ name }))
        const isMore = from + page.length < names.length
        const next = isMore ? page.at(-1) : undefined
        return {
          path,
          stat: statValue(stat),
          total: names.length,
          from,
          children,
          ...(outdated && { outdated }),
          ...(next !== undefined && { next }),
        }
      }),
  )
}

interface ChildValue {
  name: string
  stat?: ReturnType<typeof statValue>
  unreadable?: true
  dataPreview?: string
}

/** Those that are gone meanwhile have no stat, nor have those that the caller may not read (DataTree.statNode). */
function described(zk: ZooKeeper, path: string, names: readonly string[], preview: boolean): Promise<ChildValue[]> {
  return Promise.all(
    names.map(async (name) => {
      const at = joinPath(path, name)
      const stat = await statOf(zk, at)
      if (stat === 'unreadable') return { name, unreadable: true }
      if (stat === null) return { name }
      const text = preview ? await previewOf(zk, at, stat) : null
      return { name, stat: statValue(stat), ...(text !== null && { dataPreview: text }) }
    }),
  )
}

async function statOf(zk: ZooKeeper, path: string): Promise<Stat | 'unreadable' | null> {
  try {
    return await zk.exists(path)
  } catch (error) {
    if (KeeperError.is(error, 'NOAUTH')) return 'unreadable'
    throw error
  }
}

async function previewOf(zk: ZooKeeper, path: string, { dataLength }: Stat): Promise<string | null> {
  if (dataLength === 0 || dataLength > PREVIEWED_BYTES) return null
  // Whoever may not read it sees no preview.
  const read = await zk.getData(path).catch(() => null)
  if (read === null || !isUtf8(read.data)) return null
  return read.data.toString('utf8').slice(0, PREVIEW_CHARACTERS)
}
