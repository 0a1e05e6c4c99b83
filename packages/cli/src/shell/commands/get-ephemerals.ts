import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'

export const getEphemerals: Command = {
  name: 'getEphemerals',
  usage: 'path',
  async run({ zk, words: [prefix = '/'], print }) {
    const paths = await zk.getEphemerals(checkPath(prefix))
    print(`[${paths.join(', ')}]`, paths)
  },
}
