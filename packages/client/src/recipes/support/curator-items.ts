import type { Messages } from './message-queue.ts'

const VERSION = 0x0001_0001
const ITEM = 1
const END = 2

/** A message of one item, as Curator's queues write it (ItemSerializer). */
function encodeItem(item: Uint8Array | string): Buffer {
  const bytes = Buffer.from(item)
  const message = Buffer.alloc(4 + 1 + 4 + bytes.length + 1)
  message.writeInt32BE(VERSION)
  message.writeUInt8(ITEM, 4)
  message.writeInt32BE(bytes.length, 5)
  bytes.copy(message, 9)
  message.writeUInt8(END, 9 + bytes.length)
  return message
}

/** The items of a message. @throws {TypeError} if it is none */
function decodeItems(message: Buffer): Buffer[] {
  const items: Buffer[] = []
  if (message.length < 5 || message.readInt32BE() !== VERSION) throw new TypeError('this is no message of a queue')
  let at = 4
  while (message[at] === ITEM) {
    const length = at + 5 <= message.length ? message.readInt32BE(at + 1) : -1
    const end = at + 5 + length
    if (length < 0 || end > message.length) throw new TypeError(`an item at byte ${at} is longer than its message`)
    items.push(message.subarray(at + 5, end))
    at = end
  }
  if (message[at] !== END) throw new TypeError(`the message has no end at byte ${at}`)
  return items
}

export const curatorMessages: Messages = { encode: encodeItem, decode: decodeItems }
