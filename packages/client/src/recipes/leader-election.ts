import type { CreateOptions } from '../requests/arguments.ts'
import type { CallOptions } from '../requests/request.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { type Layout, Mutex } from './mutex.ts'
import type { Contender } from './support/contend.ts'
import type { Certainty, Holding } from './support/holding.ts'

export interface LeaderElectionOptions {
  /** Default: `curator`. */
  readonly layout?: Layout | undefined
  /** What others see of this candidate. */
  readonly id?: string | undefined
  readonly acl?: CreateOptions['acl']
  /** When a leader is to count its term as over. Default: `suspended`. */
  readonly certainty?: Certainty | undefined
}

/**
 * Leads in terms: Curator's LeaderSelector, or kazoo's Election. Unlike with a latch, one is a candidate only while one
 * asks to be, and a term that was interrupted is over.
 *
 * @example
 * const election = new LeaderElection(zk, '/leaders/scheduler', { id: hostname() })
 * for await (const term of election.terms({ signal })) {
 *   await schedule({ signal: term.signal, fence: term.token }) // Returns once the term's signal aborts.
 * }
 */
export class LeaderElection {
  readonly path: string
  readonly #mutex: Mutex

  constructor(zk: ZooKeeper, path: string, { id, ...options }: LeaderElectionOptions = {}) {
    this.path = path
    this.#mutex = new Mutex(zk, path, { ...options, data: id })
  }

  /** Waits for a term, does `work` in it, and ends it. @throws what the work throws, or the wait */
  run<T>(work: (term: Holding) => T | Promise<T>, options: WaitOptions = {}): Promise<T> {
    return this.#mutex.run(work, options)
  }

  /**
   * One term after another: each is ours while the loop's body runs, and ends with it; then we are a candidate again,
   * behind those who wait. The loop is left by `break`, or when the signal aborts: with its reason.
   */
  async *terms({ signal }: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<Holding, never> {
    for (;;) {
      await using term = await this.#mutex.acquire({ signal })
      yield term
    }
  }

  /** The candidates, in their order: the first leads. Their `data` is the id. */
  candidates(options?: CallOptions): Promise<Contender[]> {
    return this.#mutex.contenders(options)
  }
}
