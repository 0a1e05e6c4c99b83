import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Mutex } from '@vivarium/client/recipes'
import { type Command, usageError } from '../command.ts'
import { CliError, checkPath } from '../failure.ts'

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

/** Runs a program with our standard streams; SIGTERM once the signal aborts. Returns its exit code, as shells count. */
function runProgram(program: string, args: readonly string[], signal: AbortSignal, token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, VIVARIUM_FENCING_TOKEN: token }
    const child = spawn(program, args, { stdio: 'inherit', env })
    const stop = (): void => void child.kill('SIGTERM')
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    child.on('error', (error) => reject(new CliError(`${program}: ${error.message}`, 127)))
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop)
      resolve(code ?? 128 + (killedBy === null ? 0 : constants.signals[killedBy]))
    })
  })
}
