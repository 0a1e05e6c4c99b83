/** The default of `globalOutstandingLimit`. */
export const DEFAULT_OUTSTANDING_LIMIT = 1000

/**
 * How many requests one server takes on at a time. In an ensemble the limit is that of all servers together: each has
 * its share of it (LeaderZooKeeperServer.getGlobalOutstandingLimit).
 *
 * @param voters 1 for a standalone server
 */
export function outstandingLimit(globalLimit: number, voters: number): number {
  return voters > 2 ? Math.trunc(globalLimit / (voters - 1)) : globalLimit
}

/**
 * Whether to stop reading from a connection for the time being (ZooKeeperServer.shouldThrottle). One without requests
 * under way is never stopped, or it might not be started again; what has an xid of 0 or less is not counted.
 *
 * @param queued requests that wait in the request throttle
 * @param inProcess requests past it that are not answered yet
 * @param ownOutstanding those of this connection
 */
export function shouldPause(limit: number, queued: number, inProcess: number, ownOutstanding: number): boolean {
  return (queued > limit || inProcess > limit) && ownOutstanding > 0
}
