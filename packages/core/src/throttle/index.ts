export { BlueThrottle, type BlueThrottleOptions, DEFAULT_BLUE_THROTTLE } from './blue-throttle.ts'
export {
  type ConnectionWeights,
  connectionCost,
  DEFAULT_CONNECTION_WEIGHTS,
  effectiveWeights,
  weighted,
} from './connection-weights.ts'
export { LargeRequests } from './large-requests.ts'
export { DEFAULT_OUTSTANDING_LIMIT, outstandingLimit, shouldPause } from './outstanding-limit.ts'
export {
  DEFAULT_REQUEST_THROTTLE,
  RequestThrottle,
  type RequestThrottleOptions,
  type RequestThrottlePort,
  type ThrottledRequest,
} from './request-throttle.ts'
