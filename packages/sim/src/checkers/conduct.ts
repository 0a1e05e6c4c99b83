import type { Checker } from './violation.ts'

/** Faults after which the server may say that something is wrong, may stop, or may not start. */
const DAMAGE = ['bit rot', 'misplaced sector', 'lying disk']
const MAY_LOG = ['disk error', 'full disk', ...DAMAGE]
const MAY_STOP = ['disk error', 'clean stop', 'other configuration']
const MAY_REFUSE = ['disk error', ...DAMAGE]
/** A server that has nothing begins with a snapshot of that, and one with a new zoo.cfg by copying it: not without any room. */
const NO_ROOM = /(first snapshot could not|zoo\.cfg\.bak cannot) be written.*: ENOSPC/

/** The server never throws, speaks the protocol, and complains only of what is the case. */
export const conduct: Checker = {
  name: 'conduct',
  check: ({ crashes, protocolErrors, incidents, faults }) => {
    const among = (names: readonly string[]): boolean => names.some((one) => faults.includes(one))
    const found = [...crashes, ...protocolErrors]
    for (const { kind, text, ms } of incidents) {
      const allowed =
        kind === 'error logged'
          ? among(MAY_LOG)
          : kind === 'stopped'
            ? among(MAY_STOP)
            : kind !== 'refused' || among(NO_ROOM.test(text) ? [...MAY_REFUSE, 'full disk'] : MAY_REFUSE)
      if (!allowed) found.push(`at ${ms.toFixed(1)} ms, without a cause: ${text}`)
    }
    return found
  },
}
