import { connect, type Socket } from 'node:net'
import type { BlockMaker } from './block-maker.ts'

/** What the attackers have done so far. */
export interface Tally {
  /** Messages that were surely read: of connections that the server has closed before, only the one it closed them for. */
  frames: number
  connections: number
}

/** How a connection begins; resolves when messages may follow. Rejects if the server has closed it. */
export type Greeting = (socket: Socket, received: ReceivedBytes) => Promise<void>

/** So much on each connection: a flood would show no more than that servers can be flooded by those whom they listen to. */
const BLOCKS = 4
const MESSAGES_IN_BLOCK = 250

/** Bytes that a socket brings, awaited. */
export class ReceivedBytes {
  #bytes: Buffer = Buffer.alloc(0)
  #wake: () => void = () => {}
  closed = false

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      // What nobody waits for is not kept.
      if (this.#bytes.length < 1 << 16) this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#wake()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
  }

  /** The next `count` bytes. */
  async take(count: number): Promise<Buffer> {
    while (this.#bytes.length < count) {
      if (this.closed) throw new Error('the connection was closed')
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    const taken = this.#bytes.subarray(0, count)
    this.#bytes = this.#bytes.subarray(count)
    return taken
  }
}

/** One connection after another to a port, until `wanted` says that there is enough. */
export async function attack(
  port: number,
  maker: BlockMaker,
  greet: Greeting,
  tally: Tally,
  wanted: () => boolean,
): Promise<void> {
  for (let turn = 1; wanted(); turn++) {
    tally.frames += await oneConnection(port, maker, greet, turn % 16 !== 0, wanted)
    tally.connections++
  }
}

async function oneConnection(
  port: number,
  maker: BlockMaker,
  greet: Greeting,
  framed: boolean,
  wanted: () => boolean,
): Promise<number> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const received = new ReceivedBytes(socket)
  let reset = false
  socket.on('error', () => {
    reset = true
  })
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  let messages = 0
  try {
    await greet(socket, received)
    for (let block = 0; block < BLOCKS && wanted() && !received.closed; block++) {
      const { bytes, messages: more } = maker.block(framed ? MESSAGES_IN_BLOCK : 20, framed)
      messages += more
      if (!socket.write(bytes)) await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed])
      if (!framed) break
    }
  } catch {
    reset = true
  }
  // Whoever closes in answer to our end has read all that came before it.
  const hadEnded = received.closed
  socket.end()
  const patience = setTimeout(() => socket.destroy(), 10_000)
  await closed
  clearTimeout(patience)
  return reset || hadEnded || !framed ? 1 : messages
}
