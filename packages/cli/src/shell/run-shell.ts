import { ArgumentError } from '@vivarium/client'
import { findCommand } from './commands/index.ts'
import { CliError } from './failure.ts'
import { interact } from './interactive.ts'
import { type Invocation, parseInvocation, SHELL } from './invocation.ts'
import { type Output, Shell } from './shell.ts'

/** Whether these words are for the shell: options of zkCli's, one of its commands, or `shell` for lines to be read. */
export const isForShell = ([first = '']: readonly string[]): boolean =>
  first.startsWith('-') || first === SHELL || findCommand(first) !== undefined

/** Runs one command, or the lines that come on standard input. Returns the exit code of the last. */
export async function runShell(words: readonly string[]): Promise<number> {
  // Whoever read our output has seen enough.
  process.stdout.on('error', () => process.exit(0))
  try {
    const invocation = parseInvocation(words)
    return await (invocation.words.length === 0 ? interact(invocation) : runOnce(invocation, standardOutput))
  } catch (error) {
    if (!(error instanceof CliError || error instanceof ArgumentError)) throw error
    process.stderr.write(`${error.message}\n`)
    return 2
  }
}

/** Runs one command. Returns its exit code. */
export async function runOnce(invocation: Invocation, output: Output): Promise<number> {
  const command = findCommand(invocation.words[0] as string)
  // What zkCli does not have need not print what zkCli prints besides the result.
  const shell = new Shell({ ...invocation, quiet: invocation.quiet || command?.summary !== undefined }, output)
  const interrupted = (): void => void shell.interrupt()
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted)
  try {
    if (!command?.offline) await shell.start()
    await shell.execute(invocation.words)
    shell.printWatches = false
    await shell.close()
    return shell.exitCode
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted)
  }
}

const standardOutput: Output = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
}
