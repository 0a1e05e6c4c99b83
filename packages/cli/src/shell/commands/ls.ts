import type { Command } from '../command.ts'
import { usageError } from '../command.ts'
import { checkPath } from '../failure.ts'
import { statText, statValue } from '../format/stat.ts'
import { visitSubtree } from '../subtree.ts'

const HELP = `usage: ls [options] path
 -?   help
 -R   recurse
 -s   stat
 -w   watch`

export const ls: Command = {
  name: 'ls',
  usage: '[-s] [-w] [-R] path',
  options: { '?': false, s: false, w: false, R: false },
  async run({ zk, args, words, watcher, print, warn }) {
    if (args.has('?')) print(HELP, HELP)
    if (words.length > 1) warn("'ls path [watch]' has been deprecated. Please use 'ls [-w] path' instead.")
    if (words[0] === undefined) throw usageError(ls)
    const path = checkPath(words[0])
    const told = args.has('w') || words.length > 1 ? watcher : undefined
    if (args.has('R')) return await visitSubtree(zk, path, told, (at) => print(at, at))
    const { children, stat } = await zk.getChildren2(path, { watcher: told })
    const list = `[${children.sort().join(', ')}]`
    if (args.has('s')) print(`${list}\n${statText(stat)}`, { children, stat: statValue(stat) })
    else print(list, children)
  },
}
