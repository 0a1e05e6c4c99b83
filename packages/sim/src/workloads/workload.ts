import type { SeededRandom } from '../random.ts'
import type { Operation } from './history.ts'
import type { Request } from './requests.ts'

/** What a client knows when it decides what to do next. */
export interface WorkloadContext {
  readonly random: SeededRandom
  readonly client: string
  /** The version last seen at a path, or −1. */
  versionOf(path: string): number
  /** The names last seen below a path. */
  childrenOf(path: string): readonly string[]
  /** A new value: no two are the same. */
  value(): string
}

/** A way to use the service. */
export interface Workload {
  readonly name: string
  /** The next requests, to be sent at once, one behind the other. */
  next(context: WorkloadContext): readonly Request[]
}

/** Remembers what a client has seen, for its next decisions. */
export class Memory {
  readonly #versions = new Map<string, number>()
  readonly #children = new Map<string, readonly string[]>()

  saw({ request, answer }: Operation): void {
    if (answer === null || !('path' in request)) return
    const { stat, names } = answer.result
    if (stat !== undefined) this.#versions.set(request.path, stat.version)
    if (names !== undefined) this.#children.set(request.path, names)
  }

  versionOf(path: string): number {
    return this.#versions.get(path) ?? -1
  }

  childrenOf(path: string): readonly string[] {
    return this.#children.get(path) ?? []
  }
}
