import { KeeperError, nameOf } from '@vivarium/client'
import { ownerKind } from '@vivarium/protocol'
import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'
import { visitSubtree } from '../subtree.ts'

export const find: Command = {
  name: 'find',
  usage: '[-name pattern] [-data text] [-e] path',
  summary: 'lists what is below a path: with such a name (* and ? stand for others), such data, ephemerals only',
  options: { name: true, data: true, e: false },
  atLeast: 1,
  async run({ zk, args, words: [path = ''], print, signal }) {
    const pattern = globOf(args.value('name') ?? '*')
    const text = args.value('data')
    const needsData = text !== undefined || args.has('e')
    await visitSubtree(zk, checkPath(path), undefined, async (at) => {
      signal.throwIfAborted()
      if (!pattern.test(nameOf(at))) return
      if (needsData) {
        const found = await zk.getData(at).catch(gone)
        if (found === null || (text !== undefined && !found.data.includes(text))) return
        if (
          args.has('e') &&
          ownerKind(found.stat.ephemeralOwner, { extendedTypes: true, emulate353: false }) !== 'EPHEMERAL'
        )
          return
      }
      print(at, at)
    })
  },
}

function globOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`, 's')
}

/** What was listed and is deleted, or may not be read, is not found. */
function gone(error: unknown): null {
  if (KeeperError.is(error, 'NONODE', 'NOAUTH')) return null
  throw error
}
