import type { Command } from '../command.ts'
import { CliError } from '../failure.ts'

export const addauth: Command = {
  name: 'addauth',
  usage: 'scheme auth',
  atLeast: 1,
  run({ zk, words: [scheme = '', auth = ''] }) {
    // Servers refuse it, and end the session's connection for good.
    if (scheme === 'digest' && auth === '') throw new CliError('addauth digest user:password')
    return zk.addAuth(scheme, auth)
  },
}
