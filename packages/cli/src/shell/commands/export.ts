import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'
import { writeDump } from '../transfer/dump.ts'
import { Progress } from '../transfer/progress.ts'
import { ServerTree } from '../transfer/server-tree.ts'

export const exportTree: Command = {
  name: 'export',
  usage: '[-binary] path file',
  summary:
    'writes a znode with all below it to a file (- is standard output): JSON, a znode a line, or with -binary something ' +
    'small; compressed if its name ends in .gz. Ephemerals are left out',
  options: { binary: false },
  atLeast: 2,
  atMost: 2,
  async run({ zk, args, words: [path = '', file = ''], print, warn, signal }) {
    const source = new ServerTree(zk, checkPath(path))
    const progress = await Progress.of(source)
    try {
      const znodes = await writeDump(source, file, args.has('binary'), signal, progress)
      progress.end()
      const { ephemerals } = source
      const skipped = ephemerals === 0 ? '' : `; ${ephemerals} ephemerals were left out`
      // Standard output may be the dump itself.
      if (file === '-') warn(`${znodes} znodes${skipped}`)
      else print(`${znodes} znodes${skipped}`, { znodes, ephemeralsSkipped: ephemerals })
    } catch (error) {
      progress.end()
      warn(`${file} is a part only.`)
      throw error
    }
  },
}
