import { KeeperError } from '@vivarium/client'
import type { Command } from '../command.ts'
import { checkPath, keeperMessage } from '../failure.ts'
import { parseAcl } from '../format/acl.ts'
import { statText, statValue } from '../format/stat.ts'
import { visitSubtree } from '../subtree.ts'

export const setAcl: Command = {
  name: 'setAcl',
  usage: '[-s] [-v version] [-R] path acl',
  options: { s: false, v: true, R: false },
  atLeast: 2,
  async run({ zk, args, words: [path = '', text = ''], print, warn }) {
    const acl = parseAcl(text, warn)
    const version = args.int('v')
    checkPath(path)
    if (acl.length === 0) throw new KeeperError('INVALIDACL')
    if (args.has('R')) {
      // A znode that refuses does not keep the others from theirs.
      return await visitSubtree(zk, path, undefined, async (at) => {
        try {
          await zk.setACL(at, acl, { version })
        } catch (error) {
          if (!(error instanceof KeeperError)) throw error
          print(keeperMessage(error), { error: error.code, path: at })
        }
      })
    }
    const stat = await zk.setACL(path, acl, { version })
    if (args.has('s')) print(statText(stat), statValue(stat))
  },
}
