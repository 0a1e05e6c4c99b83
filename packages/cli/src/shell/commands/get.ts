import type { Command } from '../command.ts'
import { checkPath } from '../failure.ts'
import { dataValue } from '../format/data.ts'
import { hexDump } from '../format/hex-dump.ts'
import { statText, statValue } from '../format/stat.ts'

export const get: Command = {
  name: 'get',
  usage: '[-s] [-w] [-b] [-x] path',
  options: { s: false, w: false, b: false, x: false },
  help: ` -b   Output data in base64 format
 -s   Print znode stats additionally
 -w   Watch for changes on the znode
 -x   Output data in hexdump format
`,
  atLeast: 1,
  async run({ zk, args, words, watcher, print, warn }) {
    if (words.length > 1) warn("'get path [watch]' has been deprecated. Please use 'get [-s] [-w] path' instead.")
    const watch = args.has('w') || words.length > 1
    const read = await zk.getData(checkPath(words[0] as string), { watcher: watch ? watcher : undefined })
    const data = read.isNull ? Buffer.from('null') : read.data
    const text = args.has('x') ? hexDump(data) : data.toString(args.has('b') ? 'base64' : 'utf8')
    const value = args.has('b') ? { base64: read.isNull ? null : data.toString('base64') } : dataValue(read)
    if (args.has('s')) print(`${text}\n${statText(read.stat)}`, { ...value, stat: statValue(read.stat) })
    else print(text, value)
  },
}
