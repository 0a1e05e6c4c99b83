import { Op } from '@vivarium/client'
import {
  type Holding,
  type LockOptions,
  MultiLock,
  Mutex,
  ReadWriteLock,
  Semaphore,
  SetPartitioner,
  type Share,
  WaitTimeoutError,
} from '@vivarium/client/recipes'
import type { HoldKind } from '../journal.ts'
import { attempt, type Context, isExpected, type Turns, type Workload } from './workload.ts'

const LEASES = 2
/** Longer than sessions live without a connection. */
const LONG_MS = 6000

/** Holds for a while, or for as long as it is told that it may; sometimes writes under guard. */
async function inside(thing: string, kind: HoldKind, holding: Holding, context: Context): Promise<void> {
  const { recorder, who, random, pause } = context
  recorder.hold(thing, kind, who, holding)
  await (random.chance(0.2) ? Promise.race([pause(LONG_MS), ended(holding)]) : pause(random.between(0, 400)))
  if (random.chance(0.3)) {
    try {
      await holding.guard([Op.setData('/guarded', who)])
    } catch (error) {
      if (!isExpected(error)) throw error
    }
  }
  await holding.release()
}

/** Until the signal says so. */
export function ended({ signal }: { readonly signal: AbortSignal }): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** Waits for as long as it takes, or for a time that may be too short; in the last turn for as long as it takes. */
async function contended<T = Holding>(
  isLast: boolean,
  context: Context,
  acquire: (options: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal }) => Promise<T | null>,
  use: (held: T) => Promise<void>,
): Promise<void> {
  const { random, isPatient } = context
  await attempt(isLast, context, async () => {
    const holding = await acquire(
      !isLast && !isPatient && random.chance(0.3) ? { timeoutMs: random.between(1, 1500) } : {},
    )
    if (holding !== null) await use(holding)
  })
}

export function certainty(context: Context): Pick<LockOptions, 'certainty'> {
  return { certainty: context.random.pick(['suspended', 'lost'] as const) }
}

const guarded = async (context: Context): Promise<void> => {
  await attempt(true, context, () => context.zk.ensurePath('/guarded', { acrossSessions: true }))
}

const nothing = (): Promise<void> => Promise.resolve()

export const mutex: Workload = {
  name: 'mutex',
  emptied: ['/locks/mutex'],
  async begin(context): Promise<Turns> {
    await guarded(context)
    const lock = new Mutex(context.zk, '/locks/mutex', certainty(context))
    return {
      turn: (isLast) =>
        contended(
          isLast,
          context,
          (options) => (!isLast && context.random.chance(0.2) ? lock.tryAcquire(options) : lock.acquire(options)),
          (holding) => inside('/locks/mutex', 'one', holding, context),
        ),
      end: nothing,
    }
  },
}

export const readWriteLock: Workload = {
  name: 'read-write lock',
  emptied: ['/locks/rw'],
  async begin(context): Promise<Turns> {
    await guarded(context)
    const lock = new ReadWriteLock(context.zk, '/locks/rw', certainty(context))
    return {
      turn: (isLast) => {
        const kind = context.random.pick(['read', 'read', 'write'] as const)
        return contended(
          isLast,
          context,
          (options) => (kind === 'read' ? lock.acquireRead(options) : lock.acquireWrite(options)),
          (holding) => inside('/locks/rw', kind, holding, context),
        )
      },
      end: nothing,
    }
  },
}

export const semaphore: Workload = {
  name: 'semaphore',
  emptied: ['/locks/semaphore/locks', '/locks/semaphore/leases'],
  async begin(context): Promise<Turns> {
    await guarded(context)
    context.recorder.leases.set('/locks/semaphore', LEASES)
    const lock = new Semaphore(context.zk, '/locks/semaphore', { leases: LEASES, ...certainty(context) })
    return {
      turn: (isLast) =>
        contended(
          isLast,
          context,
          (options) => lock.acquire(options),
          (holding) => inside('/locks/semaphore', 'lease', holding, context),
        ),
      end: nothing,
    }
  },
}

const BOTH = ['/locks/from', '/locks/to'] as const

/** Two locks at once, named in either order. */
export const multiLock: Workload = {
  name: 'multi-lock',
  emptied: BOTH,
  begin(context): Turns {
    const { zk, random, recorder, who, pause } = context
    return {
      turn: (isLast) => {
        const paths = random.chance(0.5) ? BOTH : BOTH.toReversed()
        const lock = new MultiLock(
          zk,
          paths.map((path) => new Mutex(zk, path, certainty(context))),
        )
        return contended(
          isLast,
          context,
          (options) => lock.acquire(options),
          async (held) => {
            for (const [at, holding] of held.holdings.entries()) recorder.hold(paths[at] as string, 'one', who, holding)
            await (random.chance(0.2) ? Promise.race([pause(LONG_MS), ended(held)]) : pause(random.between(0, 400)))
            await held.release()
          },
        )
      },
      end: nothing,
    }
  },
}

const PARTS = ['a', 'b', 'c'] as const
const PARTITIONS = '/partitions'

/** A set that is divided anew whenever someone comes or goes; each item is someone's alone. */
export const setPartitioner: Workload = {
  name: 'set partitioner',
  emptied: [`${PARTITIONS}/party`, ...PARTS.map((part) => `${PARTITIONS}/locks/${part}`)],
  begin(context): Turns {
    const { zk, who, random, pause, recorder, isPatient } = context
    const options = { id: who, settleMs: random.int(0, 500), ...certainty(context) }
    const partitioner = new SetPartitioner(zk, PARTITIONS, PARTS, options)
    const use = async (share: Share): Promise<void> => {
      for (const [item, lock] of share.locks) recorder.hold(`${PARTITIONS}/${item}`, 'one', who, lock)
      await Promise.race([pause(random.between(0, 2000)), ended(share)])
    }
    return {
      turn: (isLast) =>
        attempt(isLast, context, async () => {
          const end = new AbortController()
          const patienceMs = random.between(500, 4000)
          if (!isLast && !isPatient)
            void pause(patienceMs).then(() => end.abort(new WaitTimeoutError(PARTITIONS, patienceMs)))
          for await (const share of partitioner.shares({ signal: end.signal })) {
            await use(share)
            if (isLast || isPatient || random.chance(0.5)) break
          }
        }),
      end: nothing,
    }
  },
}
