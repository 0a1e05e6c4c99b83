import type { Holding } from '@vivarium/client/recipes'
import { Mutex, requestRevocation } from '@vivarium/client/recipes'
import { certainty, ended } from './locks.ts'
import { attempt, type Context, isExpected, type Turns, type Workload } from './workload.ts'

const LOCK = '/locks/revocable'

/** Who holds the lock keeps it until it is asked for it, and who wants it asks. */
export const revocableLock: Workload = {
  name: 'revocable lock',
  emptied: [LOCK],
  begin(context): Turns {
    const { zk, who, random, pause, recorder, nowMs } = context
    const lock = new Mutex(zk, LOCK, certainty(context))
    return {
      turn: (isLast) =>
        attempt(isLast, context, async () => {
          const wait = new AbortController()
          void ask(lock, context, wait.signal)
          const holding = await lock.acquire().finally(() => wait.abort())
          recorder.hold(LOCK, 'one', who, holding)
          const { path, revocation } = holding
          const revoked = (): void => void recorder.revocations.push({ path, who, atMs: nowMs() })
          if (revocation.aborted) revoked()
          else revocation.addEventListener('abort', revoked, { once: true })
          await Promise.race([ended(holding), ended({ signal: revocation }), alone(lock, holding, context)])
          await pause(random.between(0, 100))
          await holding.release()
        }),
      end: () => Promise.resolve(),
    }
  },
}

/** Asks whoever holds it, again and again. */
async function ask(lock: Mutex, { zk, random, pause, recorder, nowMs }: Context, signal: AbortSignal): Promise<void> {
  for (;;) {
    await pause(random.between(50, 500))
    if (signal.aborted) return
    await unlessExpected(async () => {
      const [holder] = await lock.contenders()
      if (holder === undefined || signal.aborted) return
      recorder.revocationRequests.push({ path: holder.path, atMs: nowMs() })
      await requestRevocation(zk, holder.path)
    })
  }
}

/** Until nobody else wants it, who might ask. */
async function alone(lock: Mutex, holding: Holding, { pause }: Context): Promise<void> {
  let others = 1
  while (holding.isHeld && others > 0) {
    await pause(500)
    await unlessExpected(async () => {
      others = (await lock.contenders()).length - 1
    })
  }
}

async function unlessExpected(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isExpected(error)) throw error
  }
}
