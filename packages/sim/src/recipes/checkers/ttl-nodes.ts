import type { Keep } from '../journal.ts'
import type { RecipeChecker } from './checker.ts'

/**
 * A znode that is kept does not end while its keeper lives and has a connection; nor, whatever becomes of that, before its TTL has
 * passed since it was touched. (That it ends afterwards, `copies` shows.)
 */
export const ttlNodes: RecipeChecker = {
  name: 'TTL nodes',
  check({ keeps }) {
    const last = new Map<string, Keep>()
    return keeps.flatMap((keep) => {
      // It may be on its way back.
      if (keep.czxid === null) return keep.isCalm ? [`${keep.path} of ${keep.who} is not there`] : []
      const before = last.get(keep.path)
      last.set(keep.path, keep)
      if (before === undefined || before.czxid === keep.czxid) return []
      const wasCalm = before.isCalm && keep.isCalm
      if (!wasCalm && keep.createdMs >= before.touchedMs + before.ttlMs) return []
      return [
        `${keep.path} of ${before.who} is another one for ${keep.who}, created ${keep.createdMs - before.touchedMs} ms after a touch`,
      ]
    })
  },
}
