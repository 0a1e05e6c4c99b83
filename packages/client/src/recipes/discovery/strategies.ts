import type { Random } from '@vivarium/env'
import type { ServiceInstance } from './service-instance.ts'

/** Chooses one of the instances; null: none of them will do. They come in the order of their ids. */
export type ProviderStrategy<P> = (instances: readonly ServiceInstance<P>[]) => ServiceInstance<P> | null

/** One after another. */
export function roundRobin<P>(): ProviderStrategy<P> {
  let next = 0
  return (instances) => {
    if (instances.length === 0) return null
    const at = next % instances.length
    next = at + 1
    return instances[at] ?? null
  }
}

/** Any. */
export function randomly<P>(random: Random): ProviderStrategy<P> {
  return (instances) => instances[Math.floor((random.uint32() / 2 ** 32) * instances.length)] ?? null
}

/** The same as long as it is there unchanged; then another, which `choose` chooses. */
export function sticky<P>(choose: ProviderStrategy<P>): ProviderStrategy<P> {
  let mine: ServiceInstance<P> | null = null
  return (instances) => {
    if (mine === null || !instances.includes(mine)) mine = choose(instances)
    return mine
  }
}
