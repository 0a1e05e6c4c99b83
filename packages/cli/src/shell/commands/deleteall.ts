import { Op } from '@vivarium/client'
import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'
import { listSubtree } from '../subtree.ts'

const DEFAULT_BATCH = 1000
/** How many batches are on their way at a time. */
const BATCHES_AT_ONCE = 10

export const deleteall: Command = {
  name: 'deleteall',
  usage: 'path [-b batch size]',
  options: { b: true },
  atLeast: 1,
  async run({ zk, args, words: [path = ''], warn }) {
    const batch = args.int('b') ?? DEFAULT_BATCH
    const paths = (await listSubtree(zk, checkPath(path))).reverse()
    if (batch <= 0) {
      for (const each of paths) await zk.delete(each)
      return
    }
    for (let from = 0; from < paths.length; from += batch * BATCHES_AT_ONCE) {
      const batches: Promise<unknown>[] = []
      for (let at = from; at < Math.min(paths.length, from + batch * BATCHES_AT_ONCE); at += batch) {
        batches.push(zk.multi(paths.slice(at, at + batch).map((each) => Op.delete(each))))
      }
      const outcomes = await Promise.allSettled(batches)
      if (outcomes.some(({ status }) => status === 'rejected')) {
        return warn('Failed to delete some node(s) in the subtree!')
      }
    }
  },
}
