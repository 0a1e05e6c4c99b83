import type { ServerResponse } from 'node:http'

/** One caller that is told of changes, as server-sent events. */
export class EventStream {
  readonly #response: ServerResponse
  readonly #mostBytes: number
  #pending: Buffer[] = []
  #over = false

  /** @param mostBytes so much may wait for a reader that is behind; then it is cut off, and may come back for the rest */
  constructor(response: ServerResponse, mostBytes: number) {
    this.#response = response
    this.#mostBytes = mostBytes
  }

  get isOver(): boolean {
    return this.#over
  }

  /** Has it written with the next {@link flush}. True: nothing was waiting before. */
  add(text: Buffer): boolean {
    if (this.#over) return false
    this.#pending.push(text)
    return this.#pending.length === 1
  }

  flush(): void {
    const [first, second] = this.#pending
    if (first === undefined || this.#over) return
    const text = second === undefined ? first : Buffer.concat(this.#pending)
    this.#pending = []
    if (this.#response.writableLength + text.length > this.#mostBytes) this.cut()
    else this.#response.write(text)
  }

  /** It has gone, or is sent away: nothing is written any more. */
  end(): void {
    this.#over = true
    this.#pending = []
    this.#response.end()
  }

  /** What it has not read is not sent any more. */
  cut(): void {
    this.#over = true
    this.#pending = []
    this.#response.destroy()
  }
}
