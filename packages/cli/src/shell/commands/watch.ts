import { formatZxid } from '@vivarium/protocol'
import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'

export const watch: Command = {
  name: 'watch',
  usage: '[-R] path',
  summary: 'prints changes as they come, of all below the path with -R, until it is interrupted',
  options: { R: false },
  atLeast: 1,
  async run({ zk, args, words: [path = ''], print, signal }) {
    try {
      for await (const event of zk.watch(checkPath(path), { recursive: args.has('R'), signal })) {
        if (event.type === 'resync') print(`resync ${event.reason}`, event)
        else print(`${event.type} ${event.path} ${formatZxid(event.zxid)}`, { ...event, zxid: formatZxid(event.zxid) })
      }
    } catch (error) {
      if (!signal.aborted) throw error
    }
  },
}
