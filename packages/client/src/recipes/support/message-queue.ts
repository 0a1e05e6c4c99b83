import type { CallOptions } from '../../requests/request.ts'
import type { WaitOptions } from '../../zookeeper.ts'
import type { ItemQueue } from './item-queue.ts'

/** How items are written into a znode: Curator can put several into one. */
export interface Messages {
  encode(item: Uint8Array | string): Uint8Array
  decode(message: Buffer): readonly Buffer[]
}

export const rawMessages: Messages = {
  encode: (item) => Buffer.from(item),
  decode: (message) => [message],
}

/** A queue of messages, which hands out their items one by one. */
export class MessageQueue {
  readonly #items: ItemQueue
  readonly #messages: Messages
  /** Items of messages that were taken out and not handed out yet. */
  readonly #rest: Buffer[] = []

  constructor(items: ItemQueue, messages: Messages) {
    this.#items = items
    this.#messages = messages
  }

  async put(prefix: string, item: Uint8Array | string, options?: CallOptions): Promise<void> {
    await this.#items.put(prefix, this.#messages.encode(item), options)
  }

  async take(options?: WaitOptions): Promise<Buffer> {
    for (;;) {
      const next = this.#rest.shift()
      if (next !== undefined) return next
      this.#rest.push(...this.#messages.decode((await this.#items.take(options)).data))
    }
  }

  async poll(options?: WaitOptions): Promise<Buffer | null> {
    for (;;) {
      const next = this.#rest.shift()
      if (next !== undefined) return next
      const item = await this.#items.poll(options)
      if (item === null) return null
      this.#rest.push(...this.#messages.decode(item.data))
    }
  }

  /** How many messages there are. */
  size(options?: CallOptions): Promise<number> {
    return this.#items.size(options)
  }
}
