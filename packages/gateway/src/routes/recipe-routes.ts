import { joinPath, type ZooKeeper } from '@vivarium/client'
import { Type } from 'typebox'
import { boundedChildren } from '../children/bounded-children.ts'
import type { Context } from '../context.ts'
import { problemOf } from '../http/problem.ts'
import type { App } from '../http/type-provider.ts'
import { type Recipe, readRecipes } from '../recipes/read-recipes.ts'
import { Encoding, FoundData, FoundPath, Path, Zxid } from '../schemas/common.ts'
import { answers, asCaller, only } from './route-support.ts'

const Contender = only({
  node: FoundPath,
  owner: Type.String({ description: 'The session it lives and dies with; `0x0`: none.' }),
  czxid: Zxid,
  data: FoundData,
  encoding: Encoding,
  unreadable: Type.Optional(
    Type.Literal(true, { description: 'Its access control list keeps all but its name from the caller.' }),
  ),
})

const RecipeValue = only({
  kind: Type.Enum(['lock', 'rwlock', 'semaphore', 'election', 'group', 'service', 'queue', 'barrier']),
  layout: Type.Enum(['curator', 'kazoo', 'zookeeper']),
  path: FoundPath,
  holder: Type.Optional(Contender),
  holding: Type.Integer({ description: 'How many hold it: the first of the queue.' }),
  fencingToken: Type.Optional(Zxid),
  queue: Type.Array(Contender, { description: 'All in their order, the first hundred of them.' }),
  total: Type.Integer(),
})

/** Below a znode, so many others are looked at; none if there are more. */
const MOST_FOLDERS = 200

/** Recipes, recognised by what lies there: whoever made it. */
export function recipeRoutes(app: App, context: Context): void {
  app.get(
    '/recipes',
    {
      schema: {
        operationId: 'getRecipes',
        summary: 'Which locks, elections, groups and so on lie at a znode, who holds them, and who waits.',
        tags: ['recipes'],
        querystring: only({
          path: Path,
          depth: Type.Optional(
            Type.Integer({ minimum: 0, maximum: 1, default: 0, description: '1: those of the znodes below it, too.' }),
          ),
        }),
        response: answers(Type.Array(RecipeValue)),
      },
    },
    (request) =>
      asCaller(context, request, async (zk) => {
        const { path, depth = 0 } = request.query
        const here = await readRecipes(zk, path)
        return depth === 0 || here.length > 0 ? here : await below(zk, path)
      }),
  )
  for (const { url, tag, operationId, kinds } of LISTS) {
    app.get(
      url,
      {
        schema: {
          operationId,
          summary: 'Who holds it, and who waits.',
          tags: [tag],
          querystring: only({ path: Path }),
          response: answers(Type.Array(RecipeValue)),
        },
      },
      (request) =>
        asCaller(context, request, async (zk) => {
          const found = await readRecipes(zk, request.query.path)
          return found.filter(({ kind }) => kinds.some((each) => each === kind))
        }),
    )
  }
}

/** The same of one kind: who holds, who waits. */
const LISTS = [
  { url: '/locks', tag: 'locks', operationId: 'getLocks', kinds: ['lock', 'rwlock', 'semaphore'] },
  { url: '/elections', tag: 'elections', operationId: 'getElections', kinds: ['election'] },
  { url: '/groups', tag: 'groups', operationId: 'getGroups', kinds: ['group'] },
] as const satisfies readonly { url: string; tag: string; operationId: string; kinds: readonly Recipe['kind'][] }[]

/** Those that are gone meanwhile, or may not be read, have none. */
async function below(zk: ZooKeeper, path: string): Promise<Recipe[]> {
  const there = await boundedChildren(zk, path, MOST_FOLDERS)
  const names = there?.names ?? []
  const found = await Promise.all(
    names.map((name) =>
      readRecipes(zk, joinPath(path, name)).catch((error) => {
        const problem = problemOf(error)
        if (problem?.code === 'NoNode' || problem?.code === 'NoAuth') return []
        throw error
      }),
    ),
  )
  return found.flat()
}
