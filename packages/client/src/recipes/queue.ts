import type { CallOptions } from '../requests/request.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { ItemQueue, textOrder } from './support/item-queue.ts'

/**
 * First in, first out, each item to one taker: Curator's SimpleDistributedQueue, and the queue of ZooKeeper's own
 * examples.
 *
 * @example
 * const queue = new Queue(zk, '/queues/mail')
 * await queue.put('hello')
 * const item = await queue.take({ signal })
 */
export class Queue {
  readonly path: string
  readonly #items: ItemQueue

  constructor(zk: ZooKeeper, path: string) {
    this.path = path
    this.#items = new ItemQueue(zk, path, textOrder(/^qn-\d{10}$/))
  }

  /**
   * Puts an item in, last.
   *
   * @throws {RequestError} CONNECTIONLOSS with `maybeApplied` if the connection was lost: it may be in
   */
  async put(item: Uint8Array | string, options?: CallOptions): Promise<void> {
    await this.#items.put('qn-', item, options)
  }

  /**
   * Waits for an item, and takes the first one out.
   *
   * @throws {WaitTimeoutError} after `timeoutMs`; {@link RequestError} with `maybeApplied` if the connection was lost and
   * an item with it
   */
  async take(options?: WaitOptions): Promise<Buffer> {
    return (await this.#items.take(options)).data
  }

  /** The first item, if there is one, taken out; null otherwise. */
  async poll(options?: WaitOptions): Promise<Buffer | null> {
    return (await this.#items.poll(options))?.data ?? null
  }

  /** The first item, if there is one, which stays; null otherwise. */
  async peek(options?: CallOptions): Promise<Buffer | null> {
    return (await this.#items.peek(options))?.data ?? null
  }

  size(options?: CallOptions): Promise<number> {
    return this.#items.size(options)
  }
}
