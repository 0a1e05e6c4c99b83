import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'

export const deleteOne: Command = {
  name: 'delete',
  usage: '[-v version] path',
  options: { v: true },
  atLeast: 1,
  async run({ zk, args, words, warn }) {
    if (words.length > 1) {
      warn("'delete path [version]' has been deprecated. Please use 'delete [-v version] path' instead.")
    }
    await zk.delete(checkPath(words[0] as string), { version: args.int('v') })
  },
}
