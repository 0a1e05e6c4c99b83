/** Something that is to happen. Cancelled by setting `fire` to null. */
export interface QueuedEvent {
  readonly atMs: number
  readonly sequence: number
  fire: (() => void) | null
}

/** What is to happen, in the order of virtual time, and of scheduling where times are equal: a binary heap. */
export class EventQueue {
  /** Virtual time. It moves when an event is taken. */
  nowMs = 0
  readonly #heap: QueuedEvent[] = []
  #sequence = 0

  /** Times in the past mean now. */
  at(atMs: number, fire: () => void): QueuedEvent {
    const event = { atMs: Math.max(atMs, this.nowMs), sequence: this.#sequence++, fire }
    const heap = this.#heap
    let index = heap.length
    heap.push(event)
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(event, heap[parent] as QueuedEvent)) break
      heap[index] = heap[parent] as QueuedEvent
      index = parent
    }
    heap[index] = event
    return event
  }

  after(ms: number, fire: () => void): QueuedEvent {
    return this.at(this.nowMs + ms, fire)
  }

  /** Takes the next event that was not cancelled, and moves the time to it; null if there is none up to `untilMs`. */
  next(untilMs: number): (() => void) | null {
    for (;;) {
      const first = this.#heap[0]
      if (first === undefined || first.atMs > untilMs) return null
      this.#removeFirst()
      if (first.fire === null) continue
      this.nowMs = first.atMs
      return first.fire
    }
  }

  #removeFirst(): void {
    const heap = this.#heap
    const last = heap.pop() as QueuedEvent
    if (heap.length === 0) return
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as QueuedEvent, heap[child] as QueuedEvent)) child++
      if (!isBefore(heap[child] as QueuedEvent, last)) break
      heap[index] = heap[child] as QueuedEvent
      index = child
    }
    heap[index] = last
  }
}

function isBefore(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence)
}
