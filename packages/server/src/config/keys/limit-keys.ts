import { propertyKey } from '../key.ts'
import { decimal, int, long, looseBool } from '../value-type.ts'

/** Limits on connections and requests, and how replies and syncs are batched. */
export const limitKeys = {
  globalOutstandingLimit: propertyKey(
    'globalOutstandingLimit',
    int(),
    1000,
    'Requests waiting at which reading stops.',
  ),
  connectionThrottleTokens: propertyKey(
    'connection_throttle_tokens',
    int(),
    0,
    'Size of the bucket of connections; 0: off.',
    {
      aliases: ['connectionMaxTokens'],
    },
  ),
  connectionThrottleFillTimeMs: propertyKey(
    'connection_throttle_fill_time',
    int(),
    1,
    'The bucket is refilled every so many ms.',
    {
      aliases: ['connectionTokenFillTime'],
    },
  ),
  connectionThrottleFillCount: propertyKey('connection_throttle_fill_count', int(), 1, 'Tokens added each time.', {
    aliases: ['connectionTokenFillCount'],
  }),
  connectionThrottleFreezeTimeMs: propertyKey(
    'connection_throttle_freeze_time',
    int(),
    -1,
    'Time in ms between changes of the probability to drop a connection; -1: none are dropped by chance.',
    { aliases: ['connectionFreezeTime'] },
  ),
  connectionThrottleDropIncrease: propertyKey(
    'connection_throttle_drop_increase',
    decimal(0, 1),
    0.02,
    'By how much that probability rises while the bucket is empty.',
    { aliases: ['connectionDropIncrease'] },
  ),
  connectionThrottleDropDecrease: propertyKey(
    'connection_throttle_drop_decrease',
    decimal(0, 1),
    0.002,
    'By how much it falls otherwise.',
    { aliases: ['connectionDropDecrease'] },
  ),
  connectionThrottleDecreaseRatio: propertyKey(
    'connection_throttle_decrease_ratio',
    decimal(0, 1),
    0,
    'Share of tokens taken below which it falls.',
    { aliases: ['connectionDecreaseRatio'] },
  ),
  connectionThrottleWeightEnabled: propertyKey(
    'connection_throttle_weight_enabled',
    looseBool,
    false,
    'Let a connection cost tokens by the kind of its session.',
  ),
  connectionThrottleGlobalSessionWeight: propertyKey(
    'connection_throttle_global_session_weight',
    int(1),
    3,
    'Tokens for a new session.',
  ),
  connectionThrottleRenewSessionWeight: propertyKey(
    'connection_throttle_renew_session_weight',
    int(1),
    2,
    'Tokens for a session that comes back.',
  ),
  connectionThrottleLocalSessionWeight: propertyKey(
    'connection_throttle_local_session_weight',
    int(1),
    1,
    'Tokens for a local session; the other weights must not be less.',
  ),
  requestThrottleMaxRequests: propertyKey(
    'request_throttle_max_requests',
    int(),
    0,
    'Requests in the pipeline; 0: no limit.',
    {
      aliases: ['requestThrottleLimit'],
    },
  ),
  requestThrottleStallTimeMs: propertyKey(
    'request_throttle_stall_time',
    int(),
    100,
    'How long in ms a request waits for room.',
    {
      aliases: ['requestThrottleStallTime'],
    },
  ),
  requestThrottleDropStale: propertyKey(
    'request_throttle_drop_stale',
    looseBool,
    true,
    'Drop requests that are stale.',
    {
      aliases: ['requestThrottleDropStale'],
    },
  ),
  requestStaleConnectionCheck: propertyKey(
    'request_stale_connection_check',
    looseBool,
    true,
    'A request is stale when its connection is closed.',
    { aliases: ['requestStaleConnectionCheck'] },
  ),
  requestStaleLatencyCheck: propertyKey(
    'request_stale_latency_check',
    looseBool,
    false,
    'A request is stale when it has waited longer than the timeout of its session.',
    { aliases: ['requestStaleLatencyCheck'] },
  ),
  throttledOpWaitTimeMs: propertyKey(
    'throttled_op_wait_time',
    int(),
    0,
    'A request that waited longer, in ms, is answered with THROTTLEDOP; 0: off.',
    { aliases: ['throttledOpWaitTime'] },
  ),
  clientPendingBytes: propertyKey(
    'client.maxPendingBytes',
    int(1),
    67_108_864,
    'Bytes of replies and events that a client may leave untaken; beyond, it is closed, and no answer is longer. Not one of Java.',
  ),
  clientWatches: propertyKey(
    'client.maxWatches',
    int(0),
    0,
    'Paths that a client may watch; for one more it is answered with QUOTAEXCEEDED. 0: any number. Not one of Java.',
  ),
  largeRequestMaxBytes: propertyKey(
    'largeRequestMaxBytes',
    int(),
    104_857_600,
    'Bytes of large requests that may be under way.',
  ),
  largeRequestThreshold: propertyKey(
    'largeRequestThreshold',
    int(),
    -1,
    'Bytes from which a request is large; -1: none is.',
  ),
  requestThrottlerShutdownTimeoutMs: propertyKey(
    'request_throttler.shutdownTimeout',
    int(),
    10_000,
    'How long in ms a server that stops waits for requests that wait for room.',
  ),
  flushDelayMs: propertyKey('flushDelay', long(0), 0, 'How long in ms a sync of the log may wait for more to sync.'),
  maxWriteQueuePollTimeMs: propertyKey(
    'maxWriteQueuePollTime',
    long(-1),
    -1,
    'With flushDelay: how long in ms a sync waits without a further write; -1: a third of flushDelay.',
  ),
  maxBatchSize: propertyKey(
    'maxBatchSize',
    int(),
    1000,
    'With flushDelay: transactions from which a sync waits no longer.',
  ),
} as const
