import { joinPath, nameOf } from '@vivarium/protocol'
import type { ZooKeeper } from '../../zookeeper.ts'
import type { CachedNode } from './picture.ts'
import { type CacheOptions, whenSynced, ZnodeCache } from './znode-cache.ts'

export interface PathCacheOptions extends Pick<CacheOptions, 'watches' | 'concurrency'> {
  /** Whether a child of this name is kept. Default: all are. */
  readonly accept?: ((name: string) => boolean) | undefined
}

/**
 * A copy of the children of a znode, with their data, that follows their changes. The znode itself need not be there.
 *
 * @example
 * await using workers = await PathCache.start(zk, '/workers')
 * for (const [name, { data }] of workers.entries()) console.log(name, data.toString())
 */
export class PathCache extends ZnodeCache {
  constructor(zk: ZooKeeper, path: string, { accept, ...options }: PathCacheOptions = {}) {
    super(zk, path, {
      ...options,
      maxDepth: 1,
      withRoot: false,
      accept: accept && ((at) => at === path || accept(nameOf(at))),
    })
  }

  /** A cache that is complete. */
  static override async start(
    zk: ZooKeeper,
    path: string,
    options: PathCacheOptions & { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<PathCache> {
    return await whenSynced(new PathCache(zk, path, options), options.signal)
  }

  /** A child by its name; null: there is none. */
  child(name: string): CachedNode | null {
    return this.get(joinPath(this.path, name))
  }

  /** The children by name, in the order of their names. */
  entries(): [name: string, child: CachedNode][] {
    return this.children(this.path)
      .sort()
      .map((name) => [name, this.child(name) as CachedNode])
  }
}
