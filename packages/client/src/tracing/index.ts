export type { TracedRequest } from '../diagnostics.ts'
export { type RequestSpan, type RequestSpanOptions, type RequestTracer, traceRequests } from './open-telemetry.ts'
