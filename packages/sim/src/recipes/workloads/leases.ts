import { TimedLease } from '@vivarium/client/recipes'
import type { LeaseCall } from '../journal.ts'
import { attempt, type Context, outcomeOf, type Turns, type Workload } from './workload.ts'

const LEASE = '/leases/nightly'

/** Everyone wants a lease for a while, by the clock of its machine, and some give it up before its time. */
export const timedLease: Workload = {
  name: 'timed lease',
  emptied: [LEASE],
  begin(context): Turns {
    const { zk, who, random, isPatient } = context
    const lease = new TimedLease(zk, LEASE, { holder: who })
    return {
      async turn(isLast) {
        const options = isLast || isPatient || random.chance(0.7) ? {} : { timeoutMs: random.between(1, 1500) }
        const durationMs = random.int(0, 6000)
        if (random.chance(0.2)) await noted(context, async () => ((await lease.release(options)) ? 'released' : null))
        else await noted(context, () => lease.obtain(durationMs, options))
      },
      end: () => Promise.resolve(),
    }
  },
  /** Its clock is ahead of all others: every lease has run out. */
  audit: (context) =>
    attempt(true, context, async () => {
      const lease = new TimedLease(context.zk, LEASE, { holder: context.who })
      if ((await lease.obtain(60_000)) === null) context.recorder.stalled.push('a lease does not run out')
      await lease.release()
    }),
}

async function noted(
  { zk, who, recorder, nowMs }: Context,
  work: () => Promise<Date | 'released' | null>,
): Promise<void> {
  const call: LeaseCall = {
    lease: LEASE,
    who,
    askedMs: nowMs(),
    toldMs: null,
    wallMs: 0,
    untilMs: null,
    outcome: 'in doubt',
  }
  recorder.leaseCalls.push(call)
  try {
    const told = await work()
    call.outcome = told === null ? 'not done' : 'done'
    if (told instanceof Date) call.untilMs = told.getTime()
    call.toldMs = nowMs()
    call.wallMs = zk.env.clock.wallMs()
  } catch (error) {
    call.outcome = outcomeOf(error)
  }
}
