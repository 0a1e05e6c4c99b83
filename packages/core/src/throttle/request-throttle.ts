import { OpCode } from '@vivarium/protocol'

/** The keys `request_throttle_*`, `request_stale_*` and `throttled_op_wait_time`. */
export interface RequestThrottleOptions {
  /** How many requests may be in process before further ones wait; 0 for any number. */
  readonly maxRequests: number
  /** How often a request that waits is looked at again, in milliseconds. */
  readonly stallTimeMs: number
  /** Whether requests that have become stale while they waited are dropped. */
  readonly dropStale: boolean
  /** Whether a request is stale once its connection is gone. */
  readonly staleConnectionCheck: boolean
  /** Whether a request is stale once it is older than its session's timeout. */
  readonly staleLatencyCheck: boolean
  /** A request that has waited for longer is answered THROTTLEDOP; 0 turns that off. Milliseconds. */
  readonly throttledOpWaitMs: number
}

export const DEFAULT_REQUEST_THROTTLE: RequestThrottleOptions = {
  maxRequests: 0,
  stallTimeMs: 100,
  dropStale: true,
  staleConnectionCheck: true,
  staleLatencyCheck: false,
  throttledOpWaitMs: 0,
}

/** A request as the throttle sees it. */
export interface ThrottledRequest {
  /** Its opcode. */
  readonly type: number
  /** When it was received. Monotonic milliseconds. */
  readonly receivedMs: number
  /** The timeout of its session, in milliseconds. */
  readonly sessionTimeoutMs: number
  /** Whether its connection is gone. */
  readonly isConnectionClosed: boolean
  /** Whether an earlier request of its connection was dropped: then this one must be, too. */
  readonly isConnectionInvalid: boolean
}

/** Where requests go from here. */
export interface RequestThrottlePort<R> {
  /** How many requests are past the throttle and not answered yet. */
  inProcess(): number
  /** Hands a request on. If `throttled`, it is to be answered THROTTLEDOP in its turn, and not processed. */
  submit(request: R, throttled: boolean): void
  /** Drops a request. Its connection becomes invalid and is closed, for requests are never left out. */
  drop(request: R): void
  /** Drops a request whose connection is invalid already. */
  discard(request: R): void
}

/**
 * A queue in front of the pipeline, where requests wait while too many are in process.
 *
 * Inherited from RequestThrottler, whose thread is {@link pump} here: to be called after each request that was added or
 * answered, and again after the time that it returns.
 */
export class RequestThrottle<R extends ThrottledRequest> {
  maxRequests: number
  stallTimeMs: number
  dropStale: boolean
  staleConnectionCheck: boolean
  staleLatencyCheck: boolean
  throttledOpWaitMs: number
  /** The metric `request_throttle_wait_count`. */
  waitCount = 0
  /** The metric `stale_requests`: those that were handed on. */
  staleCount = 0
  /** The metric `stale_requests_dropped`. */
  staleDroppedCount = 0
  /** The metric `throttled_ops`. */
  throttledCount = 0
  readonly #port: RequestThrottlePort<R>
  #queue: R[] = []
  #first = 0
  #draining = false

  constructor(options: RequestThrottleOptions, port: RequestThrottlePort<R>) {
    this.maxRequests = options.maxRequests
    this.stallTimeMs = options.stallTimeMs
    this.dropStale = options.dropStale
    this.staleConnectionCheck = options.staleConnectionCheck
    this.staleLatencyCheck = options.staleLatencyCheck
    this.throttledOpWaitMs = options.throttledOpWaitMs
    this.#port = port
  }

  /** How many requests wait. */
  get size(): number {
    return this.#queue.length - this.#first
  }

  /** Takes a request in, or drops it if the server is going down. */
  add(request: R): void {
    if (this.#draining) this.#port.drop(request)
    else this.#queue.push(request)
  }

  /**
   * Hands on what may go on, in the order in which it came.
   * @returns milliseconds after which to call again at the latest, or −1 if nothing waits
   */
  pump(nowMs: number): number {
    while (this.size > 0) {
      const request = this.#queue[this.#first] as R
      if (!request.isConnectionInvalid && this.#mustWait(request, nowMs)) {
        this.waitCount++
        return this.stallTimeMs
      }
      this.#shift()
      if (request.isConnectionInvalid) this.#port.discard(request)
      else this.#handOn(request, nowMs)
    }
    return -1
  }

  /** From here on nothing is taken in: the server is going down. What waits may still be pumped. */
  drain(): void {
    this.#draining = true
  }

  /** Drops all that waits. Returns how many requests that were. */
  dropAll(): number {
    const dropped = this.size
    while (this.size > 0) {
      const request = this.#queue[this.#first] as R
      this.#shift()
      this.#port.drop(request)
    }
    return dropped
  }

  /** Whether nobody waits for the answer any more (Request.isStale). A closeSession is worth doing in any case. */
  isStale(request: R, nowMs: number): boolean {
    if (request.type === OpCode.closeSession) return false
    if (this.staleConnectionCheck && (request.isConnectionClosed || request.isConnectionInvalid)) return true
    return this.staleLatencyCheck && nowMs - request.receivedMs > request.sessionTimeoutMs
  }

  #mustWait(request: R, nowMs: number): boolean {
    if (this.maxRequests <= 0 || (this.dropStale && this.isStale(request, nowMs))) return false
    return this.#port.inProcess() >= this.maxRequests
  }

  #handOn(request: R, nowMs: number): void {
    const stale = this.isStale(request, nowMs)
    if (stale && this.dropStale && this.maxRequests > 0) {
      this.staleDroppedCount++
      this.#port.drop(request)
      return
    }
    if (stale) this.staleCount++
    const throttled =
      this.throttledOpWaitMs > 0 && nowMs - request.receivedMs > this.throttledOpWaitMs && isThrottlable(request.type)
    if (throttled) this.throttledCount++
    this.#port.submit(request, throttled)
  }

  #shift(): void {
    this.#first++
    if (this.#first === this.#queue.length) {
      this.#queue.length = 0
      this.#first = 0
    } else if (this.#first >= 1024 && this.#first * 2 >= this.#queue.length) {
      this.#queue = this.#queue.slice(this.#first)
      this.#first = 0
    }
  }
}

/** What keeps sessions in order is never throttled (Request.isThrottlable). */
function isThrottlable(type: number): boolean {
  return type !== OpCode.ping && type !== OpCode.closeSession && type !== OpCode.createSession
}
