import type { Command } from '../command.ts'
import { usageError } from '../command.ts'
import { checkPath } from '../failure.ts'

const MODES = ['PERSISTENT', 'PERSISTENT_RECURSIVE']

export const addWatch: Command = {
  name: 'addWatch',
  usage:
    '[-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE] - default is PERSISTENT_RECURSIVE',
  options: { m: true },
  atLeast: 1,
  atMost: 1,
  async run({ zk, args, words: [path = ''], watcher }) {
    const mode = args.value('m')?.toUpperCase() ?? 'PERSISTENT_RECURSIVE'
    if (!MODES.includes(mode)) throw usageError(addWatch)
    await zk.addWatch(checkPath(path), watcher, { recursive: mode === 'PERSISTENT_RECURSIVE' })
  },
}
