import { KeeperError } from '@vivarium/client'
import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'
import { statText, statValue } from '../format/stat.ts'

export const stat: Command = {
  name: 'stat',
  usage: '[-w] path',
  options: { w: false },
  atLeast: 1,
  async run({ zk, args, words, watcher, print, warn }) {
    if (words.length > 1) warn("'stat path [watch]' has been deprecated. Please use 'stat [-w] path' instead.")
    const path = checkPath(words[0] as string)
    const found = await zk.exists(path, { watcher: args.has('w') || words.length > 1 ? watcher : undefined })
    if (found === null) throw new KeeperError('NONODE', path)
    print(statText(found), statValue(found))
  },
}
