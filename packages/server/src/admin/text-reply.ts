/** A text in parts, which may take their time. */
export type Chunks = Iterable<string> | AsyncIterable<string>

/** Where a reply goes. */
export interface TextSink {
  /** Sends a part. False: it is queued, and `TextReply.drained` must be called once there is room again. */
  write(bytes: Uint8Array): boolean
  /** Everything has been handed over. */
  end(): void
}

const PART_CHARACTERS = 16_384
/** Chunks may be empty, where much had to be looked at to find nothing. */
const PART_CHUNKS = 1024

/**
 * Sends a long text without holding the server up: a part per turn of the event loop, and none while the peer is not
 * taking what it got.
 */
export class TextReply {
  readonly #chunks: AsyncIterator<string> | Iterator<string>
  readonly #sink: TextSink
  readonly #soon: (run: () => void) => void
  readonly #encoder = new TextEncoder()
  #cancelled = false

  constructor(chunks: Chunks, sink: TextSink, soon: (run: () => void) => void) {
    this.#chunks = Symbol.iterator in chunks ? chunks[Symbol.iterator]() : chunks[Symbol.asyncIterator]()
    this.#sink = sink
    this.#soon = soon
  }

  /** Begins, or goes on after a write that did not fit. */
  drained(): void {
    // Nobody waits for this: a failure ends the reply, and with it the connection.
    this.#part().catch(() => {
      if (!this.#cancelled) this.#sink.end()
      this.#cancelled = true
    })
  }

  /** The peer has gone. */
  cancel(): void {
    this.#cancelled = true
  }

  async #part(): Promise<void> {
    let text = ''
    let done = false
    for (let chunks = 0; chunks < PART_CHUNKS && text.length < PART_CHARACTERS && !done; chunks++) {
      const step = this.#chunks.next()
      // Awaiting what is there already would cost a turn of the microtask queue for each line.
      const next = step instanceof Promise ? await step : step
      if (next.done === true) done = true
      else text += next.value
    }
    if (this.#cancelled) return
    const room = text === '' || this.#sink.write(this.#encoder.encode(text))
    if (done) this.#sink.end()
    else if (room) this.#soon(() => this.drained())
  }
}
