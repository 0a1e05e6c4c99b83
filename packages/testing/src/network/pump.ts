import type { Socket } from 'node:net'

/** As many bytes as may wait for their time before the sender is slowed down. */
const MOST_BYTES = 1 << 20

/** What a way has in store for those who send along it. */
export interface Conditions {
  blocked: boolean
  delayMs: number
  /** Called when bytes have come to the wire: not when they have left it. */
  readonly came: () => void
}

/** One way of one connection: takes bytes from a socket and, when it is their time, gives them to another. */
export class Pump {
  readonly #from: Socket
  readonly #to: Socket
  readonly #conditions: Conditions
  readonly #transform: (bytes: Buffer) => Buffer
  /** Null stands for the end of the connection, which travels as bytes do. */
  readonly #queue: { readonly bytes: Buffer | null; readonly dueMs: number }[] = []
  #queuedBytes = 0
  #timer: NodeJS.Timeout | null = null

  constructor(
    from: Socket,
    to: Socket,
    conditions: Conditions,
    transform: (bytes: Buffer) => Buffer = (bytes) => bytes,
  ) {
    this.#from = from
    this.#to = to
    this.#conditions = conditions
    this.#transform = transform
    from.on('data', (bytes: Buffer) => {
      conditions.came()
      this.#take(bytes)
    })
    from.on('close', () => this.#take(null))
    to.on('drain', () => this.run())
    to.on('close', () => clearTimeout(this.#timer ?? undefined))
  }

  /** Gives away what is due. */
  run(): void {
    clearTimeout(this.#timer ?? undefined)
    this.#timer = null
    while (!this.#conditions.blocked && !this.#to.writableNeedDrain) {
      const next = this.#queue[0]
      if (next === undefined) break
      const waitMs = next.dueMs - performance.now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.run(), Math.ceil(waitMs))
        break
      }
      this.#queue.shift()
      if (next.bytes === null) this.#to.destroySoon()
      else {
        this.#queuedBytes -= next.bytes.length
        this.#to.write(this.#transform(next.bytes))
      }
    }
    if (this.#queuedBytes < MOST_BYTES) this.#from.resume()
  }

  #take(bytes: Buffer | null): void {
    this.#queue.push({ bytes, dueMs: performance.now() + this.#conditions.delayMs })
    this.#queuedBytes += bytes?.length ?? 0
    if (this.#queuedBytes >= MOST_BYTES) this.#from.pause()
    this.run()
  }
}
