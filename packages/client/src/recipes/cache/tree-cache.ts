import { joinPath } from '@vivarium/protocol'
import type { ZooKeeper } from '../../zookeeper.ts'
import type { CachedNode } from './picture.ts'
import { type CacheOptions, whenSynced, ZnodeCache } from './znode-cache.ts'

/**
 * A {@link ZnodeCache} that is walked as a tree.
 *
 * @example
 * const accept = (path: string) => !path.endsWith('/lost+found')
 * await using tree = await TreeCache.start(zk, '/app', { maxDepth: 3, accept })
 * for (const { path, data } of tree.walk()) console.log(path, data.length)
 */
export class TreeCache extends ZnodeCache {
  /** A cache that is complete. */
  static override async start(
    zk: ZooKeeper,
    path: string,
    options: CacheOptions & { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<TreeCache> {
    return await whenSynced(new TreeCache(zk, path, options), options.signal)
  }

  /** The znodes just below a path, by name, in the order of their names. */
  childNodes(path: string = this.path): Map<string, CachedNode> {
    const found = new Map<string, CachedNode>()
    for (const name of this.children(path).sort()) {
      const node = this.get(joinPath(path, name))
      if (node !== null) found.set(name, node)
    }
    return found
  }

  /** A znode and all below it: each before what is below it, and by name. */
  *walk(path: string = this.path): Generator<CachedNode, void> {
    const node = this.get(path)
    if (node !== null) yield node
    for (const name of this.children(path).sort()) yield* this.walk(joinPath(path, name))
  }
}
