import assert from 'node:assert/strict'
import type { Clock, Socket, SocketHandler, Timer } from '@vivarium/env'

/** A clock that stands still until it is moved. */
export class TestClock implements Clock {
  #now = 1000
  readonly #timers = new Set<{ at: number; every: number; fire: () => void }>()

  wallMs(): number {
    return 1_700_000_000_000 + this.#now
  }

  monotonicMs(): number {
    return this.#now
  }

  after(ms: number, fire: () => void): Timer {
    return this.#add(ms, 0, fire)
  }

  every(ms: number, fire: () => void): Timer {
    return this.#add(ms, ms, fire)
  }

  soon(fire: () => void): void {
    this.#add(0, 0, fire)
  }

  advance(ms: number): void {
    const end = this.#now + ms
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#now = Math.max(this.#now, next.at)
      if (next.every > 0) next.at += next.every
      else this.#timers.delete(next)
      next.fire()
    }
    this.#now = end
  }

  #add(ms: number, every: number, fire: () => void): Timer {
    const timer = { at: this.#now + ms, every, fire }
    this.#timers.add(timer)
    return { cancel: () => this.#timers.delete(timer) }
  }
}

/** A socket whose peer is the test. */
export class TestSocket implements Socket {
  readonly remotePort = 4711
  readonly remoteAddress: string
  pendingBytes = 0
  /** How many bytes the kernel takes. */
  room = Number.POSITIVE_INFINITY
  paused = false
  ended = false
  /** With a reset or without. */
  destroyed: boolean | null = null
  writes = 0
  #handler: SocketHandler | null = null
  #sent: Uint8Array[] = []
  readonly #queued: { bytes: Uint8Array; copy: Uint8Array }[] = []

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress
  }

  attach(handler: SocketHandler): void {
    this.#handler = handler
  }

  /** Bytes arrive, in a place that is used again for the next ones. */
  receive(bytes: Uint8Array): void {
    assert.ok(!this.paused, 'nothing is read from a paused socket')
    const place = new Uint8Array(bytes.length + 7)
    place.set(bytes, 3)
    this.#handler?.data(place, 3, 3 + bytes.length)
    place.fill(0xee)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    assert.equal(this.destroyed, null, 'nothing is written to a destroyed socket')
    assert.ok(!this.ended, 'nothing is written to a socket that was ended')
    this.writes++
    const view = bytes.subarray(start, end)
    const copy = new Uint8Array(view)
    this.#sent.push(copy)
    if (this.pendingBytes === 0 && copy.length <= this.room) {
      this.room -= copy.length
      return true
    }
    this.#queued.push({ bytes: view, copy })
    this.pendingBytes += copy.length
    return false
  }

  /** The peer takes everything. */
  drain(): void {
    for (const { bytes, copy } of this.#queued) assert.deepEqual(new Uint8Array(bytes), copy, 'changed while queued')
    this.#queued.length = 0
    this.pendingBytes = 0
    this.#handler?.drained()
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  end(): void {
    this.ended = true
  }

  destroy(reset = false): void {
    this.destroyed ??= reset
  }

  /** The connection is over. */
  close(): void {
    const handler = this.#handler
    this.#handler = null
    handler?.closed(null)
  }

  /** What was written since it was last asked for. */
  take(): Uint8Array {
    const sent = Buffer.concat(this.#sent)
    this.#sent = []
    return sent
  }
}
