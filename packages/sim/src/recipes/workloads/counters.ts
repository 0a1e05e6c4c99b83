import { AtomicLong, SequenceGenerator, SharedCounter } from '@vivarium/client/recipes'
import type { Addition } from '../journal.ts'
import { attempt, type Context, outcomeOf, type Turns, type Workload } from './workload.ts'

function counter(name: string, thing: string, open: (context: Context) => Counter): Workload {
  return {
    name,
    emptied: [],
    begin(context): Turns {
      const { add } = open(context)
      const { who, recorder } = context
      return {
        async turn() {
          const addition: Addition = { thing, who, outcome: 'in doubt', after: null }
          recorder.additions.push(addition) // In doubt, should it be killed meanwhile.
          try {
            addition.after = await add()
            addition.outcome = 'done'
          } catch (error) {
            addition.outcome = outcomeOf(error)
          }
        },
        end: () => Promise.resolve(),
      }
    },
    async audit(context) {
      const { get } = open(context)
      if (get !== null) await attempt(true, context, async () => void context.recorder.sums.set(thing, await get()))
    },
  }
}

interface Counter {
  readonly add: () => Promise<number>
  /** Null: there may be gaps. */
  readonly get: (() => Promise<number>) | null
}

export const atomicLong = counter('atomic long', '/counters/long', ({ zk }) => {
  const long = new AtomicLong(zk, '/counters/long')
  return { add: async () => Number((await long.add(1n)).after), get: async () => Number(await long.get()) }
})

export const sharedCounter = counter('shared counter', '/counters/shared', ({ zk }) => {
  const shared = new SharedCounter(zk, '/counters/shared')
  return { add: () => shared.add(1), get: () => shared.get() }
})

/** Numbers that nobody gets twice; of a block some may be lost. */
export const sequence = counter('sequence generator', '/counters/sequence', ({ zk, random }) => {
  const sequence = new SequenceGenerator(zk, '/counters/sequence', { blockSize: random.int(1, 5) })
  return { add: async () => Number(await sequence.next()), get: null }
})
