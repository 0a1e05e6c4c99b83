import type { Request } from './request.ts'

/** First in, first out, in an array that is shifted only now and then. */
export class RequestQueue {
  #items: (Request | null)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(request: Request): void {
    this.#items.push(request)
  }

  shift(): Request | null {
    if (this.#head === this.#items.length) return null
    const first = this.#items[this.#head] as Request
    this.#items[this.#head++] = null
    if (this.#head === this.#items.length) {
      this.#items.length = 0
      this.#head = 0
    } else if (this.#head === 4096) {
      this.#items = this.#items.slice(4096)
      this.#head = 0
    }
    return first
  }

  /** Takes everything out. */
  drain(): Request[] {
    const all = this.#items.slice(this.#head) as Request[]
    this.#items = []
    this.#head = 0
    return all
  }

  /** Puts requests in front of all others. */
  unshift(requests: readonly Request[]): void {
    this.#items = [...requests, ...this.#items.slice(this.#head)]
    this.#head = 0
  }

  *[Symbol.iterator](): Iterator<Request> {
    for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i] as Request
  }
}
