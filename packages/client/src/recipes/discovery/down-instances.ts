import type { Clock } from '@vivarium/env'
import type { ServiceInstance } from './service-instance.ts'

/** When an instance that makes trouble is passed by, with the defaults of Curator's DownInstancePolicy. */
export interface DownInstancePolicy {
  /** How many errors make it down. Default 2. */
  readonly errors?: number | undefined
  /** How long errors count from the first one on, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined
}

interface Trouble {
  readonly sinceMs: number
  errors: number
}

/** Which instances make trouble. One that registers anew begins anew. */
export class DownInstances {
  readonly #clock: Clock
  readonly #errors: number
  readonly #timeoutMs: number
  // What is not registered any more is forgotten with the instance.
  readonly #troubles = new WeakMap<ServiceInstance, Trouble>()

  constructor(clock: Clock, { errors = 2, timeoutMs = 30_000 }: DownInstancePolicy = {}) {
    this.#clock = clock
    this.#errors = errors
    this.#timeoutMs = timeoutMs
  }

  noteError(instance: ServiceInstance): void {
    const trouble = this.#troubleOf(instance)
    if (trouble === null) this.#troubles.set(instance, { sinceMs: this.#clock.monotonicMs(), errors: 1 })
    else trouble.errors++
  }

  isDown(instance: ServiceInstance): boolean {
    return (this.#troubleOf(instance)?.errors ?? 0) >= this.#errors
  }

  #troubleOf(instance: ServiceInstance): Trouble | null {
    const trouble = this.#troubles.get(instance) ?? null
    if (trouble === null || this.#clock.monotonicMs() - trouble.sinceMs < this.#timeoutMs) return trouble
    this.#troubles.delete(instance)
    return null
  }
}
