import type { ZooKeeper } from '../../zookeeper.ts'
import type { CachedNode } from './picture.ts'
import { type CacheOptions, whenSynced, ZnodeCache } from './znode-cache.ts'

export type NodeCacheOptions = Pick<CacheOptions, 'watches'>

/**
 * A copy of one znode that follows its changes, whether it is there or not yet.
 *
 * @example
 * await using cache = await NodeCache.start(zk, '/app/motd')
 * console.log(cache.node?.data.toString() ?? 'nothing')
 */
export class NodeCache extends ZnodeCache {
  constructor(zk: ZooKeeper, path: string, { watches }: NodeCacheOptions = {}) {
    super(zk, path, { watches, maxDepth: 0 })
  }

  /** A cache that is complete. */
  static override async start(
    zk: ZooKeeper,
    path: string,
    options: NodeCacheOptions & { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<NodeCache> {
    return await whenSynced(new NodeCache(zk, path, options), options.signal)
  }

  /** The znode as it was last seen; null: there is none. */
  get node(): CachedNode | null {
    return this.get(this.path)
  }
}
