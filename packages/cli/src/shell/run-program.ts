import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { CliError } from './failure.ts'

/** Runs a program with our standard streams; SIGTERM once the signal aborts. Returns its exit code, as shells count. */
export function runProgram(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
  token: string,
): Promise<number> {
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
