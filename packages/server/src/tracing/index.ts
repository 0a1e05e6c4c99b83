export { type RequestSpanOptions, type RequestTracer, traceRequests } from './open-telemetry.ts'
export { type AnsweredRequest, REQUEST_CHANNEL } from './request-channel.ts'
