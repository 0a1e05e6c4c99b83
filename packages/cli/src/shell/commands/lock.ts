import { Mutex } from '@vivarium/client/recipes'
import { type Command, usageError } from '../command.ts'
import { CliError, checkPath } from '../failure.ts'
import { runProgram } from '../run-program.ts'

export const lock: Command = {
  name: 'lock',
  usage: 'path -- command [args…]',
  summary: 'runs a program while it has the lock at the path, and ends it should the lock be in doubt',
  atLeast: 2,
  async run({ zk, words: [path = '', program = '', ...args], signal }) {
    if (program === '') throw usageError(lock)
    const code = await new Mutex(zk, checkPath(path)).run(
      (held) => runProgram(program, args, AbortSignal.any([held.signal, signal]), String(held.token)),
      { signal },
    )
    if (code !== 0) throw new CliError('', code)
  },
}
