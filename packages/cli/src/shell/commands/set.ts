import type { Command } from '../command.ts'
import { CliError, checkPath } from '../failure.ts'
import { statText, statValue } from '../format/stat.ts'

export const set: Command = {
  name: 'set',
  usage: 'path data [-s] [-v version] [-b]',
  options: { s: false, v: true, b: false },
  help: ` -b         Supply data in base64 format
 -s         Print znode stats additionally
 -v <arg>   Set with an expected version
`,
  atLeast: 2,
  async run({ zk, args, words: [path = '', data = ''], print }) {
    const bytes = args.has('b') ? decode(data) : data
    const stat = await zk.setData(checkPath(path), bytes, { version: args.int('v') })
    if (args.has('s')) print(statText(stat), statValue(stat))
  },
}

function decode(text: string): Buffer {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text)) {
    throw new CliError(`${JSON.stringify(text)} is not base64`)
  }
  return Buffer.from(text, 'base64')
}
