import { nodeDisk } from '@vivarium/env/node'
import { type Command, usageError } from '../command.ts'
import { CliError, checkPath } from '../failure.ts'
import { compareTrees, differenceText } from '../transfer/compare-trees.ts'
import { openDump } from '../transfer/dump.ts'
import { ServerTree } from '../transfer/server-tree.ts'

export const diff: Command = {
  name: 'diff',
  usage: '[-to server | -file file] path [path]',
  summary:
    'compares a znode and all below it with another path, with other servers, or with what was exported or a snapshot: data and ' +
    'ACLs; < is only here, > only there, ! differs. The exit code is 1 if anything does',
  options: { to: true, file: true },
  atLeast: 1,
  atMost: 2,
  async run({ zk, shell, args, words: [left = '', right], print, signal }) {
    const chosen = args.oneOf(['to', 'file'])
    if (chosen === undefined ? right === undefined : chosen === 'file' && right !== undefined) throw usageError(diff)
    const ours = new ServerTree(zk, checkPath(left))
    const file = args.value('file')
    const to = args.value('to')
    const other = to === undefined ? null : await shell.connectElsewhere(to)
    try {
      const theirs =
        file === undefined ? new ServerTree(other ?? zk, checkPath(right ?? left)) : await openDump(nodeDisk, file)
      const { differences } = await compareTrees(ours, theirs, signal)
      for (const difference of differences) print(differenceText(difference), difference)
      if (differences.length > 0) throw new CliError('')
    } finally {
      await other?.close()
    }
  },
}
