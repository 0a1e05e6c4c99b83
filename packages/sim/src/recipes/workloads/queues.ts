import { DelayQueue, PriorityQueue, Queue, WorkQueue } from '@vivarium/client/recipes'
import type { Put, Take } from '../journal.ts'
import { attempt, type Context, outcomeOf, type Turns, type Workload } from './workload.ts'

async function put({ recorder, who }: Context, queue: string, number: number, work: (item: string) => Promise<void>) {
  const entry: Put = { queue, item: `${who}/${number}`, outcome: 'in doubt' }
  recorder.puts.push(entry) // In doubt, should it be killed meanwhile.
  try {
    await work(entry.item)
    entry.outcome = 'done'
  } catch (error) {
    entry.outcome = outcomeOf(error)
  }
}

async function take({ recorder, who }: Context, queue: string, work: (entry: Take) => Promise<string | null>) {
  const entry: Take = { queue, who, item: null, outcome: 'in doubt' }
  recorder.takes.push(entry)
  try {
    entry.item = await work(entry)
    entry.outcome = entry.item === null ? 'not done' : 'done'
  } catch (error) {
    entry.outcome = outcomeOf(error)
  }
}

/** A queue without acknowledgements, as a workload uses it. */
interface PlainQueue {
  put(item: string): Promise<void>
  poll(): Promise<Buffer | null>
  take(options: { readonly timeoutMs: number }): Promise<Buffer>
}

/** Items out of which each is taken once: those of whom nobody can say who has taken them are lost. */
function plain(name: string, path: string, open: (context: Context) => PlainQueue): Workload {
  return {
    name,
    emptied: [],
    begin(context): Turns {
      const queue = open(context)
      const { random } = context
      let items = 0
      return {
        async turn(isLast) {
          if (isLast || random.chance(0.5)) return await put(context, path, ++items, (item) => queue.put(item))
          const timeoutMs = random.between(1, 1000)
          await take(context, path, async () => {
            const data = random.chance(0.5) ? await queue.poll() : await queue.take({ timeoutMs })
            return data === null ? null : data.toString()
          })
        },
        end: () => Promise.resolve(),
      }
    },
    audit: (context) => drain(context, path, async () => (await open(context).poll())?.toString() ?? null),
  }
}

export const queue = plain('queue', '/queues/plain', ({ zk }) => new Queue(zk, '/queues/plain'))

export const priorityQueue = plain('priority queue', '/queues/priority', ({ zk, random }) => {
  const queue = new PriorityQueue(zk, '/queues/priority')
  return {
    put: (item) => queue.put(item, random.int(-3, 3)),
    poll: () => queue.poll(),
    take: (options) => queue.take(options),
  }
})

/** Nobody gets an item before its time, by the clock of its machine. The clocks differ by minutes. */
export const delayQueue = plain('delay queue', '/queues/delay', ({ zk, random, who, recorder }) => {
  const queue = new DelayQueue(zk, '/queues/delay')
  const { clock } = zk.env
  const noted = (data: Buffer): Buffer => {
    recorder.deliveries.push({ item: data.toString(), who, atMs: clock.wallMs() })
    return data
  }
  return {
    put(item) {
      const dueMs = clock.wallMs() + random.int(-1000, 3000)
      recorder.dueMs.set(item, dueMs)
      return queue.put(item, dueMs)
    },
    poll: async () => {
      const data = await queue.poll()
      return data === null ? null : noted(data)
    },
    take: async (options) => noted(await queue.take(options)),
  }
})

const WORK = '/queues/work'

/** Items that are done once, whoever loses them on the way; while one is at an item, nobody else is. */
export const workQueue: Workload = {
  name: 'work queue',
  emptied: [`${WORK}/taken`],
  begin(context): Turns {
    const queue = new WorkQueue(context.zk, WORK)
    const { random, recorder, who, pause } = context
    let items = 0
    return {
      async turn(isLast) {
        if (isLast || random.chance(0.4)) return await put(context, WORK, ++items, (item) => queue.put(item))
        await take(context, WORK, async (entry) => {
          const timeoutMs = random.between(1, 1000)
          const work = random.chance(0.5) ? await queue.poll() : await queue.take({ timeoutMs })
          if (work === null) return null
          const item = work.data.toString()
          const hold = recorder.hold(`${WORK} ${work.name}`, 'one', who, work.holding)
          await pause(random.chance(0.2) ? random.between(300, 5000) : random.between(0, 300))
          if (random.chance(0.2)) {
            await work.giveBack()
            return null
          }
          entry.item = item // Should the answer be lost, this is the item in doubt.
          try {
            await work.done()
          } catch (error) {
            await work.giveBack()
            if ((error as { code?: string }).code !== 'OWNERSHIP_LOST') throw error
            return null // Someone else does it.
          }
          hold.robbed = false // It was itself that deleted what stood for its claim, with the item.
          return item
        })
      },
      end: () => Promise.resolve(),
    }
  },
  audit: (context) =>
    drain(context, WORK, async () => {
      const work = await new WorkQueue(context.zk, WORK).poll()
      await work?.done()
      return work?.data.toString() ?? null
    }),
}

async function drain(context: Context, queue: string, next: () => Promise<string | null>): Promise<void> {
  const left: string[] = []
  await attempt(true, context, async () => {
    for (;;) {
      const item = await next()
      if (item === null) break
      left.push(item)
    }
  })
  context.recorder.left.set(queue, left)
}
