import { type Place, Roster } from './roster.ts'

/** What an {@link ExpiryQueue} can hold. An element is in one queue at a time. */
export interface Expirable {
  /** Belongs to the queue: when the element's bucket expires, or 0 while it is in none. */
  expiresAtMs: number
  /** Belongs to the queue: where in its bucket the element is. */
  place: Place<unknown> | null
}

/**
 * Elements that expire unless they are touched, in buckets one interval wide: a touch moves an element only when its
 * bucket changes, which is once per interval however often it is touched. Expiry is up to an interval late, and never
 * early. Times are milliseconds of a monotonic clock.
 *
 * Inherited from ExpiryQueue, which Java uses for sessions and for idle connections.
 */
export class ExpiryQueue<E extends Expirable> {
  readonly #intervalMs: number
  readonly #buckets: Map<number, Roster<E>> = new Map()
  #next: number
  #size = 0

  constructor(intervalMs: number, nowMs: number) {
    this.#intervalMs = intervalMs
    this.#next = this.#bucketOf(nowMs)
  }

  get size(): number {
    return this.#size
  }

  /** Adds the element, or postpones its expiry. False if its bucket stays the same. */
  update(element: E, timeoutMs: number, nowMs: number): boolean {
    // A bucket that was polled already is not polled again.
    const expiresAtMs = Math.max(this.#bucketOf(nowMs + timeoutMs), this.#next)
    const before = element.expiresAtMs
    if (expiresAtMs === before) return false
    if (before === 0) this.#size++
    else this.#leave(element)
    element.expiresAtMs = expiresAtMs
    let bucket = this.#buckets.get(expiresAtMs)
    if (bucket === undefined) {
      bucket = new Roster()
      this.#buckets.set(expiresAtMs, bucket)
    }
    element.place = bucket.add(element)
    return true
  }

  /** Takes the element out, if it is in. Its bucket stays, even if empty, until its time has come. */
  remove(element: E): void {
    if (element.expiresAtMs === 0) return
    this.#leave(element)
    element.expiresAtMs = 0
    this.#size--
  }

  #leave(element: E): void {
    this.#buckets.get(element.expiresAtMs)?.remove(element.place as Place<E>)
    element.place = null
  }

  /** Milliseconds until the next bucket expires, 0 if one is due. */
  waitMs(nowMs: number): number {
    return Math.max(this.#next - nowMs, 0)
  }

  /** Takes out all elements whose time has come, the earliest bucket first. */
  poll(nowMs: number): E[] {
    if (nowMs < this.#next) return []
    const due: number[] = []
    for (const expiresAtMs of this.#buckets.keys()) if (expiresAtMs <= nowMs) due.push(expiresAtMs)
    due.sort((a, b) => a - b)
    const expired: E[] = []
    for (const expiresAtMs of due) {
      for (const element of this.#buckets.get(expiresAtMs)?.values() ?? []) {
        element.expiresAtMs = 0
        element.place = null
        expired.push(element)
      }
      this.#buckets.delete(expiresAtMs)
    }
    this.#size -= expired.length
    this.#next = this.#bucketOf(nowMs)
    return expired
  }

  /** The buckets in the order in which they expire, empty ones included. */
  buckets(): { readonly expiresAtMs: number; readonly elements: readonly E[] }[] {
    return [...this.#buckets]
      .sort(([a], [b]) => a - b)
      .map(([expiresAtMs, elements]) => ({ expiresAtMs, elements: elements.values() }))
  }

  #bucketOf(timeMs: number): number {
    return (Math.floor(timeMs / this.#intervalMs) + 1) * this.#intervalMs
  }
}
