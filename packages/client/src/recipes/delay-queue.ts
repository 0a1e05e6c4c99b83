import { ArgumentError } from '../errors.ts'
import type { CallOptions } from '../requests/request.ts'
import type { WaitOptions, ZooKeeper } from '../zookeeper.ts'
import { curatorMessages } from './support/curator-items.ts'
import { ItemQueue } from './support/item-queue.ts'
import { MessageQueue } from './support/message-queue.ts'

const ITEM = /^queue-\|([0-9A-F]{8,})\|(\d{10})$/

/** In milliseconds since 1970. */
const dueMs = (name: string): number => Number.parseInt(ITEM.exec(name)?.[1] as string, 16)

/** The names of items, those that are due first at the front. Each is taken apart once: there may be thousands. */
function inOrder(names: readonly string[]): string[] {
  return names
    .flatMap((name) => (ITEM.test(name) ? [{ name, dueMs: dueMs(name), number: name.slice(-10) }] : []))
    .sort((a, b) => a.dueMs - b.dueMs || (a.number < b.number ? -1 : 1))
    .map(({ name }) => name)
}

/**
 * Items that nobody gets before their time: Curator's DistributedDelayQueue. Those that are due first go first.
 *
 * @example
 * const reminders = new DelayQueue(zk, '/queues/reminders')
 * await reminders.put('call back', Date.now() + 60_000)
 * const item = await reminders.take()
 */
export class DelayQueue {
  readonly path: string
  readonly #queue: MessageQueue

  constructor(zk: ZooKeeper, path: string) {
    this.path = path
    this.#queue = new MessageQueue(new ItemQueue(zk, path, { sort: inOrder, dueMs }), curatorMessages)
  }

  /**
   * Puts an item in.
   *
   * @param dueMs in milliseconds since 1970
   * @throws {RequestError} CONNECTIONLOSS with `maybeApplied` if the connection was lost: it may be in
   */
  async put(item: Uint8Array | string, dueMs: number, options?: CallOptions): Promise<void> {
    if (!Number.isSafeInteger(dueMs) || dueMs < 1)
      throw new ArgumentError(`dueMs is ${dueMs}: milliseconds since 1970 are wanted`)
    await this.#queue.put(`queue-|${dueMs.toString(16).toUpperCase().padStart(8, '0')}|`, item, options)
  }

  /**
   * Waits until an item is due by this machine's clock, and takes it out.
   *
   * @throws {WaitTimeoutError} after `timeoutMs`; {@link RequestError} with `maybeApplied` if the connection was lost and
   * an item with it
   */
  take(options?: WaitOptions): Promise<Buffer> {
    return this.#queue.take(options)
  }

  /** The first item, if one is due, taken out; null otherwise. */
  poll(options?: WaitOptions): Promise<Buffer | null> {
    return this.#queue.poll(options)
  }

  /** How many there are, due or not. */
  size(options?: CallOptions): Promise<number> {
    return this.#queue.size(options)
  }
}
