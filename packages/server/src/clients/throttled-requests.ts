import { RequestThrottle, type RequestThrottleOptions, type ThrottledRequest } from '@vivarium/core'
import type { Timer } from '@vivarium/env'
import { copyBytes, errno } from '@vivarium/protocol'
import type { Metrics } from '../admin/metrics.ts'
import type { Clients } from './clients.ts'
import type { Connection } from './connection.ts'

/** A request that waits at the gate, with its bytes. */
class GatedRequest implements ThrottledRequest {
  readonly connection: Connection
  readonly xid: number
  readonly type: number
  readonly receivedMs: number
  /** Stands behind the header. */
  readonly body: Uint8Array
  /** What `LargeRequests.begin` returned for it. */
  readonly large: number

  constructor(connection: Connection, xid: number, type: number, receivedMs: number, body: Uint8Array, large: number) {
    this.connection = connection
    this.xid = xid
    this.type = type
    this.receivedMs = receivedMs
    this.body = body
    this.large = large
  }

  get sessionTimeoutMs(): number {
    return this.connection.session.timeoutMs
  }

  get isConnectionClosed(): boolean {
    return !this.connection.open
  }

  get isConnectionInvalid(): boolean {
    return this.connection.invalid
  }
}

/**
 * The gate in front of the pipeline, for servers that are configured to have one (`request_throttle_max_requests`,
 * `throttled_op_wait_time`): requests are copied and wait here while too many are in process.
 */
export class ThrottledRequests {
  readonly #clients: Clients
  readonly #throttle: RequestThrottle<GatedRequest>
  readonly #metrics: Metrics
  #timer: Timer | null = null
  #whenDrained: () => void = () => {}

  constructor(clients: Clients, options: RequestThrottleOptions, metrics: Metrics) {
    this.#clients = clients
    this.#throttle = new RequestThrottle(options, {
      inProcess: () => clients.pipeline.inProcess,
      submit: (request, throttled) => this.#submit(request, throttled),
      drop: ({ connection, large }) => {
        clients.largeRequestFinished(large)
        connection.invalid = true
        connection.drop('a request of it waited too long at the request throttle')
      },
      discard: ({ large }) => clients.largeRequestFinished(large),
    })
    this.#metrics = metrics
  }

  add(
    connection: Connection,
    xid: number,
    opcode: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    large: number,
  ): void {
    const body = copyBytes(bytes, start, end)
    this.#throttle.add(new GatedRequest(connection, xid, opcode, this.#clients.nowMs, body, large))
    connection.gated++
  }

  /** Lets through what may go on; to be called whenever requests have come or been answered. */
  pump(): void {
    if (this.#throttle.size === 0 || this.#clients.held) return
    const throttle = this.#throttle
    const waitMs = throttle.pump(this.#clients.nowMs)
    if (throttle.size === 0) this.#whenDrained()
    this.#metrics.request_throttle_wait_count.value = throttle.waitCount
    this.#metrics.stale_requests.value = throttle.staleCount
    this.#metrics.stale_requests_dropped.value = throttle.staleDroppedCount
    this.#metrics.throttled_ops.value = throttle.throttledCount
    if (waitMs < 0 || this.#timer !== null) return
    this.#timer = this.#clients.clock.after(waitMs, () => {
      this.#timer = null
      this.#clients.readClocks()
      this.pump()
      this.#clients.endTurn()
    })
  }

  /** Forgets what waits, as all connections are gone. */
  clear(): void {
    this.#throttle.dropAll()
  }

  /**
   * The server is going down: nothing more is taken in, and what waits is let through as there is room. Resolves when
   * nothing waits any more, which is after `timeoutMs` at the latest: what waits then is dropped (RequestThrottler.shutdown).
   */
  async drain(timeoutMs: number): Promise<void> {
    const throttle = this.#throttle
    throttle.drain()
    if (throttle.size > 0 && timeoutMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#clients.clock.after(timeoutMs, resolve)
        this.#whenDrained = () => {
          timer.cancel()
          resolve()
        }
      })
    }
    this.#timer?.cancel()
    const dropped = throttle.dropAll()
    if (dropped > 0) this.#clients.log.warn(`Dropped ${dropped} requests that waited at the request throttle.`)
  }

  #submit({ connection, xid, type, body, receivedMs, large }: GatedRequest, throttled: boolean): void {
    const { pipeline, reader } = this.#clients
    connection.gated--
    if (!connection.open || throttled) this.#clients.largeRequestFinished(large)
    if (!connection.open) return
    if (throttled) pipeline.refuse(connection, xid, type, receivedMs, errno('THROTTLEDOP'))
    else {
      reader.reset(body, 0, body.length)
      this.#clients.handle(connection, xid, type, reader, receivedMs, large)
    }
  }
}
