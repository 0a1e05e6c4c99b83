/**
 * Bounds how many bytes of large requests are in flight, so that a few clients with large data cannot take all memory.
 * The keys `largeRequestThreshold` and `largeRequestMaxBytes`; inherited from ZooKeeperServer.
 */
export class LargeRequests {
  #thresholdBytes = -1
  #maxBytes = 100 * 1024 * 1024
  #bytes = 0
  /** The metric `large_requests_rejected`. */
  rejectedCount = 0

  constructor(thresholdBytes: number, maxBytes: number) {
    this.thresholdBytes = thresholdBytes
    this.maxBytes = maxBytes
  }

  /** A request longer than this is large; −1 for none. */
  get thresholdBytes(): number {
    return this.#thresholdBytes
  }

  set thresholdBytes(bytes: number) {
    this.#thresholdBytes = bytes === 0 || bytes < -1 ? -1 : bytes
  }

  get maxBytes(): number {
    return this.#maxBytes
  }

  /** What is not positive is ignored. */
  set maxBytes(bytes: number) {
    if (bytes > 0) this.#maxBytes = bytes
  }

  /** Bytes of large requests in flight. */
  get bytes(): number {
    return this.#bytes
  }

  isLarge(length: number): boolean {
    return this.#thresholdBytes !== -1 && length > this.#thresholdBytes
  }

  /** Asked once the length of a request is known, before its bytes are read. False: the connection is to be closed. */
  mayReceive(length: number): boolean {
    if (!this.isLarge(length) || this.#bytes + length <= this.#maxBytes) return true
    this.rejectedCount++
    return false
  }

  /**
   * A request is complete. Returns what to hand to {@link finished} when it is done with, 0 for one that is not large;
   * or −1 if there is no room: the connection is to be closed.
   */
  begin(length: number): number {
    if (!this.isLarge(length)) return 0
    if (!this.mayReceive(length)) return -1
    this.#bytes += length
    return length
  }

  /** A request was answered or dropped. */
  finished(begun: number): void {
    this.#bytes -= begun
  }

  /** Nothing that has begun will ever be finished: the pipeline that it was in is gone. */
  forgetAll(): void {
    this.#bytes = 0
  }
}
