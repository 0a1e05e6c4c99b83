import type { CacheChange, ZnodeCache } from '../../../dist/recipes/index.js'

/** Resolves once the cache is as wanted: looked at with each change. */
export function until(cache: ZnodeCache, isWanted: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (isWanted()) return resolve()
    const unlisten = cache.onChange(() => {
      if (!isWanted()) return
      unlisten()
      resolve()
    })
  })
}

/** What a cache tells from now on, in short: `created /a`, `synced`. */
export function record(cache: ZnodeCache): string[] {
  const told: string[] = []
  cache.onChange((change) => told.push(brief(change)))
  return told
}

function brief(change: CacheChange): string {
  if ('node' in change) return `${change.type} ${change.node.path}`
  return 'path' in change ? `${change.type} ${change.path}` : change.type
}
