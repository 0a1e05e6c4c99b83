import type { Log } from '@vivarium/env'

/** One line a second tells as much as one for each. */
const LOG_INTERVAL_MS = 1000

/** Says why somebody was turned away before anything was asked. @param whom `client` */
export function refusalLog(
  whom: string,
  log: Log,
  monotonicMs: () => number,
): (reason: string, address: string) => void {
  let loggedMs = Number.NEGATIVE_INFINITY
  return (reason, address) => {
    const nowMs = monotonicMs()
    if (nowMs - loggedMs < LOG_INTERVAL_MS) return
    loggedMs = nowMs
    log.warn(`Refused a ${whom}: ${reason}.`, { address })
  }
}
