import { join } from '../api/paths.ts'
import type { Stat } from '../api/types.ts'
import { readChildren } from '../api/znodes.ts'

export interface Visited {
  readonly path: string
  readonly stat: Stat | undefined
}

const PAGE = 200

/**
 * The znodes below one, a page of each in turn, so that one with very many children does not keep the others waiting. Each
 * page is asked for when the one before has been taken: who stops taking stops the walk. What may not be read, or goes away
 * meanwhile, is passed over.
 */
export async function* walk(root: string, signal: AbortSignal): AsyncGenerator<Visited> {
  const waiting: { readonly path: string; readonly after?: string }[] = [{ path: root }]
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { path, after } = next
    const page = await readChildren(path, { after, limit: PAGE, stat: true }, signal).catch((error: unknown) => {
      if (signal.aborted) throw error
      return null
    })
    for (const { name, stat } of page?.children ?? []) {
      const child = join(path, name)
      if (stat === undefined || stat.numChildren > 0) waiting.push({ path: child })
      yield { path: child, stat }
    }
    if (page?.next !== undefined) waiting.push({ path, after: page.next })
  }
}
