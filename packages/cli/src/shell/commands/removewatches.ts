import type { WatcherTypeName } from '@vivarium/client'
import { KeeperError } from '@vivarium/client'
import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'
import type { Arguments } from '../options.ts'

const BY_OPTION = { c: 'Children', d: 'Data', p: 'Persistent', r: 'PersistentRecursive', a: 'Any' } as const
/** What zkCli's watcher is told for each kind that goes. */
const REMOVED = {
  Children: 'ChildWatchRemoved',
  Data: 'DataWatchRemoved',
  Persistent: 'PersistentWatchRemoved',
  PersistentRecursive: 'PersistentWatchRemoved',
} as const
type Kind = keyof typeof REMOVED

export const removewatches: Command = {
  name: 'removewatches',
  usage: 'path [-c|-d|-a] [-l]',
  options: { c: false, d: false, p: false, r: false, a: false, l: false },
  atLeast: 1,
  async run({ zk, shell, args, words: [path = ''] }) {
    const type = typeOf(args)
    checkPath(path)
    const kinds = (type === 'Any' ? Object.keys(REMOVED) : [type]) as Kind[]
    const present = await Promise.all(kinds.map((kind) => zk.checkWatches(path, kind)))
    await zk.removeWatches(path, type, { local: args.has('l') }).catch((error) => {
      if (!args.has('l') || !KeeperError.is(error, 'CONNECTIONLOSS')) throw error
    })
    for (const [i, kind] of kinds.entries()) if (present[i]) shell.tell(REMOVED[kind], path)
  },
}

function typeOf(args: Arguments): WatcherTypeName {
  for (const [option, type] of Object.entries(BY_OPTION)) if (args.has(option)) return type
  return 'Any'
}
