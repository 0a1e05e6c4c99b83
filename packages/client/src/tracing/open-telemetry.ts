import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { KeeperError, ZooKeeperError } from '@vivarium/protocol'
import type { TracedRequest } from '../diagnostics.ts'

/** What is used of a `Span` of `@opentelemetry/api`. */
export interface RequestSpan {
  setAttribute(name: string, value: string): unknown
  setStatus(status: { code: number; message?: string }): unknown
  end(): void
}

/** What is used of a `Tracer` of `@opentelemetry/api`, which whoever traces brings along. */
export interface RequestTracer {
  startSpan(name: string, options: RequestSpanOptions): RequestSpan
}

export interface RequestSpanOptions {
  /** `SpanKind.CLIENT`. */
  kind: number
  attributes: Record<string, string>
}

const CLIENT_KIND = 2
/** `SpanStatusCode.ERROR`. */
const FAILED = 2
const START = 'tracing:vivarium:client:request:start'
const END = 'tracing:vivarium:client:request:asyncEnd'

/**
 * Makes a span of each request of all clients, `zookeeper.getData` and so on, from when it is asked for to its answer, as a
 * child of the span in which it is asked. Errors that are answers, as NONODE, are attributes: others make the span one that
 * has failed. Paths are left out.
 *
 * @returns ends it
 * @example
 * import { trace } from '@opentelemetry/api'
 * import { traceRequests } from '@vivarium/client/tracing'
 * const stop = traceRequests(trace.getTracer('my-program'))
 */
export function traceRequests(tracer: RequestTracer): () => void {
  const spans = new WeakMap<object, RequestSpan>()
  const started = (message: unknown): void => {
    const { client, operation } = message as TracedRequest
    const attributes = { 'zookeeper.client': client }
    spans.set(message as TracedRequest, tracer.startSpan(`zookeeper.${operation}`, { kind: CLIENT_KIND, attributes }))
  }
  const ended = (message: unknown): void => {
    const span = spans.get(message as TracedRequest)
    if (span === undefined) return
    const { error } = message as TracedRequest
    if (error !== undefined) tellError(span, error)
    span.end()
  }
  subscribe(START, started)
  subscribe(END, ended)
  return () => {
    unsubscribe(START, started)
    unsubscribe(END, ended)
  }
}

function tellError(span: RequestSpan, error: unknown): void {
  if (error instanceof ZooKeeperError) span.setAttribute('zookeeper.error', error.code)
  if (KeeperError.is(error) && error.kind === 'answer') return
  span.setStatus({ code: FAILED, message: error instanceof Error ? error.message : String(error) })
}
