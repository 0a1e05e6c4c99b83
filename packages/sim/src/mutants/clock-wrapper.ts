import type { Clock } from '@vivarium/env'

/** A clock that does as another does, but for what `changes` replaces. */
export function wrapClock(clock: Clock, changes: Partial<Clock>): Clock {
  return {
    wallMs: () => clock.wallMs(),
    monotonicMs: () => clock.monotonicMs(),
    after: (ms, fire) => clock.after(ms, fire),
    every: (ms, fire) => clock.every(ms, fire),
    soon: (fire) => clock.soon(fire),
    ...changes,
  }
}
