import { Barrier, DoubleBarrier } from '@vivarium/client/recipes'
import type { Passage, Stay } from '../journal.ts'
import { attempt, type Context, isExpected, type Turns, type Workload } from './workload.ts'

const PATH = '/barriers/plain'

/** The first participant closes and opens it; all others wait at it. */
export const barrier: Workload = {
  name: 'barrier',
  emptied: [],
  begin(context): Turns {
    const { zk, who, recorder, random, pause, nowMs } = context
    const barrier = new Barrier(zk, PATH)
    const isKeeper = who.startsWith('A.')
    const shut = async (): Promise<void> => {
      try {
        await barrier.close({ retry: true, acrossSessions: true })
      } catch (error) {
        if (!isExpected(error)) throw error
        return
      }
      recorder.closures.push({ barrier: PATH, fromMs: nowMs(), toMs: null })
      await pause(random.between(0, 1500))
    }
    const open = async (): Promise<void> => {
      for (const closure of recorder.closures) closure.toMs ??= nowMs()
      await barrier.open({ acrossSessions: true })
    }
    const wait = async (): Promise<void> => {
      const passage: Passage = { barrier: PATH, who, fromMs: nowMs(), toMs: null }
      await zk.sync('/') // What was closed before it was asked for is seen to be closed.
      recorder.passages.push(passage)
      await barrier.wait()
      passage.toMs = nowMs()
    }
    return {
      async turn(isLast) {
        if (!isKeeper) return await attempt(isLast, context, wait)
        if (!isLast) await shut()
        await attempt(true, context, open)
      },
      end: () => Promise.resolve(),
    }
  },
}

const DOUBLE = '/barriers/double'
/** Whoever comes in the same of these spans of time comes to the same barrier. */
const SPAN_MS = 2000

/** Those who come at about the same time go through a barrier together, two or more of them, or all; in the last turn, all. */
export const doubleBarrier: Workload = {
  name: 'double barrier',
  emptied: [`${DOUBLE}/last`],
  begin(context): Turns {
    const { random, crowd, nowMs } = context
    return {
      turn: (isLast) => {
        if (isLast) return goThrough(`${DOUBLE}/last`, crowd, {}, context)
        const span = Math.floor(nowMs() / SPAN_MS)
        const wait = { timeoutMs: random.between(500, 3000) }
        return goThrough(`${DOUBLE}/${span}`, span % 2 === 0 ? 2 : crowd, wait, context)
      },
      end: () => Promise.resolve(),
    }
  },
}

async function goThrough(
  path: string,
  members: number,
  wait: { readonly timeoutMs?: number },
  context: Context,
): Promise<void> {
  const { zk, who, recorder, pause, random, nowMs } = context
  const barrier = new DoubleBarrier(zk, path, { members })
  const isLast = wait.timeoutMs === undefined
  const { session } = zk
  const times = { enteredMs: null, leavingMs: null, leftMs: null, endedMs: null }
  const stay: Stay = { barrier: path, members, who, calledMs: nowMs(), ...times }
  recorder.stays.push(stay)
  const ended = (): void => {
    stay.endedMs ??= nowMs()
  }
  session?.signal.addEventListener('abort', ended)
  try {
    await attempt(isLast, context, async () => {
      await barrier.enter(wait)
      stay.enteredMs = nowMs()
    })
    if (stay.enteredMs === null) return
    // One whose session has changed on the way may be there by the znode of either.
    if (session === null || session !== zk.session) ended()
    await pause(random.between(0, 300))
    await attempt(isLast, context, async () => {
      stay.leavingMs ??= nowMs()
      await zk.sync('/') // Who had entered before it was asked for is seen.
      await barrier.leave(wait)
      stay.leftMs = nowMs()
    })
  } finally {
    session?.signal.removeEventListener('abort', ended)
  }
}
