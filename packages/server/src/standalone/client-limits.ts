import type { BlueThrottleOptions, RequestThrottleOptions } from '@vivarium/core'
import type { ClientLimits } from '../clients/clients.ts'
import type { ServerConfig } from '../config/server-config.ts'

export function clientLimits(config: ServerConfig): ClientLimits {
  return {
    frameBytes: config.juteMaxBufferBytes,
    fieldBytes: Math.min(config.juteMaxBufferBytes + config.juteExtraSizeBytes, 2 ** 31 - 1),
    perAddress: config.maxClientCnxns,
    total: config.maxCnxns,
    outstanding: config.globalOutstandingLimit,
    greetingMs: config.sessionlessCnxnTimeoutMs,
    pendingBytes: config.clientPendingBytes,
    connectionWeights: {
      enabled: config.connectionThrottleWeightEnabled,
      global: config.connectionThrottleGlobalSessionWeight,
      renew: config.connectionThrottleRenewSessionWeight,
      local: config.connectionThrottleLocalSessionWeight,
    },
    requiredSchemes: config.enforceAuthEnabled ? config.enforceAuthSchemes : null,
  }
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
