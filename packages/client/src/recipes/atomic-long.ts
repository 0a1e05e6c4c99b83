import type { CallOptions } from '../requests/request.ts'
import type { ZooKeeper } from '../zookeeper.ts'
import { Cell, type Codec } from './support/cell.ts'

const int64: Codec<bigint> = {
  encode(value) {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(value)
    return bytes
  },
  decode(data) {
    if (data.length !== 8) throw new TypeError(`a number of eight bytes is wanted, and there are ${data.length}`)
    return data.readBigInt64BE()
  },
}

/** What a change found and left behind. */
export interface AtomicChange {
  readonly before: bigint
  readonly after: bigint
}

/**
 * A 64-bit number that many change: Curator's DistributedAtomicLong. It wraps around as Java's long does.
 *
 * @example
 * const total = new AtomicLong(zk, '/totals/bytes')
 * const { after } = await total.add(4096n)
 */
export class AtomicLong {
  readonly path: string
  readonly #cell: Cell<bigint>

  constructor(zk: ZooKeeper, path: string) {
    this.path = path
    this.#cell = new Cell(zk, path, int64, 0n)
  }

  /** The latest value; 0 where nothing has been stored yet. */
  async get(options?: CallOptions): Promise<bigint> {
    return (await this.#cell.latest(options)).value
  }

  /**
   * Adds to it.
   *
   * @throws {RequestError} CONNECTIONLOSS with `maybeApplied` if the connection was lost and nobody can say whether it
   * was added
   */
  add(amount: bigint, options?: CallOptions): Promise<AtomicChange> {
    return this.update((value) => value + amount, options)
  }

  /** Sets it to what `change` makes of it; `change` may be called several times. */
  async update(change: (value: bigint) => bigint, options?: CallOptions): Promise<AtomicChange> {
    const { before, after } = await this.#cell.update((value) => BigInt.asIntN(64, change(value)), options)
    return { before, after }
  }

  /** Sets it, whatever it is. */
  set(value: bigint, options?: CallOptions): Promise<AtomicChange> {
    return this.update(() => value, options)
  }

  /** Sets it if it is `expected`; returns whether it was. */
  async compareAndSet(expected: bigint, value: bigint, options?: CallOptions): Promise<boolean> {
    const next = BigInt.asIntN(64, value)
    return (await this.#cell.update((present) => (present === expected ? next : undefined), options)).changed
  }
}
