import type { BlueThrottleOptions, RequestThrottleOptions } from '@vivarium/core'
import type { ClientLimits } from '../clients/client-limits.ts'
import type { ServerConfig } from '../config/server-config.ts'

export function clientLimits(config: ServerConfig): ClientLimits {
  return {
    frameBytes: config.juteMaxBufferBytes,
    fieldBytes: Math.min(config.juteMaxBufferBytes + config.juteExtraSizeBytes, 2 ** 31 - 1),
    perAddress: config.maxClientCnxns,
    total: config.maxCnxns,
    outstanding: shareOf(config),
    greetingMs: config.sessionlessCnxnTimeoutMs,
    pendingBytes: config.clientPendingBytes,
    connectionWeights: {
      enabled: config.connectionThrottleWeightEnabled,
      global: config.connectionThrottleGlobalSessionWeight,
      renew: config.connectionThrottleRenewSessionWeight,
      local: config.connectionThrottleLocalSessionWeight,
    },
    requiredSchemes: config.requiredSchemes,
  }
}

/** The limit holds for all of an ensemble together (ZooKeeperServer.getGlobalOutstandingLimit in its quorum classes). */
function shareOf({ globalOutstandingLimit, ensemble }: ServerConfig): number {
  const voters = ensemble?.voters.size ?? 0
  return voters > 2 ? Math.floor(globalOutstandingLimit / (voters - 1)) : globalOutstandingLimit
}

export function throttleOptions(config: ServerConfig): BlueThrottleOptions {
  return {
    tokens: config.connectionThrottleTokens,
    fillTimeMs: config.connectionThrottleFillTimeMs,
    fillCount: config.connectionThrottleFillCount,
    freezeTimeMs: config.connectionThrottleFreezeTimeMs,
    dropIncrease: config.connectionThrottleDropIncrease,
    dropDecrease: config.connectionThrottleDropDecrease,
    decreaseRatio: config.connectionThrottleDecreaseRatio,
  }
}

export function gateOptions(config: ServerConfig): RequestThrottleOptions {
  return {
    maxRequests: config.requestThrottleMaxRequests,
    stallTimeMs: config.requestThrottleStallTimeMs,
    dropStale: config.requestThrottleDropStale,
    staleConnectionCheck: config.requestStaleConnectionCheck,
    staleLatencyCheck: config.requestStaleLatencyCheck,
    throttledOpWaitMs: config.throttledOpWaitTimeMs,
  }
}
