import type { ZooKeeper } from '@vivarium/client'
import type { Call, Command } from '../command.ts'
import { CliError, checkPath } from '../failure.ts'
import type { TreeSource } from '../transfer/entry.ts'
import { Progress } from '../transfer/progress.ts'
import { ServerTree } from '../transfer/server-tree.ts'
import { type Existing, Written, writeTree } from '../transfer/write-tree.ts'

/** The options of commands that write a tree. */
export const WRITE_OPTIONS = { f: false, k: false } as const

export const cp: Command = {
  name: 'cp',
  usage: '[-f|-k] [-to server] source target',
  summary:
    'copies a znode with all below it, also to other servers; -f overwrites znodes that are there, -k keeps them (and so ' +
    'completes a copy that was interrupted)',
  options: { ...WRITE_OPTIONS, to: true },
  atLeast: 2,
  atMost: 2,
  async run(call) {
    const { zk, shell, args, words } = call
    const [source = '', target = ''] = words.map((path) => checkPath(path))
    const to = args.value('to')
    if (to === undefined) refuseInside(source, target)
    const other = to === undefined ? null : await shell.connectElsewhere(to)
    try {
      await write(call, other ?? zk, target, new ServerTree(zk, source))
    } finally {
      await other?.close()
    }
  },
}

/** Refuses to copy a tree into itself. @throws {CliError} */
export function refuseInside(source: string, target: string): void {
  if (target !== source && !target.startsWith(source === '/' ? '/' : `${source}/`)) return
  throw new CliError(`${target} is inside of ${source}`)
}

/** Writes a tree, says what was done, and, should it fail, how far it came. */
export async function write(call: Call, zk: ZooKeeper, target: string, source: TreeSource): Promise<Written> {
  const { args, signal, print, warn } = call
  const option = args.oneOf(['f', 'k'])
  const existing: Existing = option === 'f' ? 'overwrite' : option === 'k' ? 'keep' : 'refuse'
  const written = new Written()
  const progress = await Progress.of(source)
  try {
    await writeTree(zk, target, source, written, { existing, signal, progress })
  } catch (error) {
    progress.end()
    if (written.znodes > 0) warn(`A part was written (${written}): the same with -k goes on.`)
    throw error
  }
  progress.end()
  const { ephemerals } = source
  const { created, overwritten, kept, bytes } = written
  const skipped = ephemerals === 0 ? '' : `; ${ephemerals} ephemerals were left out`
  print(`${written}${skipped}`, { created, overwritten, kept, bytes, ephemeralsSkipped: ephemerals })
  return written
}
