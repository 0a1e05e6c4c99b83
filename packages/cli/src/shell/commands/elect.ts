import { hostname } from 'node:os'
import { LeaderLatch } from '@vivarium/client/recipes'
import { type Command, usageError } from '../command.ts'
import { CliError, checkPath } from '../failure.ts'
import { runProgram } from '../run-program.ts'

export const elect: Command = {
  name: 'elect',
  usage: '[-id name] path -- command [args…]',
  summary:
    'runs a program while it is the leader of those who take part at the path, ends it should that be in doubt, and runs it ' +
    'again when it leads again; done once the program ends by itself',
  options: { id: true },
  atLeast: 2,
  async run({ zk, args, words: [path = '', program = '', ...rest], signal, warn, shell }) {
    if (program === '') throw usageError(elect)
    const id = args.value('id') ?? `${hostname()}:${process.pid}`
    await using latch = new LeaderLatch(zk, checkPath(path), { id })
    for (;;) {
      const leadership = await latch.leadership({ signal })
      if (!shell.quiet) warn(`${id} leads`)
      const code = await runProgram(
        program,
        rest,
        AbortSignal.any([leadership.signal, signal]),
        String(leadership.token),
      )
      if (leadership.signal.aborted && !signal.aborted) {
        if (!shell.quiet) warn(`${id} leads no more`)
        continue
      }
      if (code !== 0) throw new CliError('', code)
      return
    }
  },
}
