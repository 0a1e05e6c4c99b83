import { nodeDisk } from '@vivarium/env/node'
import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'
import { openDump } from '../transfer/dump.ts'
import { WRITE_OPTIONS, write } from './cp.ts'

export const importTree: Command = {
  name: 'import',
  usage: '[-f|-k] file path',
  summary:
    'creates at the path what a file has that was exported (- is standard input), or a snapshot; -f overwrites znodes that ' +
    'are there, -k keeps them (and so completes what was interrupted)',
  options: WRITE_OPTIONS,
  atLeast: 2,
  atMost: 2,
  async run(call) {
    const { zk, words } = call
    const [file = '', path = ''] = words
    checkPath(path)
    await write(call, zk, path, await openDump(nodeDisk, file))
  },
}
