import { type Stat, ZooKeeperError } from '@vivarium/protocol'
import type { ZooKeeper } from '../zookeeper.ts'
import { DerivedCache } from './cache/derived-cache.ts'
import { NodeCache, type NodeCacheOptions } from './cache/node-cache.ts'
import type { CachedNode } from './cache/picture.ts'
import { whenSynced } from './cache/znode-cache.ts'

export interface ConfigWatchOptions<T> extends NodeCacheOptions {
  /**
   * The value that the parsed data stand for; throws if they stand for none. The `parse` of a schema library will do.
   *
   * @example schema: z.object({ ratio: z.number() }).parse
   */
  readonly schema: (parsed: unknown) => T
  /** What comes before the schema. Default: JSON of UTF-8. */
  readonly parse?: ((data: Buffer) => unknown) | undefined
  /** The value until the first good one. Default: `value` throws until then, and `start` fails without one. */
  readonly initial?: T | undefined
}

/** Why there is no newer value than the last good one. */
export type ConfigProblem =
  | { readonly type: 'absent' }
  | { readonly type: 'invalid'; readonly error: Error; readonly data: Buffer; readonly stat: Stat }

/** A new value, or a problem that came up. */
export type ConfigChange<T> =
  | { readonly type: 'value'; readonly value: T; readonly stat: Stat }
  | { readonly type: 'problem'; readonly problem: ConfigProblem }

/** There is no value: the znode is not there, or what it has stands for none (`cause`). */
export class ConfigError extends ZooKeeperError {
  override readonly name = 'ConfigError'
  declare readonly code: 'NO_CONFIG'

  constructor(path: string, problem: ConfigProblem | null) {
    const why =
      problem?.type === 'invalid' ? `its data are not valid: ${problem.error.message}` : 'there is no such znode'
    super('NO_CONFIG', `${path} has no value: ${why}`, problem?.type === 'invalid' ? { cause: problem.error } : {})
  }
}

/**
 * A typed value in a znode, as it was last written well. What is written badly is told, and the last good value stays.
 *
 * @example
 * const schema = (parsed: unknown): { ratio: number } => { … }
 * await using config = await ConfigWatch.start(zk, '/config/sampling', { schema })
 * if (Math.random() < config.value.ratio) sample()
 */
export class ConfigWatch<T> extends DerivedCache<NodeCache, ConfigChange<T>> {
  readonly #schema: (parsed: unknown) => T
  readonly #parse: (data: Buffer) => unknown
  #value: { readonly value: T } | null
  #stat: Stat | null = null
  #problem: ConfigProblem | null = { type: 'absent' }

  constructor(zk: ZooKeeper, path: string, options: ConfigWatchOptions<T>) {
    const { schema, parse = parseJson, initial, watches } = options
    super(new NodeCache(zk, path, { watches }))
    this.#schema = schema
    this.#parse = parse
    this.#value = initial === undefined ? null : { value: initial }
    this.cache.onChange((change) => {
      if (change.type === 'created' || change.type === 'changed') this.#take(change.node)
      else if (change.type === 'deleted') this.#tell({ type: 'absent' })
    })
  }

  /**
   * Resolves once it has looked.
   *
   * @throws {ConfigError} if there is no value, neither there nor `initial`
   */
  static async start<T>(
    zk: ZooKeeper,
    path: string,
    options: ConfigWatchOptions<T> & { readonly signal?: AbortSignal | undefined },
  ): Promise<ConfigWatch<T>> {
    const config = await whenSynced(new ConfigWatch(zk, path, options), options.signal)
    if (config.#value !== null) return config
    await config.close()
    throw config.#noValue()
  }

  /** The last good value, or `initial`. @throws {ConfigError} if there was none yet */
  get value(): T {
    if (this.#value === null) throw this.#noValue()
    return this.#value.value
  }

  /** That of the znode when it had the value; null: the value is `initial`. */
  get stat(): Stat | null {
    return this.#stat
  }

  /** What is wrong with what is there now; null: nothing, `value` is it. */
  get problem(): ConfigProblem | null {
    return this.#problem
  }

  #take({ data, stat }: CachedNode): void {
    let value: T
    try {
      value = this.#schema(this.#parse(data))
    } catch (reason) {
      const error = reason instanceof Error ? reason : new Error(String(reason))
      return this.#tell({ type: 'invalid', error, data, stat })
    }
    this.#value = { value }
    this.#stat = stat
    this.#problem = null
    this.feed.emit({ type: 'value', value, stat })
  }

  #tell(problem: ConfigProblem): void {
    this.#problem = problem
    this.feed.emit({ type: 'problem', problem })
  }

  #noValue(): ConfigError {
    return new ConfigError(this.cache.path, this.#problem)
  }
}

function parseJson(data: Buffer): unknown {
  return JSON.parse(data.toString())
}
