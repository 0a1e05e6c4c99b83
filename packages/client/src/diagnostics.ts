import { type Channel, channel } from 'node:diagnostics_channel'
import type { OperationName } from '@vivarium/protocol'

/**
 * What a client tells those who subscribe (node:diagnostics_channel). Each message has `client`, the ZooKeeper object's
 * name, and what is said here.
 *
 * - `vivarium:client:state`: `state`, `previous`, `cause`
 * - `vivarium:client:attempt`: `server` is about to be connected to
 * - `vivarium:client:disconnect`: `server` and the `cause` of the end of a connection, or of an attempt
 * - `vivarium:client:session`: `sessionId`, `timeoutMs`, `isNew`, `server`: a server took the session
 * - `vivarium:client:watch`: `type`, `path`, `zxid` of an event that came
 * - `vivarium:client:rearm`: all watches are set again, in so many `packets`
 *
 * Of each request `tracingChannel('vivarium:client:request')` tells, see {@link TracedRequest}.
 */
export const channels = {
  state: channel('vivarium:client:state'),
  attempt: channel('vivarium:client:attempt'),
  disconnect: channel('vivarium:client:disconnect'),
  session: channel('vivarium:client:session'),
  watch: channel('vivarium:client:watch'),
  rearm: channel('vivarium:client:rearm'),
} satisfies { [name: string]: Channel }

/** Tells a channel what `message` makes, if anyone listens there; `client` says which client it is. */
export function publish(name: keyof typeof channels, client: string, message: () => object): void {
  const to = channels[name]
  if (to.hasSubscribers) to.publish({ client, ...message() })
}

/**
 * What is told of a request, with the same object each time: by `start`, where the program asks, with what its
 * AsyncLocalStorage has there; and by `asyncEnd` once it is answered, after `error` if it failed.
 */
export interface TracedRequest {
  /** The ZooKeeper object's name. */
  readonly client: string
  /** The operation, as `getData`. */
  readonly operation: OperationName
  /** Null where the operation has none, or several. */
  readonly path: string | null
  /** When it failed. */
  error?: unknown
}

/** Those of a TracingChannel, under its names. Bun and Deno know plain channels. */
const request = {
  start: channel('tracing:vivarium:client:request:start'),
  end: channel('tracing:vivarium:client:request:end'),
  asyncStart: channel('tracing:vivarium:client:request:asyncStart'),
  asyncEnd: channel('tracing:vivarium:client:request:asyncEnd'),
  error: channel('tracing:vivarium:client:request:error'),
}

/** Whether anyone wants to hear of requests. */
export function areRequestsTraced(): boolean {
  return request.start.hasSubscribers || request.asyncEnd.hasSubscribers || request.error.hasSubscribers
}

/** Tells of a request that was just asked, and of its answer when it comes. */
export function traced<R>(answer: Promise<R>, message: TracedRequest): Promise<R> {
  request.start.publish(message)
  request.end.publish(message)
  const ended = (): void => {
    request.asyncStart.publish(message)
    request.asyncEnd.publish(message)
  }
  return answer.then(
    (result) => {
      ended()
      return result
    },
    (error: unknown) => {
      message.error = error
      request.error.publish(message)
      ended()
      throw error
    },
  )
}
