import { ApiError } from '../api/http.ts'
import { join } from '../api/paths.ts'
import type { Stat } from '../api/types.ts'
import { readChildren } from '../api/znodes.ts'
import { count } from '../shell/format.ts'

export interface Visited {
  readonly path: string
  readonly stat: Stat | undefined
}

const PAGE = 200

/** What a walk was told of that has not seen everything, as it may not. */
export const allBut = (hidden: number): string =>
  `that is all but what is below ${count(hidden)} ${hidden === 1 ? 'znode' : 'znodes'} whose ACL keeps it from you`

/** What goes away while it is walked. */
const GONE = 'NoNode'
const HIDDEN = 'NoAuth'

/**
 * The znodes below one, a page of each in turn, so that one with very many children does not keep the others waiting. Each
 * page is asked for when the one before has been taken: who stops taking stops the walk. What goes away meanwhile is passed
 * over, and so is what may not be read, which is told.
 *
 * @param hidden is told of each znode whose children may not be read
 * @throws {ApiError} if nobody answers, or otherwise than that; where the walk begins there is to be a znode
 */
export async function* walk(
  root: string,
  signal: AbortSignal,
  hidden: (path: string) => void = () => {},
): AsyncGenerator<Visited> {
  const waiting: { readonly path: string; readonly after?: string }[] = [{ path: root }]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { path, after } = next
    const page = await readChildren(path, { after, limit: PAGE, stat: true }, signal).catch((error: unknown) => {
      const code = error instanceof ApiError ? error.code : null
      if (code === HIDDEN) hidden(path)
      else if (code !== GONE || path === root) throw error
      return null
    })
    for (const { name, stat, unreadable } of page?.children ?? []) {
      const child = join(path, name)
      if (unreadable) hidden(child)
      else if (stat === undefined || stat.numChildren > 0) waiting.push({ path: child })
      yield { path: child, stat }
    }
    if (page?.next !== undefined) waiting.push({ path, after: page.next })
  }
}
