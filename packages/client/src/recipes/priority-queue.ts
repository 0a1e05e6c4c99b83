import { ArgumentError } from '../errors.ts'
import type { CallOptions } from '../requests/request.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import type { Layout } from './mutex.ts'
import { curatorMessages } from './support/curator-items.ts'
import { ItemQueue, KAZOO_ITEM, kazooPrefix, textOrder } from './support/item-queue.ts'
import { MessageQueue, rawMessages } from './support/message-queue.ts'

export interface PriorityQueueOptions {
  /** `curator`: DistributedPriorityQueue, priorities of 32 bits. `kazoo`: Queue, from 0 to 999. Default: `curator`. */
  readonly layout?: Layout | undefined
}

/**
 * The least number first, and in the order of coming among equals; each item to one taker.
 *
 * @example
 * const queue = new PriorityQueue(zk, '/queues/orders')
 * await queue.put('urgent', 1)
 * await queue.put('sometime', 100)
 * const item = await queue.take() // 'urgent'
 */
export class PriorityQueue {
  readonly path: string
  readonly #layout: Layout
  readonly #queue: MessageQueue

  constructor(zk: ZooKeeper, path: string, { layout = 'curator' }: PriorityQueueOptions = {}) {
    this.path = path
    this.#layout = layout
    const isKazoo = layout === 'kazoo'
    const items = new ItemQueue(zk, path, textOrder(isKazoo ? KAZOO_ITEM : /^queue-[01][0-9A-F]{8}\d{10}$/))
    this.#queue = new MessageQueue(items, isKazoo ? rawMessages : curatorMessages)
  }

  /**
   * Puts an item in.
   *
   * @throws {RequestError} CONNECTIONLOSS with `maybeApplied` if the connection was lost: it may be in
   */
  async put(item: Uint8Array | string, priority: number, options?: CallOptions): Promise<void> {
    const prefix = this.#layout === 'kazoo' ? kazooPrefix(priority) : curatorPrefix(priority)
    await this.#queue.put(prefix, item, options)
  }

  /**
   * Waits for an item, and takes the first one out.
   *
   * @throws {WaitTimeoutError} after `timeoutMs`; {@link RequestError} with `maybeApplied` if the connection was lost and
   * an item with it
   */
  take(options?: WaitOptions): Promise<Buffer> {
    return this.#queue.take(options)
  }

  /** The first item, if there is one, taken out; null otherwise. */
  poll(options?: WaitOptions): Promise<Buffer | null> {
    return this.#queue.poll(options)
  }

  size(options?: CallOptions): Promise<number> {
    return this.#queue.size(options)
  }
}

/** Names that sort as text where the numbers do (DistributedPriorityQueue.priorityToString). */
function curatorPrefix(priority: number): string {
  if (priority !== (priority | 0)) throw new ArgumentError(`priority is ${priority}: an integer of 32 bits is wanted`)
  return `queue-${priority >= 0 ? '1' : '0'}${(priority >>> 0).toString(16).toUpperCase().padStart(8, '0')}`
}
