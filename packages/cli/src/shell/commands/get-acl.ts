import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'
import { aclText, aclValue } from '../format/acl.ts'
import { statText, statValue } from '../format/stat.ts'

export const getAcl: Command = {
  name: 'getAcl',
  usage: '[-s] path',
  options: { s: false },
  atLeast: 1,
  async run({ zk, args, words: [path = ''], print }) {
    const { acl, stat } = await zk.getACL(checkPath(path))
    if (args.has('s')) print(`${aclText(acl)}\n${statText(stat)}`, { acl: aclValue(acl), stat: statValue(stat) })
    else print(aclText(acl), aclValue(acl))
  },
}
