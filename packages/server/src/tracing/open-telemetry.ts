import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { errorCodeOf, formatZxid, OpCode, type Zxid } from '@vivarium/protocol'
import { type AnsweredRequest, REQUEST_CHANNEL } from './request-channel.ts'

/** What is used of a `Tracer` of `@opentelemetry/api`, which whoever traces brings along. */
export interface RequestTracer {
  startSpan(name: string, options: RequestSpanOptions): { end(endTime?: number): void }
}

export interface RequestSpanOptions {
  /** `SpanKind.SERVER`. */
  kind: number
  /** Milliseconds since 1970. */
  startTime: number
  attributes: Record<string, string | number>
}

const SERVER_KIND = 1
const NAMES = new Map<number, string>(Object.entries(OpCode).map(([name, opcode]) => [opcode, name]))

/**
 * Makes a span of each request that a server of this process answers, `zookeeper.getData` and so on, from its arrival to its
 * answer. Errors that clients expect, as NONODE, are attributes: they are no failures of the server. Paths are left out.
 *
 * @param tracer which spans are kept is for its sampler to say: each that is costs more than most requests do
 * @returns ends it
 * @example
 * import { trace } from '@opentelemetry/api'
 * const stop = traceRequests(trace.getTracer('vivarium'))
 */
export function traceRequests(tracer: RequestTracer): () => void {
  const told = (message: unknown): void => {
    const request = message as AnsweredRequest
    tracer.startSpan(`zookeeper.${nameOf(request)}`, spanOf(request)).end(request.wallMs)
  }
  subscribe(REQUEST_CHANNEL, told)
  return () => void unsubscribe(REQUEST_CHANNEL, told)
}

const nameOf = ({ opcode }: AnsweredRequest): string => NAMES.get(opcode) ?? `opcode${opcode}`

function spanOf({ xid, zxid, errno, latencyMs, wallMs, sessionId, address }: AnsweredRequest): RequestSpanOptions {
  return {
    kind: SERVER_KIND,
    startTime: wallMs - latencyMs,
    attributes: {
      'client.address': address,
      'zookeeper.session': `0x${BigInt.asUintN(64, sessionId).toString(16)}`,
      'zookeeper.xid': xid,
      'zookeeper.zxid': formatZxid(zxid as Zxid),
      ...(errno === 0 ? {} : { 'zookeeper.error': errorCodeOf(errno) ?? String(errno) }),
    },
  }
}
