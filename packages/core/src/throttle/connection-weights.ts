/** What a connection costs, by what it asks for: the keys `connection_throttle_*_weight` and `…_weight_enabled`. */
export interface ConnectionWeights {
  /** If not, every connection costs one token. */
  readonly enabled: boolean
  readonly global: number
  readonly renew: number
  readonly local: number
}

/** Creating a global session costs a transaction; taking one up again, a look at it; a local one, next to nothing. */
export const DEFAULT_CONNECTION_WEIGHTS: ConnectionWeights = { enabled: false, global: 3, renew: 2, local: 1 }

/**
 * The weights that are used for those that were set: one that is not positive becomes the default, and no weight is less
 * than that of a local session (the static initializer of BlueThrottle).
 */
export function effectiveWeights({ enabled, global, renew, local }: ConnectionWeights): ConnectionWeights {
  return {
    enabled,
    global: global <= 0 ? DEFAULT_CONNECTION_WEIGHTS.global : Math.max(global, local),
    renew: renew <= 0 ? DEFAULT_CONNECTION_WEIGHTS.renew : Math.max(renew, local),
    local: local <= 0 ? DEFAULT_CONNECTION_WEIGHTS.local : local,
  }
}

/**
 * The tokens that a connection request costs.
 * @param weights as {@link effectiveWeights} has made them
 * @param renews whether it names a session
 * @param localSessions whether new sessions are local ones
 */
export function connectionCost(weights: ConnectionWeights, renews: boolean, localSessions: boolean): number {
  if (!weights.enabled) return 1
  if (renews) return weights.renew
  return localSessions ? weights.local : weights.global
}

/** Sizes of the bucket are set in global sessions: with weights on, `tokens` and `fillCount` are multiplied by theirs. */
export function weighted(weights: ConnectionWeights, count: number): number {
  return weights.enabled ? weights.global * count : count
}
