/** Marks a container among the owners of znodes (EphemeralType.CONTAINER): no session may have it as its id. */
const CONTAINER_OWNER = -(1n << 63n)

/**
 * The first session id that a server gives out after a start; the following ones count up from it. The top byte is the
 * server's id, the next five are from the clock, so that ids of an earlier run are not given out again.
 *
 * Inherited from SessionTrackerImpl.initializeNextSessionId.
 *
 * @param serverId 0 to 255; from 128 on the ids are negative
 * @param timeMs milliseconds of the clock, an integer
 */
export function firstSessionId(serverId: number, timeMs: number): bigint {
  const clock = BigInt.asUintN(64, BigInt(Math.floor(timeMs)) << 24n) >> 8n
  const id = BigInt.asIntN(64, clock | (BigInt(serverId) << 56n))
  return id === CONTAINER_OWNER ? id + 1n : id
}
