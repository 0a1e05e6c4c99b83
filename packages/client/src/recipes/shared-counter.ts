import { ArgumentError } from '../errors.ts'
import type { CallOptions } from '../requests/request.ts'
import type { ZooKeeper } from '../zookeeper.ts'
import type { Layout } from './mutex.ts'
import { Cell, type Codec } from './support/cell.ts'

export interface SharedCounterOptions {
  /** `curator`: four bytes (SharedCount, and kazoo's Counter with `support_curator`). `kazoo`: digits. Default: `curator`. */
  readonly layout?: Layout | undefined
  /** What it is where nothing has been stored yet. Default: 0. */
  readonly initial?: number | undefined
}

const int32: Codec<number> = {
  encode(value) {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(value)
    return bytes
  },
  decode(data) {
    if (data.length !== 4) throw new TypeError(`a count of four bytes is wanted, and there are ${data.length}`)
    return data.readInt32BE()
  },
}

const decimal: Codec<number> = {
  encode: (value) => Buffer.from(String(value)),
  decode(data) {
    const value = Number(data.toString())
    if (!Number.isSafeInteger(value)) throw new TypeError(`${JSON.stringify(data.toString('latin1'))} is no count`)
    return value
  },
}

const LIMITS = {
  curator: { codec: int32, least: -(2 ** 31), most: 2 ** 31 - 1 },
  kazoo: { codec: decimal, least: Number.MIN_SAFE_INTEGER, most: Number.MAX_SAFE_INTEGER },
} as const

/**
 * A number that many read, add to and watch: Curator's SharedCount, or kazoo's Counter.
 *
 * @example
 * const counter = new SharedCounter(zk, '/counters/visits')
 * await counter.add(1)
 * for await (const value of counter.values()) console.log(value)
 */
export class SharedCounter {
  readonly path: string
  readonly #zk: ZooKeeper
  readonly #cell: Cell<number>
  readonly #layout: Layout

  constructor(zk: ZooKeeper, path: string, { layout = 'curator', initial = 0 }: SharedCounterOptions = {}) {
    this.path = path
    this.#zk = zk
    this.#layout = layout
    this.#cell = new Cell(zk, path, LIMITS[layout].codec, initial)
  }

  /** The latest value. */
  async get(options?: CallOptions): Promise<number> {
    return (await this.#cell.latest(options)).value
  }

  /**
   * Adds, and returns the sum.
   *
   * @throws {ArgumentError} if the sum has no place in the znode; {@link RequestError} CONNECTIONLOSS with `maybeApplied`
   * if the connection was lost and nobody can say whether it was added
   */
  async add(amount = 1, options?: CallOptions): Promise<number> {
    return (await this.#cell.update((value) => this.#checked(value + amount), options)).after
  }

  /** Sets it, whatever it is. */
  async set(value: number, options?: CallOptions): Promise<void> {
    await this.#cell.update(() => this.#checked(value), options)
  }

  /** Sets it if it is `expected`; returns whether it was. */
  async compareAndSet(expected: number, value: number, options?: CallOptions): Promise<boolean> {
    const next = this.#checked(value)
    return (await this.#cell.update((present) => (present === expected ? next : undefined), options)).changed
  }

  /** Its value now, and whenever it changes. Of several changes in a row perhaps only the last. */
  async *values(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncGenerator<number, void> {
    let last: number | null = null
    for await (const _ of this.#zk.watch(this.path, options)) {
      const { value } = await this.#cell.read({ ...options, acrossSessions: true })
      if (value !== last) yield value
      last = value
    }
  }

  #checked(value: number): number {
    const { least, most } = LIMITS[this.#layout]
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw new ArgumentError(`${value} has no place in ${this.path}: an integer from ${least} to ${most} is wanted`)
  }
}
