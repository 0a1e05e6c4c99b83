import { Barrier } from '@vivarium/client/recipes'
import type { Passage } from '../journal.ts'
import { attempt, isExpected, type Turns, type Workload } from './workload.ts'

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
      await zk.sync('/') // What was closed before this is seen to be closed.
      const passage: Passage = { barrier: PATH, who, fromMs: nowMs(), toMs: null }
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
