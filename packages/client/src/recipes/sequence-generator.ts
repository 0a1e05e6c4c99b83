import { KeeperError } from '@vivarium/protocol'
import { orAborted } from '../compound/or-aborted.ts'
import { ArgumentError } from '../errors.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { AtomicLong } from './atomic-long.ts'

export interface SequenceGeneratorOptions {
  /** How many numbers are taken at a time; those that are not used are lost with this object. Default 1. */
  readonly blockSize?: number | undefined
}

/**
 * Numbers that nobody gets twice: Curator's CachedAtomicLong. There may be gaps, and those of different clients come in
 * no order if they are taken in blocks.
 *
 * @example
 * const orders = new SequenceGenerator(zk, '/sequences/orders', { blockSize: 100 })
 * const id = await orders.next()
 */
export class SequenceGenerator {
  readonly path: string
  readonly #number: AtomicLong
  readonly #blockSize: bigint
  #next = 0n
  #end = 0n
  #refill: Promise<void> | null = null

  /** @throws {ArgumentError} */
  constructor(zk: ZooKeeper, path: string, { blockSize = 1 }: SequenceGeneratorOptions = {}) {
    if (!Number.isSafeInteger(blockSize) || blockSize < 1) {
      throw new ArgumentError(`blockSize is ${blockSize}: an integer above 0 is wanted`)
    }
    this.path = path
    this.#number = new AtomicLong(zk, path)
    this.#blockSize = BigInt(blockSize)
  }

  /** The next number, from 0 on. */
  async next({ signal }: Pick<WaitOptions, 'signal'> = {}): Promise<bigint> {
    signal?.throwIfAborted()
    while (this.#next === this.#end) {
      this.#refill ??= this.#fill().finally(() => {
        this.#refill = null
      })
      // Others may be waiting for the same block.
      await (signal === undefined ? this.#refill : orAborted(this.#refill, signal))
    }
    return this.#next++
  }

  /** A block of which it is not known whether we have it is a gap: no harm, but another one is needed. */
  async #fill(): Promise<void> {
    for (;;) {
      try {
        const { before, after } = await this.#number.add(this.#blockSize)
        this.#next = before
        this.#end = after
        return
      } catch (error) {
        if (!KeeperError.is(error, 'CONNECTIONLOSS', 'SESSIONEXPIRED')) throw error
      }
    }
  }
}
