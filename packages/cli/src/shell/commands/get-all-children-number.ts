import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'

export const getAllChildrenNumber: Command = {
  name: 'getAllChildrenNumber',
  usage: 'path',
  atLeast: 1,
  async run({ zk, words: [path = ''], print }) {
    const count = await zk.getAllChildrenNumber(checkPath(path))
    print(String(count), count)
  },
}
