import type { Clock } from '@vivarium/env'
import { type DownInstancePolicy, DownInstances } from './down-instances.ts'
import type { ServiceCache } from './service-cache.ts'
import type { ServiceInstance } from './service-instance.ts'
import { type ProviderStrategy, roundRobin } from './strategies.ts'

export interface ProviderOptions<P> {
  /** Default: {@link roundRobin}. */
  readonly strategy?: ProviderStrategy<P> | undefined
  /** Whether an instance will do at all. Default: all do. */
  readonly filter?: ((instance: ServiceInstance<P>) => boolean) | undefined
  readonly down?: DownInstancePolicy | undefined
}

/**
 * Gives instances of a service: enabled ones that are not down.
 *
 * @example
 * await using provider = await discovery.provider('worker')
 * const instance = provider.instance()
 * if (instance !== null) await call(instance).catch(() => provider.noteError(instance))
 */
export class ServiceProvider<P = unknown> implements AsyncDisposable {
  /** What it chooses from. */
  readonly cache: ServiceCache<P>
  readonly #strategy: ProviderStrategy<P>
  readonly #filter: (instance: ServiceInstance<P>) => boolean
  readonly #down: DownInstances

  constructor(cache: ServiceCache<P>, clock: Clock, { strategy, filter, down }: ProviderOptions<P> = {}) {
    this.cache = cache
    this.#strategy = strategy ?? roundRobin()
    this.#filter = filter ?? (() => true)
    this.#down = new DownInstances(clock, down)
  }

  /** One to ask now; null: there is none. */
  instance(): ServiceInstance<P> | null {
    return this.#strategy(this.instances())
  }

  /** All that it could give. */
  instances(): ServiceInstance<P>[] {
    const isGood = (each: ServiceInstance<P>): boolean => each.enabled && this.#filter(each) && !this.#down.isDown(each)
    return this.cache.instances().filter(isGood)
  }

  /** This one made trouble. After some of it, it is passed by for a while. */
  noteError(instance: ServiceInstance<P>): void {
    this.#down.noteError(instance)
  }

  close(): Promise<void> {
    return this.cache.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
