import { nameOf } from '@vivarium/protocol'
import type { ZooKeeper } from '../../zookeeper.ts'
import { DerivedCache } from '../cache/derived-cache.ts'
import { PathCache } from '../cache/path-cache.ts'
import type { CachedNode } from '../cache/picture.ts'
import { type CacheChange, whenSynced } from '../cache/znode-cache.ts'
import { parseInstance, type ServiceInstance } from './service-instance.ts'

/**
 * What became of a service. `stale` and `synced` are those of the cache; `invalid`: a znode that is no instance, and is
 * passed by.
 */
export type ServiceChange<P> =
  | { readonly type: 'added' | 'changed' | 'removed'; readonly instance: ServiceInstance<P> }
  | { readonly type: 'invalid'; readonly path: string; readonly error: Error }
  | { readonly type: 'stale' | 'synced' }

/**
 * The instances of one service, as they come and go.
 *
 * @example
 * await using cache = await discovery.cache('worker')
 * cache.instances().map(({ address, port }) => `${address}:${port}`)
 */
export class ServiceCache<P = unknown> extends DerivedCache<PathCache, ServiceChange<P>> {
  readonly #payload: (value: unknown) => P
  readonly #instances = new Map<string, ServiceInstance<P>>()

  /** @param path that of the service: its instances are its children */
  constructor(zk: ZooKeeper, path: string, payload: (value: unknown) => P) {
    super(new PathCache(zk, path))
    this.#payload = payload
    this.cache.onChange((change) => this.#take(change))
  }

  static async start<P>(
    zk: ZooKeeper,
    path: string,
    payload: (value: unknown) => P,
    signal?: AbortSignal,
  ): Promise<ServiceCache<P>> {
    return await whenSynced(new ServiceCache(zk, path, payload), signal)
  }

  /** In the order of the names of their znodes, which are their ids. */
  instances(): ServiceInstance<P>[] {
    return [...this.#instances].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, instance]) => instance)
  }

  #take(change: CacheChange): void {
    switch (change.type) {
      case 'created':
      case 'changed':
        return this.#put(change.node)
      case 'deleted':
        return this.#remove(change.node.path)
      case 'unreadable':
        return this.feed.emit({ type: 'invalid', path: change.path, error: change.error })
      default:
        this.feed.emit(change)
    }
  }

  #put({ path, data }: CachedNode): void {
    let instance: ServiceInstance<P>
    try {
      instance = parseInstance(data, this.#payload)
    } catch (reason) {
      this.#remove(path)
      const error = reason instanceof Error ? reason : new Error(String(reason))
      return this.feed.emit({ type: 'invalid', path, error })
    }
    const isKnown = this.#instances.has(nameOf(path))
    this.#instances.set(nameOf(path), instance)
    this.feed.emit({ type: isKnown ? 'changed' : 'added', instance })
  }

  #remove(path: string): void {
    const instance = this.#instances.get(nameOf(path))
    if (instance === undefined) return
    this.#instances.delete(nameOf(path))
    this.feed.emit({ type: 'removed', instance })
  }
}
